"""Follow-up questions, turned into such as stand on their own."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from typing import Protocol

from models.language import detect_language
from retrieval.records import Query, Turn
from retrieval.understanding.follow_up import is_follow_up

_CARRIED_CHARACTERS = 300
_CONTEXT_CHARACTERS = 400
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)(?: ?年(?:版|度)?)?")


class RewrittenBy(StrEnum):
    """Who made the question what it is; `NOBODY` where it is searched as it was asked."""

    NOBODY = "nobody"
    RULES = "rules"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Understood:
    """How a question was understood.

    Attributes
    ----------
    query
        It stands on its own and has no history any more.
    model_failed
        The language model was to rewrite the question and could not; it is what the rules make of
        it.
    """

    query: Query
    by: RewrittenBy
    model_failed: bool = False


class Rewriter(Protocol):
    """Makes questions stand on their own. Safe to call from several threads."""

    def rewrite(self, query: Query, *, cancelled: Callable[[], bool]) -> Understood:
        """Return the question as it is understood after its history.

        Once `cancelled` is true it returns soon, with whatever there is.
        """


class RuleRewriter:
    """Puts the question that it goes on with behind a follow-up, in brackets.

    Measured on 42 follow-ups of the sample company (`python -m eval.bench follow-ups`), that finds
    as much as the same questions written out by hand; the answer before, given to the dense search
    as context, finds more still.
    """

    def rewrite(self, query: Query, *, cancelled: Callable[[], bool]) -> Understood:
        """Return the question as it is understood after its history."""
        alone = replace(query, history=())
        if not query.history or not is_follow_up(query.text):
            return Understood(alone, RewrittenBy.NOBODY)
        carried = _carried(query)
        bracketed = (
            f"（{'；'.join(carried)}）" if _is_chinese(query) else f" ({'; '.join(carried)})"
        )
        text = query.text + bracketed
        return Understood(
            replace(alone, text=text, context=context_of(query.history)), RewrittenBy.RULES
        )


def context_of(history: Sequence[Turn]) -> str:
    """Return what the dense search is given of the conversation: the start of the last answer."""
    return _shortened(history[-1].answer, _CONTEXT_CHARACTERS)


def _carried(query: Query) -> list[str]:
    """Return the question before; where that was a follow-up, too, with what it went on with."""
    questions = [turn.question for turn in query.history]
    carried = [questions[-1]]
    if is_follow_up(questions[-1]):
        earlier = (each for each in reversed(questions[:-1]) if not is_follow_up(each))
        carried = [*islice(earlier, 1), *carried]
    if _YEAR.search(query.text):
        # Asked of another year; two of them would be taken for a span.
        carried = [_YEAR.sub("", each) for each in carried]
    return [_shortened(each, _CARRIED_CHARACTERS) for each in carried]


def _is_chinese(query: Query) -> bool:
    return detect_language(query.text) == "zh"


def _shortened(text: str, characters: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= characters else line[: characters - 1] + "…"
