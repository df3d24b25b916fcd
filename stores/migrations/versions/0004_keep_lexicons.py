"""Keep the lexicons of tenants, and with which words a document was indexed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the lexicon; documents that are there were indexed without one."""
    op.add_column(
        "documents",
        sa.Column("words", sa.String(length=16), nullable=False, server_default=""),
    )
    op.create_table(
        "lexicon",
        sa.Column("tenant", sa.String(length=63), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("equivalents", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "entry", name="pk_lexicon"),
    )
    op.create_table(
        "lexicon_versions",
        sa.Column("tenant", sa.String(length=63), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", name="pk_lexicon_versions"),
    )
