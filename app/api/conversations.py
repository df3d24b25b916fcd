"""`/v1/conversations`: what the server remembers of conversations; list, read, rename, erase."""

from collections.abc import Callable, Iterator
from functools import partial
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Path, Query, Request, Response

from app.api.auth import GuardedRoute, Reader
from app.api.conversation_schemas import (
    MAX_WORDS,
    ConversationDetailOut,
    ConversationOut,
    ConversationsOut,
    RenameIn,
)
from app.api.conversation_turns import exchanges_out
from app.api.documented import JSON, KEYED, errors
from app.api.errors import STAGE_ERRORS, log_failure
from app.api.questions import form_of
from app.api.requests import ChatIn
from app.api.services import Services, ServicesDependency
from app.wiring import System
from generation.answering import Manner
from generation.records import AnswerEvent
from retrieval.records import Query as Question
from stores.access import Principal
from stores.catalog import Catalog

_MAX_LIMIT = 200
_MAX_OFFSET = 1_000_000_000
ConversationId = Annotated[UUID, Path(description="id of the conversation")]
Limit = Annotated[int, Query(ge=1, le=_MAX_LIMIT)]
Offset = Annotated[int, Query(ge=0, le=_MAX_OFFSET)]
router = APIRouter(route_class=GuardedRoute, tags=["conversations"])


@router.post(
    "/v1/conversations",
    summary="Begin a conversation",
    status_code=HTTPStatus.CREATED,
    response_description="The conversation; its address is in the header Location.",
    responses=errors(*KEYED, "storage_full"),
)
async def begin_conversation(
    principal: Reader, response: Response, services: ServicesDependency
) -> ConversationOut:
    """Make a conversation; `/v1/chat` takes its id and keeps what is asked and answered."""
    conversations = services.system.catalog.conversations
    begun = ConversationOut.model_validate(await services.call(conversations.create, principal))
    response.headers["Location"] = f"/v1/conversations/{begun.id}"
    return begun


@router.get("/v1/conversations", summary="List conversations", responses=errors(*KEYED))
async def list_conversations(
    principal: Reader,
    services: ServicesDependency,
    limit: Limit = 50,
    offset: Offset = 0,
    words: Annotated[
        str,
        Query(max_length=MAX_WORDS, description="only those with each of them, in title or asked"),
    ] = "",
) -> ConversationsOut:
    """Return the conversations of the key, the last one used first."""
    conversations = services.system.catalog.conversations
    found = await services.call(
        conversations.list, principal, limit=limit, offset=offset, words=words.split()
    )
    return ConversationsOut(conversations=tuple(map(ConversationOut.model_validate, found)))


@router.get(
    "/v1/conversations/{conversation_id}",
    summary="Read a conversation",
    responses=errors(*KEYED, "conversation_unknown"),
)
async def get_conversation(
    conversation_id: ConversationId,
    principal: Reader,
    services: ServicesDependency,
    limit: Limit = 50,
    offset: Offset = 0,
) -> ConversationDetailOut:
    """Return what was asked and answered, without what the key may not see any more."""
    read = partial(_read, services.system.catalog, limit=limit, offset=offset)
    return await services.call(read, conversation_id, principal)


@router.patch(
    "/v1/conversations/{conversation_id}",
    summary="Rename a conversation",
    responses=errors(*KEYED, *JSON, "conversation_unknown", "storage_full"),
)
async def rename_conversation(
    conversation_id: ConversationId,
    body: RenameIn,
    principal: Reader,
    services: ServicesDependency,
) -> ConversationOut:
    """Give a conversation of the key another title."""
    conversations = services.system.catalog.conversations
    renamed = await services.call(conversations.rename, conversation_id, principal, body.title)
    return ConversationOut.model_validate(renamed)


@router.delete(
    "/v1/conversations/{conversation_id}",
    summary="Erase a conversation",
    status_code=HTTPStatus.NO_CONTENT,
    responses=errors(*KEYED, "conversation_unknown", "storage_full"),
)
async def erase_conversation(
    conversation_id: ConversationId, principal: Reader, services: ServicesDependency
) -> None:
    """Remove a conversation of the key for good."""
    await services.call(services.system.catalog.conversations.erase, conversation_id, principal)


@router.delete(
    "/v1/conversations",
    summary="Erase all conversations",
    status_code=HTTPStatus.NO_CONTENT,
    responses=errors(*KEYED, "storage_full"),
)
async def erase_conversations(principal: Reader, services: ServicesDependency) -> None:
    """Remove all conversations of the key for good."""
    await services.call(services.system.catalog.conversations.erase_all, principal)


def answering(
    system: System, query: Question, body: ChatIn
) -> Callable[[Callable[[], bool]], Iterator[AnswerEvent]]:
    """Return what begins the answer to a question: in its conversation, if it names one."""
    form = form_of(body.response_schema, system.structured_prompt)
    manner = Manner(explain=body.explain, policy=body.policy, form=form)

    def begin(cancelled: Callable[[], bool]) -> Iterator[AnswerEvent]:
        answer = partial(system.served.answer, cancelled=cancelled, manner=manner)
        if body.conversation_id is None:
            return answer(query)
        return system.dialogue.answer(query, body.conversation_id, answer, cancelled=cancelled)

    return begin


async def summarise(
    services: Services, conversation_id: UUID | None, principal: Principal, *, request: Request
) -> None:
    """Bring the summary of a conversation up to date; for after the answer, when nobody waits."""
    if conversation_id is None:
        return
    dialogue = services.system.dialogue
    work = partial(dialogue.summarise, conversation_id, principal, cancelled=lambda: False)
    try:
        await to_thread.run_sync(work, limiter=services.summaries)
    except STAGE_ERRORS as error:
        log_failure(error, request.state.request_id)


def _read(
    catalog: Catalog, conversation_id: UUID, principal: Principal, *, limit: int, offset: int
) -> ConversationDetailOut:
    conversations = catalog.conversations
    found = conversations.get(conversation_id, principal)
    kept = conversations.exchanges(conversation_id, principal, limit=limit, offset=offset)
    return ConversationDetailOut(
        **ConversationOut.model_validate(found).model_dump(),
        summary=found.summary.text,
        summarised=found.summary.turns,
        turns=conversations.count(conversation_id, principal),
        exchanges=exchanges_out(kept, catalog.documents, principal),
    )
