"""Keep what people say of documents, and what a description was made with."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns; documents that are there count as not described yet."""
    for table, column in (
        ("documents", sa.Column("given", sa.JSON(), nullable=False, server_default="{}")),
        ("documents", sa.Column("described_by", sa.String(64), nullable=False, server_default="")),
        ("jobs", sa.Column("given", sa.JSON(), nullable=False, server_default="{}")),
        ("jobs", sa.Column("sidecar", sa.Text(), nullable=False, server_default="")),
    ):
        op.add_column(table, column)
