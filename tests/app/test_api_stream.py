"""Streams over a real socket, where a caller can really go away."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack

import httpx
import pytest

from app.api.services import ANSWERS as PLACES
from app.sse import server_sent_events
from generation.errors import PromptTooLong
from generation.llm import Message, Usage
from stores.keys import Role
from tests.app.api_world import World, eventually
from tests.fakes.llm import ScriptedLLM

_QUESTION = {"question": "How many days of annual leave?"}


class EndlessLLM(ScriptedLLM):
    """Writes until it is told to stop, and tells how much it wrote and that it stopped."""

    def __init__(self) -> None:
        super().__init__()
        self.stopped = threading.Event()
        self.hold = threading.Event()
        self.hold.set()

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        cancelled: Callable[[], bool],
        response_schema: Mapping[str, object] | None = None,
    ) -> Iterator[str | Usage]:
        try:
            while not cancelled():
                self.written += 1
                yield f"word{self.written} "
                self.hold.wait(10)
                time.sleep(0.01)
        finally:
            self.stopped.set()


@pytest.fixture
def llm() -> ScriptedLLM:
    return EndlessLLM()


@pytest.fixture
def http(world: World, url: str) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {world.key(Role.EDITOR)}"}
    with httpx.Client(base_url=url, headers=headers, timeout=20) as http:
        files = {"file": ("leave.md", b"# Annual leave\n\nFifteen days of annual leave.\n")}
        job = http.post("/v1/documents", files=files).json()["id"]
        eventually(lambda: http.get(f"/v1/jobs/{job}").json()["outcome"])
        yield http


class TestEvents:
    @pytest.fixture
    def llm(self) -> ScriptedLLM:
        return ScriptedLLM(["Fifteen\n", "days\u2028 十五天", " [1]."])

    def test_evidence_then_tokens_then_the_answer(self, http: httpx.Client) -> None:
        with http.stream("POST", "/v1/chat", json={**_QUESTION, "stream": True}) as response:
            events = list(server_sent_events(response.iter_bytes()))

        assert response.headers["Content-Type"].startswith("text/event-stream")
        assert response.headers["Cache-Control"] == "no-store"
        names = [name for name, _ in events]
        assert [name for name in names if name != "sentence"] == [
            "evidence",
            *3 * ["token"],
            "done",
        ]
        checked = [text for name, text in events if name == "sentence"]
        assert ['"support":"verified"' in text for text in checked] == [True, False]
        assert "Fifteen days of annual leave." in events[0][1]
        assert '"text":"Fifteen [1]\\ndays' in events[-1][1]

    def test_what_fails_after_the_start_is_an_event(self, http: httpx.Client, world: World) -> None:
        world.llm.pieces = ("Fifteen", PromptTooLong("9000 tokens at 10.0.0.9"))

        with http.stream("POST", "/v1/chat", json={**_QUESTION, "stream": True}) as response:
            events = list(server_sent_events(response.iter_bytes()))

        assert response.status_code == 200
        assert [name for name, _ in events] == ["evidence", "token", "error"]
        assert '"code":"prompt_too_long"' in events[-1][1]
        assert response.headers["X-Request-Id"] in events[-1][1]
        assert "10.0.0.9" not in events[-1][1]

    def test_so_is_what_nobody_expected(self, http: httpx.Client, world: World) -> None:
        world.llm.pieces = ("Fifteen", RuntimeError("secret /srv/path"))

        with http.stream("POST", "/v1/chat", json={**_QUESTION, "stream": True}) as response:
            events = list(server_sent_events(response.iter_bytes()))

        assert [name for name, _ in events] == ["evidence", "token", "error"]
        assert '"code":"internal"' in events[-1][1]
        assert "secret" not in events[-1][1]

    def test_what_fails_before_the_start_has_its_status(
        self, http: httpx.Client, world: World
    ) -> None:
        world.indexes.available = False

        response = http.post("/v1/chat", json={**_QUESTION, "stream": True})

        assert response.status_code == 503
        assert response.json()["error"]["code"] == "index_unavailable"


class TestDisconnect:
    @pytest.mark.parametrize("held", [False, True])
    def test_of_a_stream_stops_the_model(
        self, http: httpx.Client, llm: EndlessLLM, world: World, held: bool
    ) -> None:
        with http.stream("POST", "/v1/chat", json={**_QUESTION, "stream": True}) as response:
            events = server_sent_events(response.iter_bytes())
            assert [next(events)[0] for _ in range(3)] == ["evidence", "token", "token"]
            if held:
                # The model is silent, as it is while it reads a long prompt.
                llm.hold.clear()

        time.sleep(0.3)
        llm.hold.set()
        assert llm.stopped.wait(5)
        written = llm.written
        time.sleep(0.1)
        assert llm.written == written

    def test_of_a_caller_that_waits_for_the_whole_answer_stops_the_model(
        self, http: httpx.Client, llm: EndlessLLM
    ) -> None:
        with pytest.raises(httpx.ReadTimeout):
            http.post("/v1/chat", json=_QUESTION, timeout=0.5)

        assert llm.stopped.wait(5)

    def test_at_any_moment_gives_the_place_back(self, http: httpx.Client) -> None:
        for events in range(3 * PLACES):
            with http.stream("POST", "/v1/chat", json={**_QUESTION, "stream": True}) as response:
                assert response.status_code == 200
                for _ in zip(range(events % 3), response.iter_bytes(), strict=False):
                    pass

    def test_more_answers_than_places_are_refused(self, http: httpx.Client) -> None:
        body = {**_QUESTION, "stream": True}
        with ExitStack() as streams:
            for _ in range(PLACES):
                streams.enter_context(http.stream("POST", "/v1/chat", json=body))
            refused = http.post("/v1/chat", json=_QUESTION)

        assert refused.status_code == 503
        assert refused.json()["error"]["code"] == "overloaded"
        assert refused.headers["Retry-After"]

        def accepted() -> bool:
            with http.stream("POST", "/v1/chat", json=body) as response:
                return response.status_code == 200

        assert eventually(accepted)


class TestBeforeTheBody:
    """What can be refused by the headers is refused without waiting for a byte of the body."""

    @pytest.mark.parametrize(
        ("path", "role", "length", "status"),
        [
            ("/v1/documents", Role.READER, 500_000, 403),
            ("/v1/documents", Role.EDITOR, 5_000_000, 413),
            ("/v1/documents", None, 500_000, 401),
            ("/v1/search", Role.READER, 1_000_001, 413),
            ("/v1/chat", None, 500_000, 401),
        ],
    )
    def test_the_answer_comes_though_no_body_does(
        self, world: World, url: str, path: str, role: Role | None, length: int, status: int
    ) -> None:
        key = "zk_wrong" if role is None else world.key(role)
        port = int(url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(
                f"POST {path} HTTP/1.1\r\nHost: zhiku\r\nAuthorization: Bearer {key}\r\n"
                f"Content-Type: multipart/form-data; boundary=XX\r\n"
                f"Content-Length: {length}\r\n\r\n".encode()
            )

            assert connection.recv(100).startswith(f"HTTP/1.1 {status} ".encode())
