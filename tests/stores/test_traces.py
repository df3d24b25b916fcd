"""Traces are read by operators, and go with their documents, their age and their room."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import make_url

from stores.access import Principal, Scope
from stores.catalog import Catalog
from stores.errors import UnknownTrace
from stores.traces import Retention
from tests.stores.builders import NOW, make_chunks, make_document, remove_document
from tests.stores.traces import KEPT, OPERATOR, a_trace, commit, make_trace, record

SAID = "The plum tree allowance of 7431 yuan is paid in May."
SAID_ZH = "每年五月发放梅树津贴。"


def is_there(catalog: Catalog, trace_id: object) -> bool:
    try:
        catalog.traces.get(trace_id, OPERATOR)  # type: ignore[arg-type]
    except UnknownTrace:
        return False
    return True


def stored(catalog: Catalog, url: str) -> bytes:
    """Return the bytes of the database once nothing waits beside it."""
    with catalog._database._engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
        connection.exec_driver_sql("BEGIN")
    assert busy == 0
    path = Path(make_url(url).database or "")
    return path.read_bytes() + path.with_name(path.name + "-wal").read_bytes()


def spellings(text: str) -> list[bytes]:
    return [text.encode(), json.dumps(text)[1:-1].encode()]


def holds(data: bytes, text: str) -> bool:
    return any(spelling in data for spelling in spellings(text))


def test_a_trace_comes_back_as_it_was_recorded(catalog: Catalog) -> None:
    trace = a_trace(catalog)

    found = catalog.traces.get(trace.id, OPERATOR)

    assert all(len(each.sha256) == 64 for each in found.passages)
    unhashed = tuple(replace(each, sha256="") for each in found.passages)
    assert replace(found, passages=unhashed) == trace


def test_a_refusal_without_a_model_has_a_trace_without_a_call(catalog: Catalog) -> None:
    trace = a_trace(catalog, model_call=None, refusal=True, passages=())
    assert catalog.traces.get(trace.id, OPERATOR) == trace


@pytest.mark.parametrize(
    "principal",
    [
        Principal("other", "operator", frozenset({"everyone"}), frozenset({Scope.ADMIN})),
        Principal("acme", "ann", frozenset({"everyone"}), frozenset({Scope.READ, Scope.WRITE})),
        Principal("acme", "nobody", frozenset(), frozenset()),
    ],
)
def test_only_an_operator_of_the_tenant_reads_it(catalog: Catalog, principal: Principal) -> None:
    trace = a_trace(catalog)

    with pytest.raises(UnknownTrace) as refused:
        catalog.traces.get(trace.id, principal)
    with pytest.raises(UnknownTrace) as unknown:
        catalog.traces.get(uuid4(), OPERATOR)

    alike = [str(error.value).split(": ", 1)[1] for error in (refused, unknown)]
    assert alike[0] == alike[1]


def test_only_an_operator_of_the_tenant_lists_them(catalog: Catalog) -> None:
    a_trace(catalog)
    other = replace(OPERATOR, tenant="other")
    assert catalog.traces.last_written(other, limit=5) == []
    with pytest.raises(UnknownTrace):
        catalog.traces.last_written(replace(OPERATOR, scopes=frozenset({Scope.READ})), limit=5)


def test_the_last_ones_are_those_that_a_model_wrote(catalog: Catalog) -> None:
    first, second, third = (
        a_trace(catalog, asked_at=NOW + timedelta(minutes=minute)) for minute in range(3)
    )
    a_trace(catalog, asked_at=NOW + timedelta(hours=1), cached=True)
    a_trace(catalog, asked_at=NOW + timedelta(hours=2), model_call=None)

    assert [each.id for each in catalog.traces.last_written(OPERATOR, limit=2)] == [
        third.id,
        second.id,
    ]
    assert catalog.traces.last_written(OPERATOR, limit=9)[-1].id == first.id
    older = catalog.traces.last_written(OPERATOR, limit=9, before=third.asked_at)
    assert [each.id for each in older] == [second.id, first.id]


def test_removing_a_document_wipes_the_traces_that_hold_its_text(
    catalog: Catalog, catalog_url: str
) -> None:
    kept = a_trace(catalog)
    documents = [make_document(f"file:///{name}.md") for name in ("plum", "梅树")]
    chunks = [
        commit(catalog, document, text=text)
        for document, text in zip(documents, (SAID, SAID_ZH), strict=True)
    ]
    gone = [record(catalog, make_trace(own)) for own in chunks]
    before = stored(catalog, catalog_url)
    assert holds(before, SAID)
    assert holds(before, SAID_ZH)

    for document in documents:
        remove_document(catalog, "acme", document.id)

    assert [is_there(catalog, each) for each in gone] == [False, False]
    after = stored(catalog, catalog_url)
    assert not holds(after, SAID)
    assert not holds(after, SAID_ZH)
    assert is_there(catalog, kept.id)


def test_a_refusal_that_names_a_document_goes_with_it(catalog: Catalog) -> None:
    named = a_trace(catalog, model_call=None, refusal=True)
    remove_document(catalog, "acme", make_document().id)
    assert not is_there(catalog, named.id)


def test_a_question_that_the_model_wrote_out_goes_with_any_document(catalog: Catalog) -> None:
    ruled, written = a_trace(catalog), a_trace(catalog, understood_by="model")
    elsewhere = make_document(tenant="other")
    commit(catalog, elsewhere)
    remove_document(catalog, "other", elsewhere.id)
    assert is_there(catalog, written.id)

    another = make_document("file:///another.md")
    commit(catalog, another)
    remove_document(catalog, "acme", another.id)

    assert is_there(catalog, ruled.id)
    assert not is_there(catalog, written.id)


def test_an_answer_of_a_document_that_was_removed_meanwhile_leaves_no_trace(
    catalog: Catalog, catalog_url: str
) -> None:
    document = make_document()
    trace = make_trace(commit(catalog, document, text=SAID))
    remove_document(catalog, "acme", document.id)

    assert not catalog.traces.record(trace, KEPT)
    assert not holds(stored(catalog, catalog_url), SAID)


def test_an_answer_of_a_document_that_was_replaced_meanwhile_leaves_no_trace(
    catalog: Catalog,
) -> None:
    trace = make_trace(commit(catalog, make_document()))
    commit(catalog, make_document(revision=2))
    assert not catalog.traces.record(trace, KEPT)


def test_a_trace_outlives_a_new_revision_and_tells_it(catalog: Catalog) -> None:
    trace = a_trace(catalog)
    recorded = catalog.traces.get(trace.id, OPERATOR).passages[0]
    assert catalog.traces.passage_today(recorded) == recorded

    commit(catalog, make_document(revision=2))
    today = catalog.traces.passage_today(recorded)
    assert today == replace(recorded, revision=2, sha256="")

    remove_document(catalog, "acme", make_document().id)
    assert catalog.traces.passage_today(recorded) is None
    assert not is_there(catalog, trace.id)


def test_traces_that_are_due_go_with_the_next_one(catalog: Catalog) -> None:
    due = a_trace(catalog, asked_at=NOW - timedelta(days=31))
    of_another = replace(make_trace([]), id=uuid4(), tenant="other", asked_at=due.asked_at)
    record(catalog, of_another)
    young = a_trace(catalog, asked_at=NOW - timedelta(days=29))

    a_trace(catalog)

    assert not is_there(catalog, due.id)
    with pytest.raises(UnknownTrace):
        catalog.traces.get(of_another.id, replace(OPERATOR, tenant="other"))
    assert is_there(catalog, young.id)


def test_traces_that_are_due_go_when_asked(catalog: Catalog) -> None:
    old, young = (a_trace(catalog, asked_at=NOW - timedelta(days=days)) for days in (9, 7))
    catalog.traces.purge(now=NOW, days=8)
    assert (is_there(catalog, old.id), is_there(catalog, young.id)) == (False, True)


def test_beyond_the_room_of_a_tenant_the_oldest_go(catalog: Catalog) -> None:
    commit(catalog, make_document())
    chunks = make_chunks(make_document())
    of_another = make_trace([], tenant="other", asked_at=NOW - timedelta(hours=9))
    record(catalog, of_another)
    traces = [make_trace(chunks, asked_at=NOW + timedelta(minutes=n)) for n in range(5)]
    room = Retention(days=30, bytes_per_tenant=6000)
    for trace in traces:
        assert catalog.traces.record(trace, room)

    left = [is_there(catalog, trace.id) for trace in traces]

    assert 0 < sum(left) < 5
    assert left == sorted(left)
    assert catalog.traces.get(of_another.id, replace(OPERATOR, tenant="other"))
