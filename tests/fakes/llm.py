"""A language model that says what the test wrote down."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from generation.errors import ModelUnavailable, PromptTooLong
from generation.llm import Message, Usage


class ScriptedLLM:
    """Streams `pieces`; an exception among them is raised when its turn comes.

    `prompts` keeps the messages of every call, `schemas` the schema that it came with. The prompt
    counts one token a character, and more than `context_tokens` of them raise `PromptTooLong`, as a
    real model does.
    """

    def __init__(
        self,
        pieces: Sequence[str | Exception] = ("The answer. [1]",),
        *,
        available: bool = True,
        context_tokens: int = 100_000,
    ) -> None:
        self.pieces = tuple(pieces)
        self.available = available
        self.context_tokens = context_tokens
        self.prompts: list[tuple[Message, ...]] = []
        self.schemas: list[Mapping[str, object] | None] = []
        self.written = 0

    @property
    def name(self) -> str:
        return "scripted"

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        cancelled: Callable[[], bool],
        response_schema: Mapping[str, object] | None = None,
    ) -> Iterator[str | Usage]:
        self.prompts.append(tuple(messages))
        self.schemas.append(response_schema)
        self.check()
        prompt_tokens = sum(len(message.content) for message in messages)
        if prompt_tokens > self.context_tokens:
            raise PromptTooLong(f"prompt of {prompt_tokens} tokens, context {self.context_tokens}")
        self.written = 0
        for piece in self.pieces[:max_tokens]:
            if cancelled():
                return
            if isinstance(piece, Exception):
                raise piece
            self.written += 1
            yield piece
        yield Usage(prompt_tokens=prompt_tokens, answer_tokens=self.written)

    def check(self) -> None:
        if not self.available:
            raise ModelUnavailable("the scripted model is switched off")

    def close(self) -> None:
        self.available = False
