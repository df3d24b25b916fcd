"""How well a window of text answers a question: what every scorer must do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Window:
    """A piece of a document as a scorer reads it.

    Attributes
    ----------
    text
        Its context and its own text.
    parts
        Where its sentences stand in `text`: start and end of each, in characters.
    """

    text: str
    parts: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class WindowScore:
    """What a scorer says of one window.

    Attributes
    ----------
    value
        Higher is better; on a scale of the scorer's own.
    parts
        The same for each part by itself; empty if the scorer cannot tell.
    """

    value: float
    parts: tuple[float, ...] = ()


class WindowScorer(Protocol):
    """Reads a question and windows of text. Safe to call from several threads."""

    @property
    def name(self) -> str:
        """The model's name, for provenance."""

    def score(self, question: str, windows: Sequence[Window]) -> list[WindowScore]:
        """Return one score for each window, in order.

        Raises
        ------
        ModelUnavailable
            A server that scores cannot be reached.
        """
