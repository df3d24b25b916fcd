"""`/v1/jobs`: how far an upload is."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from app.api.auth import GuardedRoute, Reader
from app.api.documented import KEYED, errors
from app.api.schemas import JobOut
from app.api.services import ServicesDependency

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
    return JobOut.model_validate(
        await services.call(services.system.catalog.jobs.get, job_id, principal)
    )
