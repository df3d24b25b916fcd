"""Rows of the catalog from traces, and traces from rows."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from stores.trace_records import ModelCall, Trace, TracedPassage, TracedQuestion, TracedTurn


def trace_row(trace: Trace) -> dict[str, Any]:
    """Return the row of `traces`; the passages have rows of their own."""
    row = {
        "id": trace.id,
        "tenant": trace.tenant,
        "user": trace.user,
        "asked_at": trace.asked_at,
        "asked": asdict(trace.question),
        "understood_by": trace.understood_by,
        "model_call": asdict(trace.model_call) if trace.model_call else None,
        "text": trace.text,
        "refusal": trace.refusal,
        "degraded": trace.degraded,
        "cached": trace.cached,
        "provenance": dict(trace.provenance),
    }
    return {**row, "size_bytes": len(json.dumps(row, default=str))}


def passage_row(trace_id: UUID, passage: TracedPassage) -> dict[str, Any]:
    """Return the row of `trace_passages`."""
    chunks = [str(each) for each in passage.chunk_ids]
    return {**asdict(passage), "trace_id": trace_id, "chunk_ids": chunks}


def as_trace(row: Row[Any], passages: Iterable[Row[Any]]) -> Trace:
    """Return the trace of a row of `traces` and its rows of `trace_passages`."""
    return Trace(
        id=row.id,
        tenant=row.tenant,
        user=row.user,
        asked_at=row.asked_at,
        question=_question(row.asked),
        understood_by=row.understood_by,
        passages=tuple(map(_passage, passages)),
        model_call=None if row.model_call is None else _model_call(row.model_call),
        text=row.text,
        refusal=row.refusal,
        degraded=row.degraded,
        cached=row.cached,
        provenance=row.provenance,
    )


def _question(fields: Mapping[str, Any]) -> TracedQuestion:
    turns = tuple(TracedTurn(**turn) for turn in fields["history"])
    return TracedQuestion(**{**fields, "groups": tuple(fields["groups"]), "history": turns})


def _model_call(fields: Mapping[str, Any]) -> ModelCall:
    messages = tuple((role, content) for role, content in fields["messages"])
    return ModelCall(**{**fields, "messages": messages})


def _passage(row: Row[Any]) -> TracedPassage:
    return TracedPassage(
        number=row.number,
        document_id=row.document_id,
        revision=row.revision,
        chunk_ids=tuple(map(UUID, row.chunk_ids)),
        sha256=row.sha256,
    )
