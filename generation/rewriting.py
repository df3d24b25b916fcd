"""Follow-up questions, rewritten by the language model."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from generation.errors import ModelUnavailable, PromptTooLong
from generation.llm import LanguageModel, Usage
from generation.prompts import Prompt
from models.language import detect_language
from models.terms import units
from retrieval.records import Query, Turn
from retrieval.understanding.rewriting import (
    Rewriter,
    RewrittenBy,
    Understood,
    pointed_out,
)

_TURNS = 3
_ANSWER_CHARACTERS = 300
_MAX_TOKENS = 100
_MAX_CHARACTERS = 400
_KEPT_SHARE = 0.6
_SHORTEST_WORD = 4
_PARTICLES = frozenset("那的了呢吗么吧啊是也还就又而且和与跟在有边个样")


class ModelRewriter:
    """Lets the model write out a follow-up; the rules say whether it is one.

    Where the model is away, writes something else than one line, or only repeats the follow-up,
    the rules' question is taken, and the result says so.
    """

    def __init__(self, *, llm: LanguageModel, prompt: Prompt, rules: Rewriter) -> None:
        self._llm = llm
        self._prompt = prompt
        self._rules = rules

    def rewrite(self, query: Query, *, cancelled: Callable[[], bool]) -> Understood:
        """Return the question as it is understood after its history."""
        ruled = self._rules.rewrite(query, cancelled=cancelled)
        if ruled.by is RewrittenBy.NOBODY:
            return ruled
        pointed = replace(query, text=pointed_out(query))
        written = self._written(pointed, cancelled=cancelled)
        if written is None:
            return replace(ruled, model_failed=True)
        shown = [query.summary.documents, *(turn.documents for turn in query.history[-_TURNS:])]
        return Understood(
            replace(ruled.query, text=written),
            RewrittenBy.MODEL,
            documents=frozenset().union(*shown),
        )

    def _written(self, query: Query, *, cancelled: Callable[[], bool]) -> str | None:
        """Return the model's question; None if it has none to give."""
        messages = self._prompt.render(
            {
                "summary": _line(query.summary.text),
                "turns": _turns(query.history),
                "question": query.text,
                "language": detect_language(query.text),
            }
        )
        pieces: list[str] = []
        finished = False
        try:
            for item in self._llm.stream(messages, max_tokens=_MAX_TOKENS, cancelled=cancelled):
                if isinstance(item, Usage):
                    finished = item.answer_tokens < _MAX_TOKENS
                else:
                    pieces.append(item)
        except (ModelUnavailable, PromptTooLong):
            return None
        return _one_question("".join(pieces), query.text) if finished else None


def _turns(history: Sequence[Turn]) -> list[dict[str, str]]:
    return [
        {"question": _line(turn.question), "answer": _line(turn.answer)[:_ANSWER_CHARACTERS]}
        for turn in history[-_TURNS:]
    ]


def _one_question(text: str, asked: str) -> str | None:
    """Return what was written if it is one question, in the language of the one that was asked.

    It has to say what the follow-up says: its numbers, and most of its words or characters. A small
    model answers instead, or repeats the question before.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) != 1 or len(lines[0]) > _MAX_CHARACTERS or not lines[0].endswith(("?", "？")):
        return None
    written = lines[0]
    same_language = detect_language(written) == detect_language(asked)
    repeats = units(written) == units(asked)
    return written if same_language and not repeats and _keeps(written, asked) else None


def _keeps(written: str, asked: str) -> bool:
    there = set(units(written))
    said = [unit for unit in units(asked) if _says_something(unit)]
    kept = [unit in there for unit in said]
    numbers = [unit in there for unit in said if unit[0].isdigit()]
    return all(numbers) and sum(kept) >= _KEPT_SHARE * len(kept)


def _says_something(unit: str) -> bool:
    if unit.isascii():
        return len(unit) >= _SHORTEST_WORD or unit[0].isdigit()
    return unit not in _PARTICLES


def _line(text: str) -> str:
    return " ".join(text.split())
