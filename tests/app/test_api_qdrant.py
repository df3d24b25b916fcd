"""F4 of the threat list with the client of a Qdrant server, and a server that comes and goes."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from stores.breaker import Breaker
from stores.qdrant import QdrantIndexStore, connect
from stores.qdrant_server import ServerAway
from tests.app.api_world import IDENTITY, Api, World, build_world, code_of, eventually
from tests.fakes.llm import ScriptedLLM
from tests.stores.qdrant_fake import FakeQdrant

_TEXT = "# Annual leave\n\nEmployees have fifteen days of annual leave.\n"


@pytest.fixture
def qdrant() -> Iterator[FakeQdrant]:
    """Return a server that has a port but does not run."""
    qdrant = FakeQdrant()
    qdrant.start()
    qdrant.stop()
    yield qdrant
    qdrant.stop()


@pytest.fixture
def world(tmp_path: Path, llm: ScriptedLLM, qdrant: FakeQdrant) -> Iterator[World]:
    # A shorter pause than the usual five seconds, so that the tests wait less.
    breaker = Breaker(ServerAway, pause_seconds=0.5)
    indexes = QdrantIndexStore(connect(qdrant.url), IDENTITY, breaker=breaker)
    with ExitStack() as resources:
        yield build_world(tmp_path, resources, llm, indexes=indexes)


def _status(api: Api) -> tuple[int, int, int]:
    return (
        api.get("/health/live").status_code,
        api.get("/health/ready").status_code,
        api.post("/v1/search", json={"query": "annual leave"}).status_code,
    )


def test_down_at_the_start_back_and_down_again(api: Api, qdrant: FakeQdrant) -> None:
    assert _status(api) == (200, 503, 503)
    search = api.post("/v1/search", json={"query": "annual leave"})
    assert code_of(search) == (503, "index_unavailable")
    assert qdrant.url not in search.text

    qdrant.start()
    eventually(lambda: _status(api) == (200, 200, 200))

    qdrant.stop()
    assert _status(api) == (200, 503, 503)
    qdrant.start()
    eventually(lambda: _status(api) == (200, 200, 200))


def test_an_upload_waits_for_the_server(api: Api, qdrant: FakeQdrant, world: World) -> None:
    job = api.upload("leave.md", _TEXT).json()
    eventually(lambda: world.system.catalog.jobs.unfinished()[0].attempts >= 2)
    assert api.get("/v1/documents").json() == {"documents": []}

    qdrant.start()

    assert api.finished(job["id"])["state"] == "done"


def test_the_service_starts_and_stops_while_the_server_is_away(
    world: World, qdrant: FakeQdrant
) -> None:
    for _ in range(2):
        with TestClient(world.app()) as client:
            assert client.get("/health/live").status_code == 200
    assert qdrant.requests == 0
