"""`POST /v1/service/reply`: a reply to a customer, for the bot of a company."""

from fastapi import APIRouter, Request

from app.api.auth import GuardedRoute, Reader
from app.api.documented import JSON, KEYED, RETRIEVAL, errors
from app.api.once import worked
from app.api.questions import build_query
from app.api.service_schemas import ServiceIn, ServiceOut
from app.api.services import ServicesDependency
from generation.service.records import ServiceMessage

router = APIRouter(route_class=GuardedRoute, tags=["questions"])


@router.post(
    "/v1/service/reply",
    summary="Reply to a customer",
    responses=errors(*KEYED, *JSON, *RETRIEVAL, "prompt_too_long", "overloaded"),
)
async def reply(
    body: ServiceIn, principal: Reader, request: Request, services: ServicesDependency
) -> ServiceOut:
    """Write a reply from documents that the key may read, and say whether a person must go on."""
    system = services.system
    query = build_query(
        body.message,
        principal,
        max_characters=system.settings.answer.max_question_characters,
        lang=body.language,
    )
    message = ServiceMessage(query, body.context.context())
    made = await worked(
        lambda cancelled: system.replier.reply(message, cancelled=cancelled),
        places=services.answers,
        request=request,
    )
    return ServiceOut.of(made)
