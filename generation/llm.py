"""The language model: what every backend must do."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What a generation took: tokens, and the seconds the model spent on the prompt.

    `prefill_seconds` is None where the backend does not tell. `model` names the one that wrote
    where the one that was asked stands for several; None is the one that was asked.
    """

    prompt_tokens: int
    answer_tokens: int
    prefill_seconds: float | None = None
    model: str | None = None


class LanguageModel(Protocol):
    """A chat model that streams. Safe to call from several threads."""

    @property
    def name(self) -> str:
        """The model's name, for provenance."""

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        cancelled: Callable[[], bool],
        response_schema: Mapping[str, object] | None = None,
    ) -> Iterator[str | Usage]:
        """Yield pieces of the answer as they come, then one `Usage`, at temperature 0.

        `cancelled` is asked at least at every token; once true, the generation is stopped in the
        model and the iterator ends without a `Usage`. With `response_schema` a backend that can
        constrain what is written lets only JSON of that schema be written; the others write freely,
        so that the caller says in the prompt what it wants and checks the answer in any case.

        Raises
        ------
        ModelRefused
            The backend answers and does not take this request; asking again changes nothing.
        ModelUnavailable
            The backend cannot be reached, is overloaded, or broke off.
        PromptTooLong
            The messages do not fit the model's context.
        """

    def check(self) -> None:
        """Return if the backend answers, within two seconds; raises `ModelUnavailable`."""

    def close(self) -> None:
        """Let go of the model."""
