"""An answer from the cache is given to nobody who could not get it anew."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.settings import CacheSettings, TracesSettings
from app.wiring import build_served
from generation.answering import Answering
from retrieval.records import Query, Turn
from stores.access import EVERYONE, Principal, Scope
from stores.keys import Role
from stores.lexicon import LexiconEntry, LexiconKind
from tests.app.api_world import TENANT, TODAY, Api, World, build_world
from tests.fakes.llm import ScriptedLLM
from tests.generation.answering import answer_of

LEAVE = "# Annual leave\n\nEmployees have fifteen days of annual leave in their third year.\n"
QUESTION = "How many days of annual leave?"


@pytest.fixture
def world(tmp_path: Path, llm: ScriptedLLM) -> Iterator[World]:
    with ExitStack() as resources:
        yield build_world(tmp_path, resources, llm, cached=True)


@pytest.fixture
def ask(api: Api) -> Callable[..., dict[str, Any]]:
    def asked(by: Api = api, **body: Any) -> dict[str, Any]:
        response = by.post("/v1/chat", json={"question": QUESTION, **body})
        assert response.status_code == 200
        answer: dict[str, Any] = response.json()
        return answer

    return asked


@pytest.fixture
def document(api: Api) -> str:
    return str(api.ingested("leave.md", LEAVE)["document_id"])


def reader(world: World, as_key: Callable[..., Api], *groups: str, **where: Any) -> Api:
    return as_key(world.key(Role.READER, groups, **where))


def without_ids(answer: dict[str, Any]) -> dict[str, Any]:
    made = {name: value for name, value in answer["provenance"].items() if name != "trace_id"}
    return {**answer, "provenance": made, "cached": None}


@pytest.mark.usefixtures("document")
def test_the_same_question_again_is_answered_without_the_model(
    ask: Callable[..., dict[str, Any]], world: World
) -> None:
    first, second = ask(), ask()
    assert (first["cached"], second["cached"]) == (False, True)
    assert without_ids(first) == without_ids(second)
    assert first["provenance"]["trace_id"] != second["provenance"]["trace_id"]
    assert len(world.llm.prompts) == 1


@pytest.mark.usefixtures("document")
def test_a_kept_answer_is_streamed_with_the_same_events(api: Api) -> None:
    first, second = (
        api.post("/v1/chat", json={"question": QUESTION, "stream": True}).text for _ in range(2)
    )
    names = [line for line in first.splitlines() if line.startswith("event: ")]
    assert (names[0], names[-1]) == ("event: evidence", "event: done")
    assert (names.count("event: token"), names.count("event: sentence")) == (3, 1)
    assert first.split("event: done")[0] == second.split("event: done")[0]
    done = json.loads(second.split("event: done\ndata: ")[1])
    assert done["cached"]


@pytest.mark.usefixtures("document")
def test_somebody_of_the_same_groups_is_given_it(
    ask: Callable[..., dict[str, Any]], world: World, as_key: Callable[..., Api]
) -> None:
    ask()
    assert ask(reader(world, as_key, "everyone"))["cached"]


@pytest.mark.parametrize(
    ("groups", "tenant"),
    [(("hr",), TENANT), (("everyone", "hr"), TENANT), ((), TENANT), (("everyone",), "other")],
)
@pytest.mark.usefixtures("document")
def test_somebody_of_other_groups_or_another_tenant_is_not(
    ask: Callable[..., dict[str, Any]],
    world: World,
    as_key: Callable[..., Api],
    groups: tuple[str, ...],
    tenant: str,
) -> None:
    assert ask()["citations"]
    answer = ask(reader(world, as_key, *groups, tenant=tenant))
    assert not answer["cached"]
    assert bool(answer["evidence"]) == ("everyone" in groups and tenant == TENANT)


def test_after_the_document_is_removed_it_is_not(
    api: Api, ask: Callable[..., dict[str, Any]], document: str
) -> None:
    assert ask()["citations"]
    assert api.call("DELETE", f"/v1/documents/{document}").status_code == 200
    answer = ask()
    assert (answer["cached"], answer["evidence"], answer["refusal"]) == (False, [], True)


@pytest.mark.usefixtures("document")
def test_after_a_new_revision_it_is_not(api: Api, ask: Callable[..., dict[str, Any]]) -> None:
    ask()
    api.ingested("leave.md", LEAVE.replace("fifteen", "sixteen"))
    answer = ask()
    assert not answer["cached"]
    assert "sixteen" in answer["evidence"][0]["quote"]


@pytest.mark.usefixtures("document")
def test_after_the_document_is_for_another_group_it_is_not(
    ask: Callable[..., dict[str, Any]], world: World, as_key: Callable[..., Api]
) -> None:
    administrator = as_key(world.key(Role.ADMIN, ["everyone"]))
    assert ask()["citations"]
    administrator.ingested("leave.md", LEAVE, groups=["hr"])
    answer = ask()
    assert (answer["cached"], answer["evidence"]) == (False, [])


@pytest.mark.usefixtures("document")
def test_after_another_description_it_is_not(api: Api, ask: Callable[..., dict[str, Any]]) -> None:
    ask()
    assert api.ingested("leave.md", LEAVE, tags=["hr"])["outcome"] == "updated"
    assert not ask()["cached"]


@pytest.mark.usefixtures("document")
def test_after_another_document_it_is_not(api: Api, ask: Callable[..., dict[str, Any]]) -> None:
    ask()
    api.ingested("more.md", "# More\n\nAnnual leave grows with the years.\n")
    assert not ask()["cached"]


@pytest.mark.usefixtures("document")
def test_after_the_lexicon_has_changed_it_is_not(
    ask: Callable[..., dict[str, Any]], world: World
) -> None:
    ask()
    entry = LexiconEntry(LexiconKind.SYNONYM, "annual leave", ("holiday",))
    world.system.catalog.lexicons.put(TENANT, [entry])
    assert not ask()["cached"]


@pytest.mark.parametrize(
    "body",
    [
        {"lang": "zh"},
        {"asked_on": "2020-01-01"},
        {"filters": {"types": ["policy"]}},
        {"interpret": False},
        {"explain": True},
        {"history": [{"question": "And sick leave?"}]},
    ],
)
@pytest.mark.usefixtures("document")
def test_a_question_that_is_meant_otherwise_is_answered_anew(
    ask: Callable[..., dict[str, Any]], body: dict[str, Any]
) -> None:
    ask()
    assert not ask(**body)["cached"]


@pytest.mark.parametrize(
    ("settings", "kept"),
    [
        ({}, True),
        ({"entries": 1}, False),
        ({"seconds": 1e-9}, False),
        ({"enabled": False}, False),
        ({"megabytes": 1}, True),
    ],
)
@pytest.mark.usefixtures("document")
def test_the_settings_bound_what_is_kept(
    world: World, settings: dict[str, Any], *, kept: bool
) -> None:
    serving = served(world, **settings)
    answer_of(serving, asked())
    answer_of(serving, asked("What is annual leave?"))
    assert answer_of(serving, asked()).cached == kept


@pytest.mark.parametrize(("megabytes", "kept"), [(1, False), (64, True)])
@pytest.mark.usefixtures("document")
def test_the_settings_bound_the_room(world: World, megabytes: int, *, kept: bool) -> None:
    serving = served(world, megabytes=megabytes)
    history = (Turn("x" * 1_000_000, ""),)
    answer_of(serving, replace(asked(), history=history))
    assert answer_of(serving, replace(asked(), history=history)).cached == kept


def asked(text: str = QUESTION) -> Query:
    reads = Principal(TENANT, "ann", frozenset({EVERYONE}), frozenset({Scope.READ}))
    return Query(text, "en", reads)


def served(world: World, **settings: Any) -> Answering:
    changed = {"cache": CacheSettings(**settings), "traces": TracesSettings(enabled=False)}
    return build_served(
        world.system.settings.model_copy(update=changed),
        world.system.answerer,
        catalog=world.system.catalog,
        made_with=lambda: {"model": world.llm.name},
        today=lambda: TODAY,
    )
