"""Keep signatures, by which near-duplicates are found, and what was decided of those."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the tables; documents that are there have no signature until one is made."""
    op.create_table(
        "document_signatures",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["documents.id"],
            name="fk_document_signatures_document_id_documents",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("document_id", name="pk_document_signatures"),
    )
    op.create_table(
        "document_bands",
        sa.Column("band", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["documents.id"],
            name="fk_document_bands_document_id_documents",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("band", "document_id", name="pk_document_bands"),
    )
    op.create_index(
        "ix_document_bands_document_id", "document_bands", ["document_id"], unique=False
    )
    op.create_table(
        "kept_duplicates",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("document_id", name="pk_kept_duplicates"),
    )
    op.create_index("ix_documents_tenant_sha256", "documents", ["tenant", "sha256"], unique=False)
