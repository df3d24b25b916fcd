"""Every finished answer leaves a trace that tells what it was made of."""

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest

from generation.answering import Answering
from generation.errors import ModelUnavailable
from generation.records import Answer, AnswerDone
from generation.tracing import TracingAnswerer
from retrieval.records import Evidence, Query, Turn
from stores.access import Principal, Scope
from stores.catalog import Catalog
from stores.errors import CatalogUnavailable, UnknownTrace
from stores.filters import Filters
from stores.records import DocType, chunk_id
from stores.trace_records import Trace, TracedTurn
from stores.traces import Retention, Traces
from tests.fakes.llm import ScriptedLLM
from tests.generation.answering import after, answer_of, build_answerer, events_of
from tests.generation.passages import passage, query
from tests.stores.builders import make_blocks, make_chunks, make_document, remove_document

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
OPERATOR = Principal("acme", "operator", frozenset(), frozenset({Scope.ADMIN}))
DOCUMENT = make_document()


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    opened = Catalog(f"sqlite:///{tmp_path / 'catalog.sqlite'}")
    opened.documents.commit(DOCUMENT, make_blocks(DOCUMENT), make_chunks(DOCUMENT))
    yield opened
    opened.close()


def found(*ordinals: int) -> tuple[Evidence, ...]:
    """Return chunks of the document as evidence."""
    return tuple(
        replace(
            passage(number, 0.9, f"满{ordinal}年有年假五天。"),
            document_id=DOCUMENT.id,
            chunk_id=chunk_id(DOCUMENT.id, 1, ordinal),
            ordinal=ordinal,
        )
        for number, ordinal in enumerate(ordinals, start=1)
    )


def tracing(
    catalog: Catalog,
    llm: ScriptedLLM | None = None,
    *,
    evidence: tuple[Evidence, ...] | None = None,
    answerer: Answering | None = None,
    traces: Traces | None = None,
) -> TracingAnswerer:
    llm = llm or ScriptedLLM(["有年假", "五天[1]。"])
    return TracingAnswerer(
        answerer or build_answerer(llm, found=found(0, 2) if evidence is None else evidence),
        traces=traces or catalog.traces,
        versions=catalog.versions.of,
        clock=lambda: NOW,
        retention=Retention(days=30, bytes_per_tenant=1_000_000),
    )


def trace_of(catalog: Catalog, answer: Answer) -> Trace:
    return catalog.traces.get(UUID(answer.provenance["trace_id"]), OPERATOR)


def test_the_trace_tells_what_was_asked_given_and_written(catalog: Catalog) -> None:
    llm = ScriptedLLM(["有年假", "五天[1][8]。"])
    asked = replace(
        query("那年假呢？"),
        filters=Filters(doc_types=(DocType.POLICY,), published_from=date(2025, 1, 1)),
        history=(Turn("病假有几天？", "十天[1]。"), Turn("几点上班？", "")),
    )

    answer = answer_of(tracing(catalog, llm), asked)
    trace = trace_of(catalog, answer)

    assert (trace.tenant, trace.user, trace.asked_at) == ("acme", "ann", NOW)
    question = trace.question
    assert (question.text, question.lang, question.groups) == ("那年假呢？", "zh", ("everyone",))
    assert answer.understood is not None
    assert (question.understood, trace.understood_by) == (answer.understood.question, "rules")
    assert question.understood != question.text
    assert question.asked_on == "2025-09-01"
    assert question.filters == {"doc_types": ["policy"], "published_from": "2025-01-01"}
    hashed = hashlib.sha256("十天[1]。".encode()).hexdigest()
    assert question.history == (TracedTurn("病假有几天？", hashed), TracedTurn("几点上班？", ""))
    assert [(each.number, each.revision) for each in trace.passages] == [(1, 1), (2, 1)]
    assert {each.document_id for each in trace.passages} == {DOCUMENT.id}
    call = trace.model_call
    assert call is not None
    assert (call.prompt_id, call.prompt_version, call.max_tokens) == ("answer", 2, 50)
    assert call.messages == tuple((each.role, each.content) for each in llm.prompts[0])
    assert call.variables["evidence"][0] == {
        "number": 1, "heading": "员工手册 › 年休假", "text": "满0年有年假五天。"
    }  # fmt: skip
    assert call.text == "有年假五天[1][8]。"
    assert trace.text == answer.text == "有年假五天[1]。"
    assert (trace.refusal, trace.degraded, trace.cached) == (False, False, False)
    assert trace.provenance == {
        "prompt": "answer@1",
        "model": "scripted",
        "config": "c0ffee",
        "index_version": catalog.versions.of("acme"),
    }


def test_joined_passages_name_all_their_chunks(catalog: Catalog) -> None:
    trace = trace_of(catalog, answer_of(tracing(catalog, evidence=found(1, 0))))
    ids = tuple(chunk_id(DOCUMENT.id, 1, ordinal) for ordinal in (0, 1))
    assert [each.chunk_ids for each in trace.passages] == [ids]


def test_only_the_last_event_is_changed(catalog: Catalog) -> None:
    llm = ScriptedLLM(["有年假", "五天[1]。"])
    plain, traced = (
        events_of(answerer)
        for answerer in (build_answerer(llm, found=found(0, 2)), tracing(catalog, llm))
    )
    assert traced[:-1] == plain[:-1]
    last, told = plain[-1], traced[-1]
    assert isinstance(last, AnswerDone)
    assert isinstance(told, AnswerDone)
    assert replace(told.answer, provenance={}) == replace(last.answer, provenance={})


def test_a_refusal_without_the_model_names_what_was_near(catalog: Catalog) -> None:
    near = tuple(replace(each, score=0.1) for each in found(0))
    llm = ScriptedLLM()
    trace = trace_of(catalog, answer_of(tracing(catalog, llm, evidence=near)))
    assert (trace.refusal, trace.model_call, llm.prompts) == (True, None, [])
    assert [each.document_id for each in trace.passages] == [DOCUMENT.id]


def test_a_refusal_of_the_model_keeps_what_it_wrote(catalog: Catalog) -> None:
    trace = trace_of(catalog, answer_of(tracing(catalog, ScriptedLLM(["资料没有提到。"]))))
    assert trace.refusal
    assert trace.model_call is not None
    assert trace.model_call.text == "资料没有提到。"


def test_a_degraded_answer_has_no_call(catalog: Catalog) -> None:
    llm = ScriptedLLM(["五", ModelUnavailable("away")])
    trace = trace_of(catalog, answer_of(tracing(catalog, llm)))
    assert (trace.degraded, trace.model_call) == (True, None)


def test_an_answer_that_was_broken_off_leaves_no_trace(catalog: Catalog) -> None:
    events_of(tracing(catalog), cancelled=after(1))
    assert catalog.traces.last_written(OPERATOR, limit=5) == []


class Changing:
    """Answers, and lets something happen right before the last event."""

    def __init__(self, catalog: Catalog, answerer: Answering) -> None:
        self._catalog = catalog
        self._answerer = answerer

    def answer(self, query: Query, **options: object) -> Iterator[object]:
        for event in self._answerer.answer(query, **options):  # type: ignore[arg-type]
            if isinstance(event, AnswerDone):
                remove_document(self._catalog, "acme", DOCUMENT.id)
            yield event


def test_an_answer_whose_document_goes_meanwhile_leaves_no_trace(catalog: Catalog) -> None:
    changing = Changing(catalog, build_answerer(ScriptedLLM(["五天[1]。"]), found=found(0)))
    answer = answer_of(tracing(catalog, answerer=changing))  # type: ignore[arg-type]
    assert answer.text
    assert "trace_id" not in answer.provenance
    assert catalog.traces.last_written(OPERATOR, limit=5) == []


class Away(Traces):
    """Cannot be written."""

    def __init__(self) -> None:
        """Need no database."""

    def record(self, trace: Trace, retention: Retention) -> bool:
        raise CatalogUnavailable("the catalog is locked")


def test_a_catalog_that_is_away_costs_the_trace_and_not_the_answer(
    catalog: Catalog, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="zhiku.generation"):
        answer = answer_of(tracing(catalog, traces=Away()))
    assert answer.text == "有年假五天[1]。"
    assert "trace_id" not in answer.provenance
    assert "the catalog is locked" in caplog.text


def test_a_trace_is_nobody_elses(catalog: Catalog) -> None:
    answer = answer_of(tracing(catalog))
    other = replace(OPERATOR, tenant="other")
    with pytest.raises(UnknownTrace):
        catalog.traces.get(UUID(answer.provenance["trace_id"]), other)
