"""`/v1/jobs`: how far uploads are, and failed ones once more."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel
from sse_starlette import EventSourceResponse, ServerSentEvent

from app.api.auth import GuardedRoute, Reader, Writer
from app.api.documented import KEYED, errors
from app.api.duplicates import duplicate_out
from app.api.errors import STAGE_ERRORS, error_body, log_failure
from app.api.schemas import JobOut, JobsOut
from app.api.services import Services, ServicesDependency
from stores.access import Principal, access_filter
from stores.jobs import JobState

_MAX_LIMIT = 200
_MAX_OFFSET = 1_000_000_000
_LOOK_SECONDS = 0.5
_HEARTBEAT_SECONDS = 15
JobId = Annotated[UUID, Path(description="id that the upload returned")]
_EVENT_STREAM: dict[str, Any] = {
    "description": "the job, as `progress` now and whenever it changed, and as `end` once it has "
    "ended; a comment every 15 seconds; `error` instead of the rest if it breaks off",
    "content": {
        "text/event-stream": {
            "schema": {"type": "string"},
            "example": 'event: progress\ndata: {"state":"embedding","done":64,"total":180}\n\n',
        }
    },
}
router = APIRouter(route_class=GuardedRoute, tags=["documents"])


@router.get("/v1/jobs", summary="List uploads", responses=errors(*KEYED))
async def list_jobs(
    principal: Reader,
    services: ServicesDependency,
    state: Annotated[
        tuple[JobState, ...], Query(description="only jobs in one of these states")
    ] = (),
    limit: Annotated[int, Query(ge=1, le=_MAX_LIMIT)] = 50,
    offset: Annotated[int, Query(ge=0, le=_MAX_OFFSET)] = 0,
) -> JobsOut:
    """Return the jobs of the key, or for an administrator those of the tenant, newest first."""
    jobs = services.system.catalog.jobs
    found = await services.call(jobs.list, principal, states=state, limit=limit, offset=offset)
    return JobsOut(jobs=tuple(JobOut.model_validate(job) for job in found))


@router.get(
    "/v1/jobs/{job_id}", summary="Look at an upload", responses=errors(*KEYED, "job_unknown")
)
async def get_job(job_id: JobId, principal: Reader, services: ServicesDependency) -> JobOut:
    """Return a job of the key, or for an administrator any of the tenant."""
    return await _job(job_id, principal, services)


@router.get(
    "/v1/jobs/{job_id}/events",
    summary="Follow an upload",
    response_class=EventSourceResponse,
    responses={200: _EVENT_STREAM, **errors(*KEYED, "job_unknown")},
)
async def follow_job(
    job_id: JobId, principal: Reader, services: ServicesDependency, request: Request
) -> EventSourceResponse:
    """Send how far a job is, as server-sent events, until it has ended."""
    # One that is not there has a status of its own.
    first = await _job(job_id, principal, services)
    events = _events(first, principal, services, request)
    return EventSourceResponse(events, sep="\n", ping=_HEARTBEAT_SECONDS)


@router.post(
    "/v1/jobs/{job_id}/retry",
    summary="Do a failed upload again",
    responses=errors(
        *KEYED,
        "not_permitted",
        "groups_not_permitted",
        "job_unknown",
        "job_not_failed",
        "job_superseded",
        "job_file_gone",
    ),
)
async def retry_job(job_id: JobId, principal: Writer, services: ServicesDependency) -> JobOut:
    """Put a failed job back into the queue; its file is kept for a week."""
    return JobOut.model_validate(await services.call(services.worker.retry, principal, job_id))


async def _job(job_id: UUID, principal: Principal, services: Services) -> JobOut:
    job = await services.call(services.system.catalog.jobs.get, job_id, principal)
    if job.state != JobState.DONE:
        return JobOut.model_validate(job)
    # Looked up for whoever asks: an administrator follows jobs whose neighbours he may not read.
    copies = await services.call(
        services.system.duplicates.of, job.document_id, access_filter(principal)
    )
    found = tuple(duplicate_out(copy) for copy in copies)
    return JobOut.model_validate(job).model_copy(update={"duplicates": found})


async def _events(
    job: JobOut, principal: Principal, services: Services, request: Request
) -> AsyncIterator[ServerSentEvent]:
    try:
        while not job.finished:
            yield _event("progress", job)
            job = await _changed(job, principal, services)
        yield _event("end", job)
    except STAGE_ERRORS as error:
        request_id = request.state.request_id
        log_failure(error, request_id)
        yield _event("error", error_body(error, headers=request.headers, request_id=request_id))


async def _changed(job: JobOut, principal: Principal, services: Services) -> JobOut:
    """Return the job once it is another than it was."""
    found = job
    while found == job:
        await asyncio.sleep(_LOOK_SECONDS)
        found = await _job(job.id, principal, services)
    return found


def _event(name: str, body: BaseModel) -> ServerSentEvent:
    return ServerSentEvent(body.model_dump_json(), event=name, sep="\n")
