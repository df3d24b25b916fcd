"""Keep traces of answers, and a version of what a tenant's questions are answered from."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables; tenants that are there begin at version 0."""
    op.create_table(
        "content_versions",
        sa.Column("tenant", sa.String(length=63), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", name="pk_content_versions"),
    )
    op.create_table(
        "traces",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant", sa.String(length=63), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("understood_by", sa.String(length=16), nullable=False),
        sa.Column("model_call", sa.JSON(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("refusal", sa.Boolean(), nullable=False),
        sa.Column("degraded", sa.Boolean(), nullable=False),
        sa.Column("cached", sa.Boolean(), nullable=False),
        sa.Column("provenance", sa.JSON(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_traces"),
    )
    op.create_index("ix_traces_asked_at", "traces", ["asked_at"], unique=False)
    op.create_index(
        "ix_traces_tenant_asked_at_size_bytes",
        "traces",
        ["tenant", "asked_at", "size_bytes"],
        unique=False,
    )
    _create_passages()


def _create_passages() -> None:
    op.create_table(
        "trace_passages",
        sa.Column("trace_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("chunk_ids", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["trace_id"],
            ["traces.id"],
            name="fk_trace_passages_trace_id_traces",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("trace_id", "number", name="pk_trace_passages"),
    )
    op.create_index(
        "ix_trace_passages_document_id", "trace_passages", ["document_id"], unique=False
    )
