"""Any server that speaks OpenAI's API: vLLM, Ollama, llama.cpp, a hosted model."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from email.utils import parsedate_to_datetime

import openai
from openai.types.chat import ChatCompletion, ChatCompletionChunk, ChatCompletionMessageParam

from generation.bridge import Bridge, Emit
from generation.chunks import (
    MOST_LIKELIEST,
    read_chunks,
    read_likeliest,
    response_format,
    server_error,
)
from generation.errors import GenerationError, ModelRefused, ModelUnavailable
from generation.llm import Message, Usage

_CONNECT_SECONDS = 5.0
_CHECK_SECONDS = 2.0
_BAD_REQUEST = "400"
_SERVER_ERRORS = 500
# Request timeout, conflict, too early: of the moment, not of the request.
_PASSING = frozenset({408, 409, 425})


class OpenAIServer:
    """A chat model behind a URL.

    Parameters
    ----------
    base_url
        With the version: `http://127.0.0.1:11434/v1`.
    model
        The name that the server knows the model by; empty: the first that it lists.
    api_key
        None where the server asks for none.
    timeout_seconds
        The longest wait for the next piece of an answer, the first one included.
    """

    def __init__(
        self, base_url: str, *, model: str, api_key: str | None, timeout_seconds: float
    ) -> None:
        self._base_url = base_url
        self._model = model
        # Never None: the client would take OPENAI_API_KEY and send it to somebody else's server.
        # Nothing is sent twice: whether to ask again is for the caller to say.
        self._client = openai.OpenAI(
            base_url=base_url,
            api_key=api_key or "none",
            timeout=openai.Timeout(timeout_seconds, connect=min(_CONNECT_SECONDS, timeout_seconds)),
            max_retries=0,
        )
        self._bridge: Bridge[ChatCompletionChunk] = Bridge("openai")
        self._likelies: Bridge[ChatCompletion] = Bridge("openai-likeliest")

    @property
    def name(self) -> str:
        """The model's name; before the first answer, if none was given, where it comes from."""
        return self._model or f"first model of {self._base_url}"

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        cancelled: Callable[[], bool],
        response_schema: Mapping[str, object] | None = None,
    ) -> Iterator[str | Usage]:
        """Yield pieces of the answer, then one `Usage`; see `LanguageModel`.

        A cancel closes the connection at the next piece, which stops the server.
        """
        chat = [_message(message) for message in messages]

        def produce(emit: Emit[ChatCompletionChunk]) -> None:
            self._request(chat, max_tokens=max_tokens, schema=response_schema, emit=emit)

        chunks = self._bridge.stream(produce, cancelled=cancelled)
        yield from read_chunks(chunks, server=self._server, cancelled=cancelled)

    def likeliest(
        self, messages: Sequence[Message], *, cancelled: Callable[[], bool]
    ) -> Mapping[str, float]:
        """Return the likeliest first tokens; see `LanguageModel`.

        A server that refuses the request does not tell them.
        """
        chat = [_message(message) for message in messages]

        def produce(emit: Emit[ChatCompletion]) -> None:
            try:
                self._model = self._model or self._first_model()
                completion = self._client.chat.completions.create(
                    model=self._model,
                    messages=chat,
                    max_tokens=1,
                    temperature=0,
                    logprobs=True,
                    top_logprobs=MOST_LIKELIEST,
                )
            except (openai.OpenAIError, ValueError) as error:
                raise self._classify(error) from error
            emit(completion)

        try:
            for completion in self._likelies.stream(produce, cancelled=cancelled):
                return read_likeliest(completion, server=self._server)
        except ModelRefused:
            pass
        return {}

    def check(self) -> None:
        """Return if the server answers and takes the key; raises `ModelUnavailable`."""
        try:
            self._client.with_options(timeout=_CHECK_SECONDS).models.list()
        except (openai.OpenAIError, ValueError) as error:
            raise self._classify(error) from error

    def close(self) -> None:
        """Stop all answers and close the connections."""
        self._bridge.close()
        self._likelies.close()
        self._client.close()

    def _first_model(self) -> str:
        listed = self._client.with_options(timeout=_CHECK_SECONDS).models.list().data
        if not listed:
            raise ModelUnavailable(f"{self._server} lists no model; load one there")
        return str(listed[0].id)

    @property
    def _server(self) -> str:
        return f"the LLM server at {self._base_url}"

    def _request(
        self,
        chat: Sequence[ChatCompletionMessageParam],
        *,
        max_tokens: int,
        schema: Mapping[str, object] | None,
        emit: Emit[ChatCompletionChunk],
    ) -> None:
        try:
            self._model = self._model or self._first_model()
            with self._client.chat.completions.create(
                model=self._model,
                messages=chat,
                max_tokens=max_tokens,
                temperature=0,
                stream=True,
                stream_options={"include_usage": True},
                response_format=openai.omit if schema is None else response_format(schema),
            ) as stream:
                for chunk in stream:
                    if emit(chunk):
                        return
        # ValueError: a line of the stream that is no JSON or no UTF-8.
        except (openai.OpenAIError, ValueError) as error:
            raise self._classify(error) from error

    def _classify(self, error: Exception) -> GenerationError:
        kind: type[ModelUnavailable] = ModelUnavailable
        match error:
            case openai.APITimeoutError():
                reason = "did not answer in time; it is overloaded or still loading the model"
            case openai.APIConnectionError():
                reason = "cannot be reached or broke off; start it or correct `llm.base_url`"
            case openai.AuthenticationError() | openai.PermissionDeniedError():
                kind = ModelRefused
                reason = "refused the key; set ZHIKU_LLM__API_KEY to a valid one"
            case openai.NotFoundError():
                kind = ModelRefused
                reason = f"has no model {self._model!r} or no such address; correct `llm.model`"
            case openai.BadRequestError():
                return server_error(
                    server=self._server,
                    message=error.message,
                    kinds=(str(error.type), str(error.code), _BAD_REQUEST),
                )
            case openai.RateLimitError():
                reason = "is overloaded (status 429); ask again later"
            case openai.APIStatusError():
                if error.status_code < _SERVER_ERRORS and error.status_code not in _PASSING:
                    kind = ModelRefused
                reason = f"failed with status {error.status_code}; look at its log"
            case _:
                reason = f"sent something unreadable ({error}); is it an OpenAI-compatible API?"
        return kind(f"{self._server} {reason}", retry_after_seconds=retry_after_seconds(error))


def retry_after_seconds(error: Exception, *, now: Callable[[], float] = time.time) -> float | None:
    """Return how long the server asked not to be asked; None where it did not say.

    `Retry-After` holds seconds or a date (RFC 9110); what is neither is left aside.
    """
    if not isinstance(error, openai.APIStatusError):
        return None
    told = error.response.headers.get("Retry-After", "").strip()
    if told.isascii() and told.isdecimal():
        return float(told)
    try:
        return max(0.0, parsedate_to_datetime(told).timestamp() - now())
    except ValueError:
        return None


def _message(message: Message) -> ChatCompletionMessageParam:
    match message.role:
        case "system":
            return {"role": "system", "content": message.content}
        case "user":
            return {"role": "user", "content": message.content}
        case "assistant":
            return {"role": "assistant", "content": message.content}
