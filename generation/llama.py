"""A GGUF model in this process, run by llama.cpp (xllamacpp)."""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx

from generation.bridge import Bridge, Emit
from generation.chunks import read_chunks, response_format
from generation.errors import ModelRefused, ModelUnavailable
from generation.llm import Message, Usage

_CHECK_SECONDS = 2.0

_BATCH_TOKENS = 128
"""A cancel is seen between two batches of the prompt: after 1.5 s on 2 cores instead of 6 s with
llama.cpp's 512, at the same speed (80 tokens/s)."""

_CACHE_MIB = 0
"""Of prompts kept beside the slots. The slot itself keeps the common start of the prompts."""


class EmbeddedLlama:
    """Serves one GGUF file.

    llama.cpp brings an HTTP server, which cannot be left out: it listens on a free port of
    127.0.0.1 and answers only to `api_key`, a secret of this process.

    Parameters
    ----------
    model_path
        The GGUF file.
    context_tokens
        The longest prompt with its answer, for each slot.
    threads
        CPU threads, best one per core.
    slots
        Answers written at the same time; more wait.
    """

    def __init__(
        self, model_path: Path, *, context_tokens: int, threads: int, slots: int = 1
    ) -> None:
        self.path = model_path
        self.api_key = secrets.token_urlsafe(32)
        self._server = self._load(context_tokens=context_tokens, threads=threads, slots=slots)
        self.url = str(self._server.listening_address)
        self._bridge: Bridge[dict[str, Any]] = Bridge("llama")

    @property
    def name(self) -> str:
        """The name of the file, without its ending."""
        return self.path.stem

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        cancelled: Callable[[], bool],
        response_schema: Mapping[str, object] | None = None,
    ) -> Iterator[str | Usage]:
        """Yield pieces of the answer, then one `Usage`; see `LanguageModel`."""
        server = self._server
        if server is None:
            raise ModelUnavailable(f"the model {self.name} was closed; start Zhiku again")
        body: dict[str, Any] = {
            "messages": [asdict(message) for message in messages],
            "max_tokens": max_tokens,
            "temperature": 0,
            "stream": True,
            "stream_options": {"include_usage": True},
            # Empty chunks between the batches of the prompt, in which a cancel is seen.
            "return_progress": True,
        }
        if response_schema is not None:
            body["response_format"] = response_format(response_schema)

        def produce(emit: Emit[dict[str, Any]]) -> None:
            try:
                server.handle_chat_completions(body, emit)
            except ValueError as error:
                # What it cannot make a grammar of; other faults of a request come as chunks.
                raise ModelRefused(
                    f"the model {self.name} does not take the request ({error})"
                ) from error

        chunks = self._bridge.stream(produce, cancelled=cancelled)
        yield from read_chunks(chunks, server=f"the model {self.name}", cancelled=cancelled)

    def check(self) -> None:
        """Return if the model's server answers; raises `ModelUnavailable`."""
        try:
            httpx.get(f"{self.url}/health", timeout=_CHECK_SECONDS).raise_for_status()
        except httpx.HTTPError as error:
            raise ModelUnavailable(
                f"the model {self.name} does not answer ({error}); start Zhiku again"
            ) from error

    def close(self) -> None:
        """Stop all answers and free the memory."""
        self._bridge.close()
        self._server = None

    def _load(self, *, context_tokens: int, threads: int, slots: int) -> Any:  # noqa: ANN401
        if not self.path.is_file():
            raise ModelUnavailable(
                f"the language model is missing at {self.path}; run `zhiku models pull`"
            )
        import xllamacpp  # noqa: PLC0415 - loads llama.cpp

        params = xllamacpp.CommonParams()
        params.model.path = str(self.path)
        params.model_alias = {self.name}
        params.n_ctx = context_tokens * slots
        params.n_parallel = slots
        params.n_batch = params.n_ubatch = _BATCH_TOKENS
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
        params.cache_ram_mib = _CACHE_MIB
        params.warmup = True
        params.verbosity = 0
        params.api_keys = [self.api_key]
        params.hostnames = ["127.0.0.1"]
        params.cors_origins = ""
        params.ui = params.endpoint_slots = False
        try:
            server = xllamacpp.Server(params)
        except RuntimeError as error:
            raise ModelUnavailable(
                f"{self.path} cannot be loaded: it is damaged (`zhiku models verify`) or the "
                f"memory is too small for a context of {context_tokens} tokens x {slots}"
            ) from error
        _wait_for_loop(server)
        return server


def _wait_for_loop(server: Any) -> None:  # noqa: ANN401
    """Return once the server has answered a first request.

    A server that is freed before its loop has started never ends (2 of 3 times with xllamacpp
    2026.10, holding the GIL), which would hang a start-up that fails for another reason.
    """
    messages = [{"role": "user", "content": "."}]
    body = {"messages": messages, "max_tokens": 1, "stream": True}
    server.handle_chat_completions(body, lambda _chunk: False)
