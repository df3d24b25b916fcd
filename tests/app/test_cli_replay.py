"""`zhiku replay` as a process: equal, different, or nothing to repeat."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from subprocess import CompletedProcess
from uuid import uuid4

import pytest

from generation.prompts import load_prompts
from stores.catalog import Catalog
from stores.trace_records import Trace
from stores.traces import Retention
from tests.app.cli_process import ROOT, only_error_line, zhiku
from tests.fakes.openai_server import ScriptedServer, serve
from tests.stores.builders import NOW, make_chunks, make_document
from tests.stores.traces import commit, make_trace

FOREVER = Retention(days=3650, bytes_per_tenant=1_000_000)
ANSWER = load_prompts(ROOT / "generation" / "prompts")["answer"]


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with serve(ScriptedServer()) as script:
        yield script


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with closing(Catalog(f"sqlite:///{tmp_path / 'catalog.sqlite'}")) as opened:
        yield opened


def recorded(catalog: Catalog, text: str = "Hello", *, minutes: int = 0) -> Trace:
    """Record an answer of the scripted server's model."""
    if catalog.documents.find("acme", make_document().uri) is None:
        commit(catalog, make_document())
    made = make_trace(make_chunks(make_document()), asked_at=NOW + timedelta(minutes=minutes))
    assert made.model_call is not None
    rendered = ANSWER.render(made.model_call.variables)
    call = replace(
        made.model_call,
        prompt_version=ANSWER.version,
        messages=tuple((each.role, each.content) for each in rendered),
        text=text,
    )
    trace = replace(made, model_call=call)
    assert catalog.traces.record(trace, FOREVER)
    return trace


def replay(
    *arguments: str, data_dir: Path, server: ScriptedServer, tenant: str = "acme"
) -> CompletedProcess[str]:
    environment = {"ZHIKU_LLM__BASE_URL": server.url, "ZHIKU_TENANT": tenant}
    return zhiku("replay", *arguments, data_dir=data_dir, environment=environment)


def test_an_equal_answer(catalog: Catalog, server: ScriptedServer, tmp_path: Path) -> None:
    trace = recorded(catalog)
    result = replay(str(trace.id), data_dir=tmp_path, server=server)
    assert (result.returncode, result.stdout) == (0, "equal\n"), result.stderr
    assert trace.model_call is not None
    (request,) = server.requests
    assert (request["temperature"], request["max_tokens"]) == (0, 300)
    given = [(message["role"], message["content"]) for message in request["messages"]]
    assert tuple(given) == trace.model_call.messages


def test_a_different_answer_is_shown_as_a_diff(
    catalog: Catalog, server: ScriptedServer, tmp_path: Path
) -> None:
    trace = recorded(catalog, "Hallo [1]")
    commit(catalog, make_document(revision=2))
    result = replay(str(trace.id), data_dir=tmp_path, server=server)
    lines = result.stdout.splitlines()
    assert result.returncode == 1
    assert lines[:2] == ["prompt: equal", "evidence: different"]
    assert "revision 1 is 2 now" in lines[2]
    assert lines[-2:] == ["-Hallo [1]", "+Hello"]


def test_the_share_of_the_last_ones(
    catalog: Catalog, server: ScriptedServer, tmp_path: Path
) -> None:
    recorded(catalog, "read before", minutes=0)
    different = recorded(catalog, "Hallo", minutes=1)
    others = [recorded(catalog, minutes=minutes) for minutes in (2, 3)]
    result = replay("--last", "3", data_dir=tmp_path, server=server)
    assert result.returncode == 1
    assert "text: equal in 2 of 3 (66.7%)" in result.stdout
    assert "prompt: equal in 3 of 3 (100.0%)" in result.stdout
    oldest_first = [str(trace.id) for trace in (different, *others)]
    assert [line.split("  ")[0] for line in result.stdout.splitlines()[:3]] == oldest_first
    assert f"{different.id}  different (text)" in result.stdout
    # One token first, of the answer before: it leaves the model as it was.
    assert [request["max_tokens"] for request in server.requests] == [1, 300, 300, 300]
    assert replay("--last", "2", data_dir=tmp_path, server=server).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ((), "--last"),
        ((str(uuid4()), "--last", "2"), "--last"),
        ((str(uuid4()),), "no trace"),
        (("--last", "2"), "no answer of a model"),
    ],
)
def test_what_cannot_be_repeated_is_one_line(
    catalog: Catalog,
    server: ScriptedServer,
    tmp_path: Path,
    arguments: tuple[str, ...],
    problem: str,
) -> None:
    catalog.check()
    result = replay(*arguments, data_dir=tmp_path, server=server)
    assert result.returncode == 2
    assert problem in only_error_line(result)
    assert server.requests == []


def test_a_trace_of_another_tenant_is_unknown(
    catalog: Catalog, server: ScriptedServer, tmp_path: Path
) -> None:
    trace = recorded(catalog)
    result = replay(str(trace.id), data_dir=tmp_path, server=server, tenant="other")
    assert result.returncode == 2
    assert "no trace" in only_error_line(result)
    assert server.requests == []


def test_an_answer_without_a_model_cannot_be_repeated(
    catalog: Catalog, server: ScriptedServer, tmp_path: Path
) -> None:
    refusal = make_trace([], model_call=None, refusal=True)
    assert catalog.traces.record(refusal, FOREVER)
    result = replay(str(refusal.id), data_dir=tmp_path, server=server)
    assert result.returncode == 2
    assert "nothing to repeat" in only_error_line(result)


def test_a_model_that_is_away_is_something_missing(
    catalog: Catalog, server: ScriptedServer, tmp_path: Path
) -> None:
    trace = recorded(catalog)
    away = ScriptedServer(url="http://127.0.0.1:9/v1")
    result = replay(str(trace.id), data_dir=tmp_path, server=away)
    assert result.returncode == 3
    assert "cannot be reached" in only_error_line(result)
