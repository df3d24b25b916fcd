"""Traces to fill a catalog with."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from stores.access import Principal, Scope
from stores.catalog import Catalog
from stores.records import Chunk, Document
from stores.trace_records import ModelCall, Trace, TracedPassage, TracedQuestion, TracedTurn
from stores.traces import Retention
from tests.stores.builders import NOW, make_blocks, make_chunks, make_document

KEPT = Retention(days=30, bytes_per_tenant=1_000_000)
OPERATOR = Principal("acme", "operator", frozenset(), frozenset({Scope.ADMIN}))


def commit(catalog: Catalog, document: Document, *, text: str = "") -> list[Chunk]:
    """Commit a document; with `text`, its first chunk says that."""
    chunks = make_chunks(document)
    if text:
        chunks[0] = replace(chunks[0], text=text)
    catalog.documents.commit(document, make_blocks(document), chunks)
    return chunks


def make_trace(
    chunks: list[Chunk], *, asked_at: datetime = NOW, tenant: str = "acme", **changes: Any
) -> Trace:
    """Return the trace of an answer from these chunks, each of them a passage."""
    excerpts = [
        {"number": number, "heading": "休假", "text": chunk.text}
        for number, chunk in enumerate(chunks, start=1)
    ]
    call = ModelCall(
        prompt_id="answer",
        prompt_version=1,
        variables={
            "evidence": excerpts,
            "question": "年假有几天？",
            "language": "zh",
            "judged": "",
        },
        messages=(("system", "Answer."), ("user", "".join(chunk.text for chunk in chunks))),
        max_tokens=300,
        text="五天[1]。",
    )
    trace = Trace(
        id=uuid4(),
        tenant=tenant,
        user="ann",
        asked_at=asked_at,
        question=TracedQuestion(
            text="那年假呢？",
            understood="那年假呢？（病假有几天？）",
            lang="zh",
            groups=("everyone",),
            asked_on="2026-03-01",
            filters={"doc_types": ["policy"]},
            history=(TracedTurn("病假有几天？", "ab" * 32),),
        ),
        understood_by="rules",
        passages=tuple(
            TracedPassage(number, chunk.document_id, chunk.revision, (chunk.id,))
            for number, chunk in enumerate(chunks, start=1)
        ),
        model_call=call,
        text="五天[1]。",
        refusal=False,
        degraded=False,
        cached=False,
        provenance={"model": "scripted", "config": "c0ffee", "index_version": "1.0"},
    )
    return replace(trace, **changes)


def record(catalog: Catalog, trace: Trace) -> UUID:
    assert catalog.traces.record(trace, KEPT)
    return trace.id


def a_trace(catalog: Catalog, **changes: Any) -> Trace:
    """Return a trace of a document that is in the catalog, recorded."""
    document = make_document()
    if catalog.documents.find(document.tenant, document.uri) is None:
        commit(catalog, document)
    trace = make_trace(make_chunks(document), **changes)
    record(catalog, trace)
    return trace
