"""Fixtures of the API's tests."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.app.api_world import Api, World, build_world, serving
from tests.fakes.llm import ScriptedLLM


@pytest.fixture(autouse=True)
def keep_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put `__main__` back: the chat's tests leave their script there, for new processes to run."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def llm() -> ScriptedLLM:
    """Return the model of `world`; test modules and classes override it."""
    return ScriptedLLM(["Fifteen days", " of leave", " [1]."])


@pytest.fixture
def world(tmp_path: Path, llm: ScriptedLLM) -> Iterator[World]:
    with ExitStack() as resources:
        yield build_world(tmp_path, resources, llm)


@pytest.fixture
def client(world: World) -> Iterator[TestClient]:
    with TestClient(world.app(), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def api(world: World, client: TestClient) -> Api:
    """Call the API as an editor of the group `everyone`."""
    return Api(client, world.key())


@pytest.fixture
def as_key(client: TestClient) -> Callable[[str | None], Api]:
    return lambda secret: Api(client, secret)


@pytest.fixture
def url(world: World) -> Iterator[str]:
    with serving(world.app()) as url:
        yield url
