"""The scorer behind a URL, asked through a scripted transport."""

import json
from collections.abc import Callable

import httpx
import pytest

from models.errors import ScorerUnavailable
from models.rerank_server import RerankServer
from models.window_scorer import Window, WindowScorer
from tests.contracts.window_scorer import WindowScorerContract

Handler = Callable[[httpx.Request], httpx.Response]


def _server(handler: Handler, *, api_key: str | None = None) -> RerankServer:
    return RerankServer(
        "http://127.0.0.1:9/",
        api_key=api_key,
        timeout_seconds=1,
        transport=httpx.MockTransport(handler),
    )


def _by_length(request: httpx.Request) -> httpx.Response:
    """Answer as text-embeddings-inference does: best first, with the number of each text."""
    texts = json.loads(request.content)["texts"]
    scores = [{"index": i, "score": 1 / (1 + len(text))} for i, text in enumerate(texts)]
    return httpx.Response(200, json=sorted(scores, key=lambda each: -each["score"]))


class TestRerankServer(WindowScorerContract):
    @pytest.fixture
    def scorer(self) -> WindowScorer:
        return _server(_by_length)


def test_the_request_is_what_the_server_takes() -> None:
    requests: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return _by_length(request)

    _server(handler, api_key="secret").score("年假", [Window("a"), Window("bb")])

    (request,) = requests
    assert (request.method, str(request.url)) == ("POST", "http://127.0.0.1:9/rerank")
    assert request.headers["authorization"] == "Bearer secret"
    assert json.loads(request.content) == {
        "query": "年假",
        "texts": ["a", "bb"],
        "raw_scores": False,
        "truncate": True,
    }


def test_many_windows_are_asked_32_at_a_time() -> None:
    sizes: list[int] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sizes.append(len(json.loads(request.content)["texts"]))
        return _by_length(request)

    found = _server(handler).score("q", [Window("a" * number) for number in range(70)])

    assert sizes == [32, 32, 6]
    assert [each.value for each in found] == [1 / (1 + number) for number in range(70)]


def test_no_key_is_no_header() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        assert "authorization" not in request.headers
        return _by_length(request)

    assert len(_server(handler).score("q", [Window("a")])) == 1


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (httpx.Response(429), "status 429"),
        (httpx.Response(200, text="<html>"), "no list of scores"),
        (httpx.Response(200, json={"error": "x"}), "no list of scores"),
        (httpx.Response(200, json=[{"index": 0, "score": 0.5}]), "scored 1 of 2"),
        (httpx.Response(200, json=[{"index": 0, "score": 1}] * 2), "scored 1 of 2"),
    ],
)
def test_what_is_no_answer_is_an_error_that_names_the_setting(
    response: httpx.Response, reason: str
) -> None:
    server = _server(lambda _: response)

    with pytest.raises(ScorerUnavailable, match=reason) as raised:
        server.score("q", [Window("a"), Window("b")])

    assert "retrieval.rerank_url" in str(raised.value)
    assert raised.value.retryable


def test_a_server_that_is_away_is_an_error() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(ScorerUnavailable, match="cannot be reached"):
        _server(handler).score("q", [Window("a")])
