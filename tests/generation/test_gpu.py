"""What only CUDA can run: transformers in 4 and 8 bits, and vLLM behind its API."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest

from generation.llm import LanguageModel
from generation.openai_server import OpenAIServer
from generation.response_schema import checked_schema
from generation.transformers_model import TransformersModel
from tests.contracts.llm import HELLO, LanguageModelContract, never
from tests.fakes.chat_model import POSITIONS, write_chat_model

pytestmark = [pytest.mark.gpu, pytest.mark.timeout(600)]
_START_SECONDS = 400


@pytest.fixture(scope="module")
def chat_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    if not torch.cuda.is_available():
        pytest.skip("there is no CUDA here")
    folder = tmp_path_factory.mktemp("hub") / "tiny-chat"
    write_chat_model(folder, hidden=128)
    return folder


@pytest.fixture(scope="module", params=["none", "4bit", "8bit"])
def quantised(chat_model: Path, request: Any) -> Iterator[TransformersModel]:
    if request.param != "none" and find_spec("bitsandbytes") is None:
        pytest.skip("bitsandbytes is not installed: pip install 'zhiku[gpu]'")
    model = TransformersModel(chat_model, quantisation=request.param, context_tokens=4096)
    yield model
    model.close()


class TestTransformersOnTheGpu(LanguageModelContract):
    @pytest.fixture
    def llm(self, quantised: TransformersModel) -> LanguageModel:
        return quantised


@contextmanager
def vllm_server(folder: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    module = ("-m", "vllm.entrypoints.openai.api_server", "--model", str(folder))
    place = ("--host", "127.0.0.1", "--port", str(port))
    limits = ("--max-model-len", str(POSITIONS), "--gpu-memory-utilization", "0.2")
    server = subprocess.Popen([sys.executable, *module, *place, *limits, "--enforce-eager"])
    try:
        _wait_until_ready(server, f"http://127.0.0.1:{port}/health")
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        server.wait(60)


def _wait_until_ready(server: "subprocess.Popen[bytes]", url: str) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        assert server.poll() is None, "vLLM ended; its output says why"
        try:
            if httpx.get(url, timeout=2).is_success:
                return
        except httpx.TransportError:
            time.sleep(1)
    raise AssertionError(f"vLLM did not start within {_START_SECONDS} s")


@pytest.fixture(scope="module")
def vllm(chat_model: Path) -> Iterator[OpenAIServer]:
    if find_spec("vllm") is None:
        pytest.skip("vLLM is not installed")
    with vllm_server(chat_model) as url:
        llm = OpenAIServer(url, model="", api_key=None, timeout_seconds=60)
        yield llm
        llm.close()


class TestVllm(LanguageModelContract):
    @pytest.fixture
    def llm(self, vllm: OpenAIServer) -> LanguageModel:
        return vllm

    def test_a_schema_constrains_what_is_written(self, llm: LanguageModel) -> None:
        schema = checked_schema(
            {
                "type": "object",
                "properties": {"leave": {"enum": ["yes", "no"]}},
                "required": ["leave"],
                "additionalProperties": False,
            }
        )
        *pieces, _ = llm.stream(
            HELLO, max_tokens=64, cancelled=never, response_schema=schema.document
        )
        assert schema.read("".join(str(piece) for piece in pieces))["leave"] in {"yes", "no"}
