"""`/health`: whether the process lives, and whether everything that an answer needs answers."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from app.api.errors import error_body
from app.api.readiness import CHECK_SECONDS
from app.api.schemas import LiveOut, ReadyOut
from app.api.services import ServicesDependency
from app.messages import message, preferred_lang

router = APIRouter(tags=["health"])


@router.get("/health/live", summary="Is the process alive?")
async def live() -> LiveOut:
    """Answer, whatever is away."""
    return LiveOut()


@router.get(
    "/health/ready",
    summary="Can questions be answered?",
    response_description="Everything answers.",
    responses={503: {"model": ReadyOut, "description": "Something is away; `parts` says what."}},
)
async def ready(request: Request, response: Response, services: ServicesDependency) -> ReadyOut:
    """Ask the catalog, the index and the language model, each for two seconds at most."""
    failures = await services.readiness.failures()
    healthy = not any(failures.values())
    if not healthy:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    parts = {name: _told(error, request) for name, error in failures.items()}
    return ReadyOut(ready=healthy, parts=parts)


def _told(error: Exception | None, request: Request) -> str:
    if error is None:
        return "ok"
    if isinstance(error, TimeoutError):
        lang = preferred_lang(request.headers.get("accept-language"))
        return message("check_timed_out", lang, seconds=round(CHECK_SECONDS))
    body = error_body(error, headers=request.headers, request_id=request.state.request_id)
    return body.error.message
