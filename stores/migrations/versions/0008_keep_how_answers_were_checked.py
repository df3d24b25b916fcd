"""Keep with the turns of conversations how their answers were checked and contradicted."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the columns; of answers that are there it is not known."""
    for name in ("sentences", "contradictions"):
        op.add_column("turns", sa.Column(name, sa.JSON(), server_default="[]", nullable=False))
