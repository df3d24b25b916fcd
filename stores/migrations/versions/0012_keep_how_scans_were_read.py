"""Keep which blocks were recognised in a scan, with how much confidence and where on the page."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the column; blocks that are there are text that the file has as text."""
    op.add_column("blocks", sa.Column("recognised", sa.JSON(), nullable=True))
