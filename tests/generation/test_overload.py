"""Many who ask a real client at once, while its server answers 503."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from generation.errors import ModelUnavailable
from generation.openai_server import OpenAIServer
from generation.resilience import Patience, ResilientModel
from tests.contracts.llm import ask
from tests.fakes.openai_server import ScriptedServer, serve

CLIENTS = 16
RUN_SECONDS = 60


class SharedTime:
    """A clock that goes on while somebody sleeps, for many threads."""

    def __init__(self) -> None:
        self.now = 0.0
        self._lock = threading.Lock()

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.now += seconds


@contextmanager
def resilient(script: ScriptedServer, time: SharedTime) -> Iterator[ResilientModel]:
    with serve(script):
        server = OpenAIServer(script.url, model="scripted", api_key=None, timeout_seconds=5)
        patience = Patience(deadline_seconds=30, retries=2, retry_seconds=10)
        yield ResilientModel(server, patience=patience, clock=time, sleep=time.sleep)
        server.close()


def answered(llm: ResilientModel) -> bool:
    try:
        ask(llm)
    except ModelUnavailable:
        return False
    return True


def crowd(llm: ResilientModel, people: ThreadPoolExecutor) -> int:
    """Let all ask at once; return how many were answered."""
    gate = threading.Barrier(CLIENTS)

    def one(_number: int) -> bool:
        gate.wait(10)
        return answered(llm)

    return sum(people.map(one, range(CLIENTS)))


@pytest.mark.parametrize(
    "statuses",
    [
        pytest.param([503], id="away"),
        pytest.param([503, 200], id="every other time"),
        pytest.param([503, 503, 200], id="two of three"),
    ],
)
def test_retries_are_few_beside_the_requests(statuses: list[int]) -> None:
    script, time = ScriptedServer(statuses=statuses), SharedTime()
    asked = 0
    with resilient(script, time) as llm, ThreadPoolExecutor(CLIENTS) as people:
        while time.now < RUN_SECONDS:
            crowd(llm, people)
            asked += CLIENTS
            time.now += 15
    assert len(script.requests) <= 1.2 * asked


def test_the_circuit_opens_and_one_probe_is_let_through() -> None:
    script, time = ScriptedServer(status=503), SharedTime()
    with resilient(script, time) as llm, ThreadPoolExecutor(CLIENTS) as people:
        for _ in range(10):
            assert not answered(llm)
        opened_after = len(script.requests)
        assert opened_after <= 5
        assert crowd(llm, people) == 0
        assert len(script.requests) == opened_after

        time.now += 5
        assert crowd(llm, people) == 0
        assert len(script.requests) == opened_after + 1

        script.status = 200
        time.now += 5
        assert answered(llm)
        assert crowd(llm, people) == CLIENTS


def test_nobody_asks_before_retry_after() -> None:
    script, time = ScriptedServer(status=503, headers={"Retry-After": "20"}), SharedTime()
    with resilient(script, time) as llm, ThreadPoolExecutor(CLIENTS) as people:
        assert not answered(llm)
        script.status = 200
        time.now += 19
        assert crowd(llm, people) == 0
        assert len(script.requests) == 1
        time.now += 1
        assert answered(llm)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_a_request_that_is_refused_is_sent_once(status: int) -> None:
    script = ScriptedServer(status=status, body=[b"{}"])
    with resilient(script, SharedTime()) as llm:
        assert not answered(llm)
    assert len(script.requests) == 1


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
def test_a_request_that_was_not_begun_is_sent_again(status: int) -> None:
    script = ScriptedServer(statuses=[status, 200])
    with resilient(script, SharedTime()) as llm:
        assert answered(llm)
    assert len(script.requests) == 2
