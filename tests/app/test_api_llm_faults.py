"""What a question gets while the server of the language model fails in some way."""

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from generation.openai_server import OpenAIServer
from generation.resilience import Patience, ResilientModel
from tests.app.api_world import Api, build_world
from tests.fakes.llm import ScriptedLLM
from tests.fakes.openai_server import DONE, ScriptedServer, event, piece, serve

TEXT = "Employees have fifteen days of leave."
QUESTION = {"question": "How many days of leave?"}
WHOLE = [piece("Fifteen days of leave [1].", finish_reason="stop"), DONE]
SILENT = threading.Event()
FAULTS = {
    "500": ScriptedServer(status=500, body=[b"{}"]),
    "503": ScriptedServer(status=503, body=[b"{}"]),
    "silent": ScriptedServer(body=[SILENT]),
    "cut": ScriptedServer(body=[piece("Fifteen days ")]),
    "stalls": ScriptedServer(body=[piece("Fifteen days "), SILENT]),
    "no utf-8": ScriptedServer(body=[piece("Fifteen days "), b"data: \xff\xfe\n\n"]),
    "no json": ScriptedServer(body=[piece("Fifteen days "), b"data: {oops}\n\n"]),
    "garbage": ScriptedServer(body=[piece("Fifteen days "), event(choices="x"), DONE]),
    "done without a reason": ScriptedServer(body=[piece("Fifteen days "), DONE]),
}


@pytest.fixture(params=FAULTS)
def faulty(request: pytest.FixtureRequest) -> Iterator[ScriptedServer]:
    told = FAULTS[request.param]
    SILENT.clear()
    with serve(ScriptedServer(body=told.body, status=told.status)) as server:
        yield server
        SILENT.set()


@pytest.fixture
def api(faulty: ScriptedServer, tmp_path: Path) -> Iterator[Api]:
    server = OpenAIServer(faulty.url, model="m", api_key=None, timeout_seconds=0.3)
    patience = Patience(deadline_seconds=5, retries=1, retry_seconds=1)
    writer = ResilientModel(server, patience=patience, sleep=lambda _seconds: None)
    with ExitStack() as resources:
        resources.callback(server.close)
        resources.callback(SILENT.set)
        world = build_world(tmp_path, resources, ScriptedLLM(), cached=True, writer=writer)
        client = resources.enter_context(TestClient(world.app()))
        found = Api(client, world.key())
        found.ingested("leave.txt", TEXT)
        yield found


def test_the_answer_is_words_of_the_documents_and_is_not_kept(
    api: Api, faulty: ScriptedServer
) -> None:
    response = api.post("/v1/chat", json=QUESTION)
    assert response.status_code == 200
    answer = response.json()
    assert (answer["degraded"], answer["refusal"], answer["usage"]) == (True, False, None)
    assert [each["quote"] for each in answer["citations"]] == [TEXT]
    assert TEXT in answer["text"]
    faulty.status, faulty.body = 200, WHOLE
    again = api.post("/v1/chat", json=QUESTION).json()
    assert (again["degraded"], again["cached"]) == (False, False)
    assert "[1]" in again["text"]


def test_a_stream_that_broke_off_ends_as_degraded(api: Api) -> None:
    response = api.post("/v1/chat", json={**QUESTION, "stream": True})
    events = [block.split("\n") for block in response.text.strip().split("\n\n")]
    assert events[-1][0] == "event: done"
    assert json.loads(events[-1][1].removeprefix("data: "))["degraded"]
