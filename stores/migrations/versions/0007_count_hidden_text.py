"""Keep how much text of a document its readers do not see."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the column; documents that are there count as having none."""
    op.add_column("documents", sa.Column("hidden", sa.JSON(), nullable=False, server_default="{}"))
