"""The parts away: at the start, during a question, during ingest (F4 of the threat list)."""

import threading
from collections.abc import Callable, Iterator

import pytest
from starlette.testclient import TestClient

from app.api.readiness import Readiness
from stores.errors import CatalogUnavailable, IndexUnavailable
from tests.app.api_world import Api, World, code_of, eventually
from tests.app.test_api_errors import Broken

_TEXT = "# Annual leave\n\nEmployees have fifteen days of annual leave.\n"


@pytest.fixture
def anyone(client: TestClient) -> Api:
    return Api(client, None)


class TestReady:
    def test_everything_answers(self, anyone: Api) -> None:
        response = anyone.get("/health/ready")

        assert response.status_code == 200
        parts = {"catalog": "ok", "index": "ok", "llm": "ok"}
        assert response.json() == {"ready": True, "parts": parts}

    def test_a_part_away_is_named_with_what_to_do_and_without_its_address(
        self, anyone: Api, world: World
    ) -> None:
        world.indexes.available = False
        world.llm.available = False

        response = anyone.get("/health/ready", headers={"Accept-Language": "zh"})

        assert response.status_code == 503
        assert response.json()["ready"] is False
        parts = response.json()["parts"]
        assert parts["catalog"] == "ok"
        assert parts["index"].startswith("检索索引暂不可用")
        assert parts["llm"].startswith("语言模型暂不可用")
        assert "10.0.0.7" not in response.text

    def test_live_is_live_whatever_is_away(self, anyone: Api, world: World) -> None:
        world.indexes.available = False
        world.llm.available = False
        world.system.catalog.check = Broken(CatalogUnavailable("x")).check  # type: ignore[method-assign]

        assert anyone.get("/health/live").json() == {"live": True}
        assert anyone.get("/health/ready").status_code == 503

    def test_a_check_that_hangs_is_503_and_does_not_pile_up(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.api.readiness.CHECK_SECONDS", 0.1)
        release = threading.Event()
        calls = []

        def hang() -> None:
            calls.append(1)
            release.wait(20)

        world.llm.check = hang  # type: ignore[method-assign]
        with TestClient(world.app()) as client:
            try:
                for _ in range(3):
                    response = client.get("/health/ready")
                    assert response.status_code == 503
                    assert "no answer within" in response.json()["parts"]["llm"]
                assert len(calls) == 1
            finally:
                release.set()
            eventually(lambda: client.get("/health/ready").json()["ready"])


async def _failures(checks: dict[str, Callable[[], None]]) -> dict[str, Exception | None]:
    return await Readiness(checks).failures()


class TestIndexAway:
    @pytest.fixture
    def away_at_start(self, world: World) -> Iterator[Api]:
        world.indexes.available = False
        with TestClient(world.app(), raise_server_exceptions=False) as client:
            yield Api(client, world.key())

    def test_at_the_start_and_back(self, world: World, away_at_start: Api) -> None:
        api = away_at_start
        assert api.get("/health/live").status_code == 200
        assert api.get("/health/ready").status_code == 503
        search = api.post("/v1/search", json={"query": "annual leave"})
        assert code_of(search) == (503, "index_unavailable")
        job = api.upload("leave.md", _TEXT).json()

        world.indexes.available = True

        assert api.get("/health/ready").status_code == 200
        assert api.finished(job["id"])["state"] == "done"
        assert len(api.post("/v1/search", json={"query": "annual leave"}).json()["evidence"]) == 1

    def test_during_questions_and_back(self, world: World, api: Api) -> None:
        api.ingested("leave.md", _TEXT)
        world.indexes.available = False
        for path, body in (
            ("/v1/search", {"query": "annual leave"}),
            ("/v1/chat", {"question": "annual leave"}),
            ("/v1/chat", {"question": "annual leave", "stream": True}),
        ):
            response = api.post(path, json=body)
            assert code_of(response) == (503, "index_unavailable")
            assert "10.0.0.7" not in response.text
        assert len(api.get("/v1/documents").json()["documents"]) == 1

        world.indexes.available = True

        assert len(api.post("/v1/search", json={"query": "annual leave"}).json()["evidence"]) == 1

    def test_during_ingest_no_document_is_done_without_its_points(
        self, world: World, api: Api
    ) -> None:
        world.indexes.available = False
        job = api.upload("leave.md", _TEXT).json()

        def tried_again() -> bool:
            return world.system.catalog.jobs.unfinished()[0].attempts >= 2

        eventually(tried_again)
        waiting = api.get(f"/v1/jobs/{job['id']}").json()
        assert waiting["state"] in {"queued", "parsing", "embedding", "indexing"}
        assert waiting["outcome"] is None
        assert api.get("/v1/documents").json() == {"documents": []}

        world.indexes.available = True

        done = api.finished(job["id"])
        assert (done["state"], done["outcome"]) == ("done", "added")
        index = world.system.indexes.open("acme")
        assert index.count() == done["total"] > 0

    def test_a_removal_that_fails_can_be_repeated(self, world: World, api: Api) -> None:
        job = api.ingested("leave.md", _TEXT)
        path = f"/v1/documents/{job['document_id']}"
        world.indexes.available = False
        api.call("DELETE", path)

        world.indexes.available = True
        api.call("DELETE", path)

        assert code_of(api.get(path)) == (404, "document_unknown")
        assert api.post("/v1/search", json={"query": "annual leave"}).json()["evidence"] == []


@pytest.mark.anyio
async def test_checks_run_at_the_same_time() -> None:
    together = threading.Barrier(3, timeout=5)

    def meet() -> None:
        together.wait()

    failures = await _failures(dict.fromkeys("abc", meet))

    assert failures == dict.fromkeys("abc")


@pytest.mark.anyio
async def test_a_mistake_of_ours_in_a_check_is_not_taken_for_an_outage() -> None:
    with pytest.raises(ZeroDivisionError):
        await _failures({"index": Broken(ZeroDivisionError()).check})


@pytest.mark.anyio
async def test_what_a_part_raised_is_kept() -> None:
    error = IndexUnavailable("x")

    assert await _failures({"index": Broken(error).check}) == {"index": error}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
