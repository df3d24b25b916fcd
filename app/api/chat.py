"""`POST /v1/chat`: a cited answer, at once or as server-sent events."""

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.types import Receive, Scope, Send

from app.api.auth import GuardedRoute, Reader
from app.api.documented import JSON, KEYED, RETRIEVAL, errors
from app.api.errors import STAGE_ERRORS, error_body, log_failure
from app.api.questions import build_query, turns_of
from app.api.requests import ChatIn
from app.api.schemas import AnswerOut, EvidenceEvent, TokenEvent
from app.api.services import ServicesDependency
from app.api.writing import Writing
from generation.records import AnswerEvent, EvidenceFound, TokenWritten

# At its level DEBUG the library logs every event, and with it what was asked and answered.
logging.getLogger("sse_starlette").setLevel(logging.INFO)

_EVENT_STREAM: dict[str, Any] = {
    "description": "the answer, or with `stream` the events `evidence` {evidence}, `token` {text} "
    "as often as needed, and `done` with the answer; `error` instead of the rest if it breaks off",
    "content": {
        "text/event-stream": {
            "schema": {"type": "string"},
            "example": 'event: token\ndata: {"text":"In your third year"}\n\n',
        }
    },
}
router = APIRouter(route_class=GuardedRoute, tags=["questions"])


@router.post(
    "/v1/chat",
    summary="Answer a question",
    response_model=AnswerOut,
    responses={
        200: _EVENT_STREAM,
        **errors(*KEYED, *JSON, *RETRIEVAL, "prompt_too_long", "overloaded"),
    },
)
async def chat(
    body: ChatIn, principal: Reader, request: Request, services: ServicesDependency
) -> Any:  # noqa: ANN401  (the response model or a stream)
    """Answer from documents that the key may read, each statement with its evidence, or refuse."""
    system = services.system
    limit = system.settings.answer.max_question_characters
    query = build_query(
        body.question,
        principal,
        max_characters=limit,
        lang=body.lang,
        asked_on=body.asked_on,
        filters=body.filters.filters(),
        interpret=body.interpret,
    )
    query = replace(query, history=turns_of(body.history))
    writing = Writing(
        lambda cancelled: system.served.answer(query, cancelled=cancelled, explain=body.explain),
        places=services.answers,
    )
    async with AsyncExitStack() as stack:
        stack.push_async_callback(writing.finish)
        if not body.stream:
            return AnswerOut.model_validate(await writing.last(request))
        # What fails before the first event still has a status of its own.
        first = await writing.next()
        stack.pop_all()
        return AnswerStream(writing, first, request)


class AnswerStream(EventSourceResponse):
    """The events of an answer; however the stream ends, the model stops and the place is free."""

    def __init__(self, writing: Writing, first: AnswerEvent | None, request: Request) -> None:
        super().__init__(_events(writing, first, request), sep="\n")
        self._writing = writing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events until the end of the answer, or of the connection."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._writing.finish()


async def _events(
    writing: Writing, first: AnswerEvent | None, request: Request
) -> AsyncIterator[ServerSentEvent]:
    event = first
    try:
        while event is not None:
            yield _event(*_told(event))
            event = await writing.next()
    except STAGE_ERRORS as error:
        request_id = request.state.request_id
        log_failure(error, request_id)
        yield _event("error", error_body(error, headers=request.headers, request_id=request_id))


def _told(event: AnswerEvent) -> tuple[str, BaseModel]:
    if isinstance(event, EvidenceFound):
        return "evidence", EvidenceEvent.model_validate(event)
    if isinstance(event, TokenWritten):
        return "token", TokenEvent.model_validate(event)
    return "done", AnswerOut.model_validate(event.answer)


def _event(name: str, body: BaseModel) -> ServerSentEvent:
    return ServerSentEvent(body.model_dump_json(), event=name, sep="\n")
