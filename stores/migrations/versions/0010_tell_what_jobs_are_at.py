"""Let the state of a job say what it is at, and find jobs by tenant and by document."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Put jobs that were at work back into the queue; they would be taken up again anyway."""
    jobs = sa.table("jobs", sa.column("state", sa.String))
    op.execute(jobs.update().where(jobs.c.state == "running").values(state="queued"))
    op.drop_column("jobs", "stage")
    op.create_index("ix_jobs_tenant_created_at", "jobs", ["tenant", "created_at"])
    op.create_index("ix_jobs_document_id", "jobs", ["document_id"])
