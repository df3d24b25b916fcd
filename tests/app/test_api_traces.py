"""Answers of the API leave traces, and these go with the documents."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import update

from app.settings import CacheSettings, TracesSettings
from app.wiring import build_served
from generation.answerer import Answerer
from generation.answering import Answering
from retrieval.records import Query
from stores import schema
from stores.access import EVERYONE, Principal, Scope
from stores.errors import UnknownTrace
from stores.trace_records import Trace
from tests.app.api_world import TENANT, TODAY, Api, World, build_world
from tests.fakes.llm import ScriptedLLM

LEAVE = "# Annual leave\n\nEmployees have fifteen days of annual leave in their third year.\n"
OPERATOR = Principal(TENANT, "operator", frozenset(), frozenset({Scope.ADMIN}))


@pytest.fixture
def world(tmp_path: Path, llm: ScriptedLLM) -> Iterator[World]:
    with ExitStack() as resources:
        yield build_world(tmp_path, resources, llm, cached=True)


@pytest.fixture
def document(api: Api) -> str:
    return str(api.ingested("leave.md", LEAVE)["document_id"])


def asked(api: Api, world: World) -> Trace:
    """Ask, and return the trace of the answer."""
    answer = api.post("/v1/chat", json={"question": "How many days of annual leave?"}).json()
    return world.system.catalog.traces.get(UUID(answer["provenance"]["trace_id"]), OPERATOR)


def test_the_answer_names_its_trace(api: Api, world: World, document: str) -> None:
    trace = asked(api, world)
    assert trace.text == "Fifteen days of leave [1]."
    assert [str(each.document_id) for each in trace.passages] == [document]
    (key,) = world.system.catalog.keys.list(TENANT)
    assert trace.user == str(key.id)


@pytest.mark.usefixtures("document")
def test_an_answer_from_the_cache_has_a_trace_of_its_own(api: Api, world: World) -> None:
    first, second = asked(api, world), asked(api, world)
    assert (first.cached, second.cached) == (False, True)
    assert first.id != second.id
    assert second.model_call == first.model_call


def test_traces_go_with_the_document(api: Api, world: World, document: str) -> None:
    traces = [asked(api, world) for _ in range(2)]
    assert api.call("DELETE", f"/v1/documents/{document}").status_code == 200
    for trace in traces:
        with pytest.raises(UnknownTrace):
            world.system.catalog.traces.get(trace.id, OPERATOR)


def serve_again(world: World, traces: TracesSettings) -> Answering:
    """Return the answerer of a start with other settings, without a cache."""
    settings = world.system.settings.model_copy(
        update={"traces": traces, "cache": CacheSettings(enabled=False)}
    )
    return build_served(
        settings,
        world.system.answerer,
        catalog=world.system.catalog,
        made_with=dict,
        today=lambda: TODAY,
    )


def test_both_can_be_switched_off(world: World) -> None:
    assert serve_again(world, TracesSettings(enabled=False)) is world.system.answerer


@pytest.mark.parametrize(("days", "left"), [(1, 0), (3, 1)])
@pytest.mark.usefixtures("document")
def test_a_start_erases_what_is_due(api: Api, world: World, days: int, left: int) -> None:
    trace = asked(api, world)
    catalog = world.system.catalog
    earlier = trace.asked_at - timedelta(days=2)
    with catalog._database.write() as connection:
        connection.execute(update(schema.traces).values(asked_at=earlier))

    serve_again(world, TracesSettings(days=days, enabled=False))

    assert len(catalog.traces.last_written(OPERATOR, limit=5)) == left


@pytest.mark.parametrize(("days", "left"), [(1, 1), (3, 2)])
@pytest.mark.usefixtures("document")
def test_an_answer_erases_what_is_due(api: Api, world: World, days: int, left: int) -> None:
    trace = asked(api, world)
    catalog = world.system.catalog
    served = serve_again(world, TracesSettings(days=days))
    earlier = trace.asked_at - timedelta(days=2)
    with catalog._database.write() as connection:
        connection.execute(update(schema.traces).values(asked_at=earlier))

    query = Query("annual leave?", "en", replace(OPERATOR, groups=frozenset({EVERYONE})))
    assert list(served.answer(query, cancelled=lambda: False))

    assert len(catalog.traces.last_written(OPERATOR, limit=5)) == left


def test_what_is_measured_is_neither_kept_nor_traced(world: World) -> None:
    assert type(world.system.answerer) is Answerer
