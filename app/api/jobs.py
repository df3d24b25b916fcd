"""`/v1/jobs`: how far an upload is."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from app.api.auth import GuardedRoute, Reader
from app.api.documented import KEYED, errors
from app.api.duplicates import duplicate_out
from app.api.schemas import JobOut
from app.api.services import ServicesDependency
from stores.access import access_filter
from stores.jobs import JobState

router = APIRouter(route_class=GuardedRoute, tags=["documents"])


@router.get(
    "/v1/jobs/{job_id}", summary="Follow an upload", responses=errors(*KEYED, "job_unknown")
)
async def get_job(
    job_id: Annotated[UUID, Path(description="id that the upload returned")],
    principal: Reader,
    services: ServicesDependency,
) -> JobOut:
    """Return a job of the key, or for an administrator any of the tenant."""
    job = await services.call(services.system.catalog.jobs.get, job_id, principal)
    if job.state != JobState.DONE:
        return JobOut.model_validate(job)
    # Looked up for whoever asks: an administrator follows jobs whose neighbours he may not read.
    copies = await services.call(
        services.system.duplicates.of, job.document_id, access_filter(principal)
    )
    found = tuple(duplicate_out(copy) for copy in copies)
    return JobOut.model_validate(job).model_copy(update={"duplicates": found})
