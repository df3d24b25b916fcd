import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from generation.errors import ModelRefused, ModelUnavailable
from generation.llama import EmbeddedLlama
from generation.llm import Message, Usage
from generation.response_schema import checked_schema
from tests.contracts.llm import HELLO, LanguageModelContract, ask, never


def test_a_missing_file_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="zhiku models pull"):
        EmbeddedLlama(tmp_path / "no.gguf", context_tokens=512, threads=1)


def test_a_damaged_file_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.gguf"
    path.write_bytes(b"GGUF but not really" * 100)
    with pytest.raises(ModelUnavailable, match="zhiku models verify"):
        EmbeddedLlama(path, context_tokens=512, threads=1)


@pytest.mark.real
class TestEmbeddedLlama(LanguageModelContract):
    @pytest.fixture
    def llm(self, llama: EmbeddedLlama) -> EmbeddedLlama:
        return llama

    def test_the_prefill_is_told(self, llm: EmbeddedLlama) -> None:
        usage = ask(llm)[-1]
        assert isinstance(usage, Usage)
        assert usage.prefill_seconds is not None

    def test_a_cancel_in_the_middle_of_a_long_prompt_frees_the_slot(
        self, llm: EmbeddedLlama
    ) -> None:
        calls = iter([False] * 3 + [True] * 1000)
        long = [Message("user", "hello " * 1500)]
        assert list(llm.stream(long, max_tokens=5, cancelled=lambda: next(calls))) == []
        assert isinstance(ask(llm)[-1], Usage)

    def test_a_wrong_request_is_an_error_and_not_an_empty_answer(self, llm: EmbeddedLlama) -> None:
        with pytest.raises(ModelUnavailable, match="max_tokens"):
            list(llm.stream([Message("user", "hi")], max_tokens=-5, cancelled=never))

    def test_a_schema_constrains_what_is_written(self, llm: EmbeddedLlama) -> None:
        schema = checked_schema(
            {
                "type": "object",
                "properties": {
                    "days": {"$ref": "#/$defs/days"},
                    "单位": {"enum": ["天", "周"]},
                    "note": {"type": "string", "maxLength": 500},
                },
                "required": ["days", "单位"],
                "additionalProperties": False,
                "$defs": {"days": {"type": "integer", "minimum": 0, "maximum": 365}},
            }
        )
        asked = [Message("user", "年假五天。 Tell me how many days in one short poem.")]
        *pieces, _ = llm.stream(
            asked, max_tokens=200, cancelled=never, response_schema=schema.document
        )
        assert schema.read("".join(str(piece) for piece in pieces))["days"] == 5

    def test_a_schema_that_llama_cpp_cannot_take_is_refused(self, llm: EmbeddedLlama) -> None:
        with pytest.raises(ModelRefused):
            list(
                llm.stream(
                    HELLO, max_tokens=9, cancelled=never, response_schema={"type": "nonsense"}
                )
            )
        assert isinstance(ask(llm)[-1], Usage)

    @pytest.mark.parametrize("path", ["/v1/models", "/v1/chat/completions", "/props", "/slots"])
    def test_the_http_server_wants_the_key(self, llm: EmbeddedLlama, path: str) -> None:
        request = urllib.request.Request(llm.url + path, data=b"{}")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=5)
        assert refused.value.code == 401
        refused.value.close()

    def test_the_http_server_listens_on_this_machine_only(self, llm: EmbeddedLlama) -> None:
        assert llm.url.startswith("http://127.0.0.1:")

    def test_web_pages_may_not_read_it(self, llm: EmbeddedLlama) -> None:
        request = urllib.request.Request(
            llm.url + "/health", headers={"Origin": "http://evil.example"}
        )
        with urllib.request.urlopen(request, timeout=5) as response:
            assert json.load(response) == {"status": "ok"}
            assert not response.headers["Access-Control-Allow-Origin"]


@pytest.mark.real
def test_a_model_that_is_closed_at_once_ends_and_says_so(
    models_folder: Path, llama: EmbeddedLlama
) -> None:
    second = EmbeddedLlama(llama.path, context_tokens=512, threads=1)
    second.close()
    with pytest.raises(ModelUnavailable, match="closed"):
        ask(second)
    with pytest.raises(ModelUnavailable, match="does not answer"):
        second.check()
