"""Chat completion chunks, as llama.cpp, vLLM, Ollama and OpenAI stream them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from generation.errors import GenerationError, ModelRefused, ModelUnavailable, PromptTooLong
from generation.llm import Usage

if TYPE_CHECKING:
    from openai.types.shared_params import ResponseFormatJSONSchema

_MILLISECONDS = 1000.0
MOST_LIKELIEST = 20
"""The most that OpenAI and vLLM tell."""


class _Delta(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    delta: _Delta = _Delta()
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int
    completion_tokens: int


class _Timings(BaseModel):
    """An addition of llama.cpp."""

    prompt_ms: float


class _Error(BaseModel):
    message: str = "no message"
    type: str | None = None
    code: int | str | None = None


class _Chunk(BaseModel):
    choices: list[_Choice] = []
    usage: _Usage | None = None
    timings: _Timings | None = None
    error: _Error | None = None


_Read = TypeVar("_Read", _Chunk, "_Completion")


class _Likely(BaseModel):
    token: str
    logprob: float


class _Position(BaseModel):
    top_logprobs: list[_Likely] = []


class _Logprobs(BaseModel):
    content: list[_Position] | None = None


class _FirstChoice(BaseModel):
    logprobs: _Logprobs | None = None


class _Completion(BaseModel):
    choices: list[_FirstChoice] = []
    error: _Error | None = None


def read_likeliest(completion: object, *, server: str) -> dict[str, float]:
    """Return the log-probabilities of the likeliest first tokens of a completion.

    Raises
    ------
    ModelUnavailable, PromptTooLong
        As for `read_chunks`.
    """
    read = _parse(completion, _Completion, server=server)
    found: dict[str, float] = {}
    for choice in read.choices[:1]:
        for position in ((choice.logprobs and choice.logprobs.content) or [])[:1]:
            for each in position.top_logprobs:
                found[each.token] = max(each.logprob, found.get(each.token, each.logprob))
    return found


def read_chunks(
    chunks: Iterable[object], *, server: str, cancelled: Callable[[], bool]
) -> Iterator[str | Usage]:
    """Turn chunks, dicts or the openai client's objects, into pieces of text and one `Usage`.

    An answer counts as complete only if a chunk said why it ended. A server that tells no usage
    gets its pieces counted as tokens, and 0 for the prompt.

    Raises
    ------
    ModelUnavailable
        The stream broke off, held an error, or something that is no chunk.
    PromptTooLong
        The server said so.
    """
    finished = False
    pieces = 0
    usage: _Usage | None = None
    timings: _Timings | None = None
    for raw in chunks:
        chunk = _parse(raw, _Chunk, server=server)
        usage = chunk.usage or usage
        timings = chunk.timings or timings
        for choice in chunk.choices:
            finished = finished or choice.finish_reason is not None
            if choice.delta.content:
                pieces += 1
                yield choice.delta.content
        # Nothing comes after the usage; a server that never says [DONE] is not waited for.
        if finished and usage:
            break
    if finished:
        seconds = timings.prompt_ms / _MILLISECONDS if timings else None
        yield Usage(
            prompt_tokens=usage.prompt_tokens if usage else 0,
            answer_tokens=usage.completion_tokens if usage else pieces,
            prefill_seconds=seconds,
        )
    elif not cancelled():
        raise ModelUnavailable(f"{server} broke off in the middle of an answer; ask again")


def _parse(raw: object, kind: type[_Read], *, server: str) -> _Read:
    try:
        chunk = kind.model_validate(raw, from_attributes=True)
    except ValidationError as error:
        raise ModelUnavailable(
            f"{server} sent something that is no chat completion; is it an OpenAI-compatible API?"
        ) from error
    if chunk.error:
        raise server_error(
            server=server,
            message=chunk.error.message,
            kinds=(str(chunk.error.type), str(chunk.error.code)),
        )
    return chunk


def server_error(*, server: str, message: str, kinds: Iterable[str]) -> GenerationError:
    """Classify an error that a server reports.

    `exceed_context_size_error` is llama.cpp's word, `context_length_exceeded` OpenAI's; vLLM has
    only its message. What a server calls an invalid request, it refuses again.
    """
    too_long = {"exceed_context_size_error", "context_length_exceeded"}.intersection(kinds)
    if too_long or "maximum context length" in message:
        return PromptTooLong(
            f"the question with its evidence does not fit the model's context ({message}); "
            "ask a shorter question or give the model a larger context"
        )
    refused = {"invalid_request_error", "400"}.intersection(kinds)
    kind = ModelRefused if refused else ModelUnavailable
    return kind(f"{server} failed: {message}")


def response_format(schema: Mapping[str, object]) -> "ResponseFormatJSONSchema":
    """Return the field of a request that lets only JSON of the schema be written.

    Without `strict`, with which OpenAI refuses every schema that has an optional property.
    """
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": dict(schema)}}
