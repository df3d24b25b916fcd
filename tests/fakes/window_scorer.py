"""A scorer that says what a test tells it to."""

from collections.abc import Callable, Sequence

from models.window_scorer import Window, WindowScore


class ScriptedScorer:
    """Scores by a function of the question and a text, and remembers what it was asked."""

    def __init__(self, value: Callable[[str, str], float] | None = None) -> None:
        self._value = value or _shared
        self.asked: list[list[str]] = []

    @property
    def name(self) -> str:
        return "scripted"

    def score(self, question: str, windows: Sequence[Window]) -> list[WindowScore]:
        self.asked.append([window.text for window in windows])
        return [
            WindowScore(
                self._value(question, window.text),
                tuple(self._value(question, window.text[a:b]) for a, b in window.parts),
            )
            for window in windows
        ]


def _shared(question: str, text: str) -> float:
    """Return the share of the question's characters that the text has, in [0, 1]."""
    wanted = set(question)
    return len(wanted & set(text)) / max(1, len(wanted))
