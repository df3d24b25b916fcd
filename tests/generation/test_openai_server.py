import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import openai
import pytest

from generation.errors import GenerationError, ModelRefused, ModelUnavailable, PromptTooLong
from generation.llama import EmbeddedLlama
from generation.llm import Usage
from generation.openai_server import OpenAIServer, retry_after_seconds
from tests.contracts.llm import HELLO, LanguageModelContract, ask, never
from tests.fakes.openai_server import DONE, ScriptedServer, event, piece, serve


@contextmanager
def connected(
    script: ScriptedServer, *, model: str = "scripted", timeout_seconds: float = 5.0
) -> Iterator[OpenAIServer]:
    with serve(script):
        llm = OpenAIServer(
            script.url, model=model, api_key="secret", timeout_seconds=timeout_seconds
        )
        yield llm
        llm.close()


@pytest.mark.real
class TestAgainstLlamaCpp(LanguageModelContract):
    @pytest.fixture
    def llm(self, llama: EmbeddedLlama) -> Iterator[OpenAIServer]:
        server = OpenAIServer(
            f"{llama.url}/v1", model=llama.name, api_key=llama.api_key, timeout_seconds=120
        )
        yield server
        server.close()

    def test_the_prefill_of_llama_cpp_is_passed_on(self, llm: OpenAIServer) -> None:
        usage = ask(llm)[-1]
        assert isinstance(usage, Usage)
        assert usage.prefill_seconds is not None
        assert usage.prefill_seconds > 0

    def test_a_wrong_key_is_told(self, llama: EmbeddedLlama) -> None:
        server = OpenAIServer(f"{llama.url}/v1", model="x", api_key="wrong", timeout_seconds=5)
        with pytest.raises(ModelUnavailable, match="refused the key"):
            server.check()
        with pytest.raises(ModelUnavailable, match="refused the key"):
            ask(server)
        server.close()


def test_pieces_and_usage() -> None:
    script = ScriptedServer()
    with connected(script) as llm:
        assert ask(llm) == ["Hello", Usage(prompt_tokens=5, answer_tokens=1)]
    request = script.requests[0]
    assert request["model"] == "scripted"
    assert request["temperature"] == 0
    assert request["messages"][1] == {"role": "user", "content": "Say hello."}


def test_a_server_without_usage_gets_its_pieces_counted() -> None:
    script = ScriptedServer(body=[piece("a"), piece("b", finish_reason="stop"), DONE])
    with connected(script) as llm:
        assert ask(llm) == ["a", "b", Usage(prompt_tokens=0, answer_tokens=2)]


def test_without_a_model_the_first_listed_one_is_asked() -> None:
    script = ScriptedServer(models=["first", "second"])
    with connected(script, model="") as llm:
        assert "first model of" in llm.name
        ask(llm)
        assert llm.name == "first"
    assert script.requests[0]["model"] == "first"


def test_a_server_without_models_is_told() -> None:
    with (
        connected(ScriptedServer(models=[]), model="") as llm,
        pytest.raises(ModelUnavailable, match="lists no model"),
    ):
        ask(llm)


def test_the_key_of_the_environment_goes_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "private")
    script = ScriptedServer()
    with serve(script):
        llm = OpenAIServer(script.url, model="x", api_key=None, timeout_seconds=5)
        llm.check()
        llm.close()
    assert script.keys == ["Bearer none"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param([], id="nothing"),
        pytest.param([piece("Hel")], id="cut"),
        pytest.param([piece("Hel"), DONE], id="done without a reason"),
        pytest.param([piece("Hel"), b"data: {not json}\n\n"], id="no json"),
        pytest.param([piece("Hel"), b"data: \xff\xfe\n\n"], id="no utf-8"),
        pytest.param([piece("Hel"), b"data: 5\n\n"], id="a number"),
        pytest.param([piece("Hel"), b'data: "text"\n\n'], id="a string"),
        pytest.param([piece("Hel"), b"data: [1]\n\n"], id="a list"),
        pytest.param([piece("Hel"), event(choices="x")], id="wrong types"),
        pytest.param([event(error={"message": "out of memory", "code": 500})], id="error"),
        pytest.param([b"<html>proxy</html>"], id="html"),
    ],
)
def test_a_broken_stream_is_never_a_complete_answer(body: list[bytes]) -> None:
    with (
        connected(ScriptedServer(body=body)) as llm,
        pytest.raises(ModelUnavailable, match=r"the LLM server at http://127"),
    ):
        ask(llm)


@pytest.mark.parametrize(
    ("status", "message", "error", "expected"),
    [
        (500, "boom", ModelUnavailable, "status 500"),
        (503, "Loading model", ModelUnavailable, "status 503"),
        (429, "slow down", ModelUnavailable, "overloaded"),
        (408, "too slow", ModelUnavailable, "status 408"),
        (422, "no such field", ModelRefused, "status 422"),
        (401, "who", ModelRefused, "refused the key"),
        (403, "no", ModelRefused, "refused the key"),
        (404, "no such model", ModelRefused, "has no model 'scripted'"),
        (400, "bad temperature", ModelRefused, "bad temperature"),
        (400, "This model's maximum context length is 4096 tokens", PromptTooLong, "shorter"),
    ],
)
def test_a_status_becomes_an_error_that_says_what_to_do(
    status: int, message: str, error: type[GenerationError], expected: str
) -> None:
    body = [json.dumps({"error": {"message": message}}).encode()]
    with (
        connected(ScriptedServer(status=status, body=body)) as llm,
        pytest.raises(error, match=expected) as raised,
    ):
        ask(llm)
    assert raised.type is error


def test_a_server_that_never_says_done_is_not_waited_for() -> None:
    release = threading.Event()
    body = [piece("Hi", finish_reason="stop"), ScriptedServer().body[2], release]
    with connected(ScriptedServer(body=body), timeout_seconds=0.5) as llm:
        assert ask(llm) == ["Hi", Usage(prompt_tokens=5, answer_tokens=1)]
        release.set()


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("7", 7.0), ("Sun, 06 Nov 1994 08:49:37 GMT", 37.0), ("soon", None), ("-1", None), ("", None)],
)
def test_the_time_that_the_server_names_is_told(told: str, seconds: float | None) -> None:
    request = httpx.Request("POST", "http://127.0.0.1")
    response: Any = httpx.Response(503, headers={"Retry-After": told}, request=request)
    error = openai.InternalServerError("away", response=response, body=None)
    assert retry_after_seconds(error, now=lambda: 784111740.0) == seconds


def test_an_error_carries_the_time_that_the_server_names() -> None:
    script = ScriptedServer(status=503, body=[b"{}"], headers={"Retry-After": "3"})
    with connected(script) as llm, pytest.raises(ModelUnavailable) as raised:
        ask(llm)
    assert raised.value.retry_after_seconds == 3


def test_openai_s_code_for_a_long_prompt_is_known() -> None:
    error = {"message": "too long", "code": "context_length_exceeded"}
    with (
        connected(ScriptedServer(status=400, body=[json.dumps({"error": error}).encode()])) as llm,
        pytest.raises(PromptTooLong),
    ):
        ask(llm)


def test_a_server_that_is_away_is_told() -> None:
    with serve(ScriptedServer()) as gone:
        pass
    llm = OpenAIServer(gone.url, model="x", api_key=None, timeout_seconds=2)
    with pytest.raises(ModelUnavailable, match=r"cannot be reached.*llm\.base_url"):
        ask(llm)
    with pytest.raises(ModelUnavailable, match="cannot be reached"):
        llm.check()
    llm.close()


def test_a_silent_server_runs_into_the_time_limit() -> None:
    release = threading.Event()
    with connected(ScriptedServer(body=[release]), timeout_seconds=0.2) as llm:
        with pytest.raises(ModelUnavailable, match="in time"):
            ask(llm)
        release.set()


def test_a_cancel_closes_the_connection() -> None:
    go_on = threading.Event()
    script = ScriptedServer(body=[piece("a"), go_on, *([piece("x" * 1000)] * 5000)])
    with connected(script) as llm:
        stream = llm.stream(HELLO, max_tokens=16, cancelled=go_on.is_set)
        assert next(iter(stream)) == "a"
        go_on.set()
        assert list(stream) == []
        assert script.cut_off.wait(10)


def test_nothing_is_sent_twice() -> None:
    script = ScriptedServer(status=500, body=[b"{}"])
    with connected(script) as llm, pytest.raises(ModelUnavailable):
        list(llm.stream(HELLO, max_tokens=1, cancelled=never))
    assert len(script.requests) == 1


def test_a_schema_is_handed_on_and_no_field_is_sent_without_one() -> None:
    script, schema = ScriptedServer(), {"type": "object"}
    with connected(script) as llm:
        list(llm.stream(HELLO, max_tokens=9, cancelled=never, response_schema=schema))
        ask(llm)
    assert script.requests[0]["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": schema},
    }
    assert "response_format" not in script.requests[1]
