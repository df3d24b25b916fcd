"""Answers that leave a trace in the catalog."""

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID, uuid4

from generation.answering import PLAINLY, Answering, Manner
from generation.records import Answer, AnswerDone, AnswerEvent, Written
from retrieval.records import Evidence, Query, Turn
from retrieval.understanding.rewriting import RewrittenBy
from stores.access import access_filter
from stores.errors import StoreError
from stores.filters import Filters
from stores.trace_records import ModelCall, Trace, TracedPassage, TracedQuestion, TracedTurn
from stores.traces import Retention, Traces

_logger = logging.getLogger("zhiku.generation")


class TracingAnswerer:
    """Keeps a trace of every finished answer; its id stands in the answer's provenance.

    An answer that is broken off leaves none, and neither does one whose documents were changed
    while it was written. A catalog that cannot be written costs the trace, not the answer: the log
    says so, and the provenance has no `trace_id`.

    Parameters
    ----------
    versions
        Tells the version of a tenant's content.
    clock
        Tells the moment at which a question is answered, with its time zone.
    """

    def __init__(
        self,
        answerer: Answering,
        *,
        traces: Traces,
        versions: Callable[[str], str],
        clock: Callable[[], datetime],
        retention: Retention,
    ) -> None:
        self._answerer = answerer
        self._traces = traces
        self._versions = versions
        self._clock = clock
        self._retention = retention

    def answer(
        self, query: Query, *, cancelled: Callable[[], bool], manner: Manner = PLAINLY
    ) -> Iterator[AnswerEvent]:
        """Yield the events of the answer; raises what the answerer and the catalog raise."""
        version = self._versions(query.principal.tenant)
        for event in self._answerer.answer(query, cancelled=cancelled, manner=manner):
            if isinstance(event, AnswerDone):
                yield replace(event, answer=self._traced(query, event.answer, version=version))
            else:
                yield event

    def _traced(self, query: Query, answer: Answer, *, version: str) -> Answer:
        provenance = {**answer.provenance, "index_version": version}
        answer = replace(answer, provenance=provenance)
        trace = trace_of(query, answer, trace_id=uuid4(), asked_at=self._clock())
        try:
            kept = self._traces.record(trace, self._retention)
        except StoreError as error:
            _logger.warning("an answer has no trace: %s", error)
            return answer
        if not kept:
            _logger.info("an answer has no trace: its documents were changed meanwhile")
            return answer
        return replace(answer, provenance={**provenance, "trace_id": str(trace.id)})


def trace_of(query: Query, answer: Answer, *, trace_id: UUID, asked_at: datetime) -> Trace:
    """Return the trace of an answer to a question."""
    understood = answer.understood
    asked_on = answer.asked.day if answer.asked else query.asked_on
    return Trace(
        id=trace_id,
        tenant=query.principal.tenant,
        user=query.principal.user,
        asked_at=asked_at,
        question=TracedQuestion(
            text=query.text,
            understood=understood.question if understood else query.text,
            lang=query.lang,
            groups=access_filter(query.principal).groups,
            asked_on=asked_on.isoformat() if asked_on else "",
            filters=_told(query.filters),
            history=tuple(map(_turn, query.history)),
        ),
        understood_by=(understood.by if understood else RewrittenBy.NOBODY).value,
        passages=tuple(map(_passage, answer.evidence)),
        model_call=_model_call(answer.written) if answer.written else None,
        text=answer.text,
        refusal=answer.refusal,
        degraded=answer.degraded,
        cached=answer.cached,
        provenance=answer.provenance,
    )


def _turn(turn: Turn) -> TracedTurn:
    answer = turn.answer.encode("utf-8", "surrogatepass")
    return TracedTurn(turn.question, hashlib.sha256(answer).hexdigest() if answer else "")


def _passage(passage: Evidence) -> TracedPassage:
    return TracedPassage(
        passage.number,
        passage.document_id,
        passage.revision,
        passage.joined or (passage.chunk_id,),
    )


def _model_call(written: Written) -> ModelCall:
    return ModelCall(
        prompt_id=written.prompt_id,
        prompt_version=written.prompt_version,
        variables=written.variables,
        messages=tuple((message.role, message.content) for message in written.messages),
        max_tokens=written.max_tokens,
        text=written.text,
        judged=written.judged,
    )


def _told(filters: Filters) -> Mapping[str, Any]:
    """Return the fields that say something, in the words of JSON."""
    values = {field.name: getattr(filters, field.name) for field in fields(filters)}
    return {name: _plain(value) for name, value in values.items() if value}


def _plain(value: object) -> Any:  # noqa: ANN401  (what JSON has)
    match value:
        case tuple():
            return [_plain(each) for each in value]
        case date():
            return value.isoformat()
        case UUID():
            return str(value)
        case Enum():
            return value.value
        case _:
            return value
