"""Follow-up questions, turned into such as stand on their own."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from models.language import detect_language
from retrieval.records import Query, Turn
from retrieval.understanding.follow_up import is_follow_up
from retrieval.understanding.references import point_out
from stores.conversation_records import NO_SUMMARY

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
    documents
        The documents of the conversation whose words it may hold.
    model_failed
        The language model was to rewrite the question and could not; it is what the rules make of
        it.
    """

    query: Query
    by: RewrittenBy
    model_failed: bool = False
    documents: frozenset[UUID] = frozenset()


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
        alone = replace(query, history=(), summary=NO_SUMMARY)
        asked = pointed_out(query)
        if asked == query.text and (not query.history or not is_follow_up(query.text)):
            return Understood(alone, RewrittenBy.NOBODY)
        last = query.history[-1]
        carried = _carried(query)
        sources = [turn.documents for turn in carried if turn.restated]
        if asked != query.text:
            sources.append(last.documents)
        return Understood(
            replace(
                alone,
                text=asked + _bracketed(query, carried),
                context=context_of(query.history),
                kept_documents=last.documents,
            ),
            RewrittenBy.RULES,
            documents=frozenset().union(*sources),
        )


def pointed_out(query: Query) -> str:
    """Return the question, with the item of the answer before named that it refers to, if any."""
    if not query.history:
        return query.text
    return point_out(query.text, query.history[-1]) or query.text


def context_of(history: Sequence[Turn]) -> str:
    """Return what the dense search is given of the conversation: the start of the last answer."""
    return _shortened(history[-1].answer, _CONTEXT_CHARACTERS)


def _carried(query: Query) -> list[Turn]:
    """Return the turn before; where its question was a follow-up, too, with what it went on with.

    That is the last question that stands alone, or where none does, the first.
    """
    *earlier, last = query.history
    if not earlier or not is_follow_up(last.question):
        return [last]
    alone = (turn for turn in reversed(earlier) if not is_follow_up(turn.question))
    return [next(alone, earlier[0]), last]


def _bracketed(query: Query, carried: Sequence[Turn]) -> str:
    questions = [turn.question for turn in carried]
    if _YEAR.search(query.text):
        # Asked of another year; two of them would be taken for a span.
        questions = [_YEAR.sub("", each) for each in questions]
    shortened = [_shortened(each, _CARRIED_CHARACTERS) for each in questions]
    return f"（{'；'.join(shortened)}）" if _is_chinese(query) else f" ({'; '.join(shortened)})"


def _is_chinese(query: Query) -> bool:
    return detect_language(query.text) == "zh"


def _shortened(text: str, characters: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= characters else line[: characters - 1] + "…"
