"""Describe documents: series, period in force, publication, type and tags."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns and the tags; documents that are there get the defaults."""
    for column in (
        sa.Column("series", sa.Text(), nullable=False, server_default=""),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("published", sa.Date(), nullable=True),
        sa.Column("doc_type", sa.String(length=16), nullable=False, server_default="other"),
    ):
        op.add_column("documents", column)
    op.create_index("ix_documents_tenant_series", "documents", ["tenant", "series"], unique=False)
    op.create_table(
        "document_tags",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["documents.id"],
            name="fk_document_tags_document_id_documents",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("document_id", "name", name="pk_document_tags"),
    )
    op.create_index("ix_document_tags_name", "document_tags", ["name"], unique=False)
