import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from starlette.datastructures import Headers

from app.api.errors import TABLE, error_response, problem_of
from generation.errors import GenerationError, ModelUnavailable, PromptInvalid
from models.errors import ModelError, WeightsMissing
from stores.errors import CatalogUnavailable, IndexUnavailable, StorageFull, StoreError
from tests.app.api_world import Api, World, code_of

_PATH = "/srv/zhiku/data/catalog.sqlite"


class Broken:
    """Raises on every use, whatever is used."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def fail(*_arguments: Any, **_options: Any) -> Any:
            raise self.error

        return fail


def broken(world: World, part: str, error: Exception) -> None:
    object.__setattr__(world.system, part, Broken(error))


class TestTable:
    def test_a_subclass_is_what_its_nearest_known_ancestor_is(self) -> None:
        class Reset(IndexUnavailable):
            pass

        assert problem_of(Reset("x")) == TABLE[IndexUnavailable]

    @pytest.mark.parametrize(
        "error", [StoreError("x"), GenerationError("x"), PromptInvalid("x"), ValueError("x")]
    )
    def test_what_has_no_row_is_internal(self, error: Exception) -> None:
        assert problem_of(error).code == "internal"
        assert problem_of(error).status == 500

    @pytest.mark.parametrize("kind", TABLE)
    def test_what_may_work_later_says_when(self, kind: type[Exception]) -> None:
        if getattr(kind, "retryable", False) and TABLE[kind].code != "models_unavailable":
            assert TABLE[kind].retry_after_seconds
        else:
            assert TABLE[kind].retry_after_seconds is None or TABLE[kind].code == "index_locked"

    @pytest.mark.parametrize(
        "kind",
        [kind for kind in TABLE if issubclass(kind, (GenerationError, ModelError, StoreError))],
    )
    def test_no_detail_of_a_stages_error_reaches_the_body(self, kind: type[Exception]) -> None:
        response = error_response(kind(_PATH), headers=Headers({}), request_id="7")

        assert _PATH.encode() not in response.body


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (IndexUnavailable(_PATH), 503, "index_unavailable"),
        (CatalogUnavailable(_PATH), 503, "catalog_unavailable"),
        (WeightsMissing(_PATH), 500, "models_unavailable"),
        (StorageFull(_PATH), 507, "storage_full"),
        (RuntimeError(_PATH), 500, "internal"),
        (StoreError(_PATH), 500, "internal"),
    ],
)
class TestFailures:
    def test_the_body_says_what_to_do_and_nothing_else(
        self, world: World, api: Api, error: Exception, status: int, code: str
    ) -> None:
        broken(world, "retriever", error)

        response = api.post("/v1/search", json={"query": "leave"})

        assert code_of(response) == (status, code)
        body = response.json()["error"]
        assert body.keys() == {"code", "message", "request_id"}
        assert body["request_id"] == response.headers["X-Request-Id"]
        for leak in (_PATH, "Traceback", "Error", "SELECT"):
            assert leak not in response.text

    def test_the_log_has_the_request_id_and_not_the_question(
        self,
        world: World,
        api: Api,
        caplog: pytest.LogCaptureFixture,
        error: Exception,
        status: int,
        code: str,
    ) -> None:
        broken(world, "retriever", error)

        with caplog.at_level(logging.DEBUG):
            response = api.post("/v1/search", json={"query": "canary question"})

        request_id = response.headers["X-Request-Id"]
        lines = [record for record in caplog.records if request_id in record.getMessage()]
        assert {record.levelname for record in lines} >= {"INFO"}
        assert any(record.levelno >= logging.WARNING for record in lines)
        assert "canary" not in caplog.text
        assert status >= 500
        assert code


def test_an_unexpected_error_is_logged_with_its_traceback(
    world: World, api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    broken(world, "retriever", RuntimeError(_PATH))

    api.post("/v1/search", json={"query": "leave"})

    assert "Traceback" in caplog.text
    assert _PATH in caplog.text


def test_no_log_line_holds_question_or_answer(
    world: World, api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    world.llm.pieces = ("canary answer",)
    with caplog.at_level(logging.DEBUG):
        api.ingested("leave.txt", "Fifteen days of annual leave.")
        for stream in (False, True):
            body = {"question": "canary question about leave", "stream": stream}
            assert api.post("/v1/chat", json=body).status_code == 200

    assert "canary" not in caplog.text
    assert re.search(r"POST /v1/chat 200 in \d+ ms", caplog.text)


def test_messages_come_in_the_callers_language(api: Api) -> None:
    def message(language: str) -> str:
        response = api.post("/v1/search", json={"query": ""}, headers={"Accept-Language": language})
        text: str = response.json()["error"]["message"]
        return text

    assert message("zh-CN,zh;q=0.9,en;q=0.8") == "问题为空：请输入问题。"
    assert message("en-US,en;q=0.9") == "The question is empty: type one."


def test_every_response_carries_its_headers(api: Api) -> None:
    responses = [
        api.get("/health/live"),
        api.get("/v1/documents"),
        api.get("/v1/nothing"),
        api.post("/v1/search", json={"query": ""}),
    ]

    for response in responses:
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-store"
        assert re.fullmatch("[0-9a-f]{32}", response.headers["X-Request-Id"])
        assert "Access-Control-Allow-Origin" not in response.headers
    assert len({response.headers["X-Request-Id"] for response in responses}) == len(responses)


def test_a_failing_key_check_lets_nobody_in(world: World, api: Api) -> None:
    world.system.catalog.keys = Broken(CatalogUnavailable(_PATH))  # type: ignore[assignment]

    response = api.post("/v1/search", json={"query": "leave"})

    assert code_of(response) == (503, "catalog_unavailable")


def test_the_model_away_names_no_address(world: World, api: Api) -> None:
    api.ingested("leave.txt", "Fifteen days of annual leave.")
    world.llm.pieces = (ModelUnavailable("http://10.0.0.9:8000 refused"),)

    assert "10.0.0.9" not in api.post("/v1/chat", json={"question": "annual leave?"}).text
