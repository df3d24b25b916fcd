"""The questions that went wrong, and at which stage each was lost."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from eval.asking import bare
from eval.grading import answer_parts_said, wrong_said
from eval.records import GivenAnswer, Gold, Question, Row, Run

STAGES: Final = ("dense", "lexical", "fusion", "final")
# What a model is given at most, and what a reader looks at.
FIRST: Final = 5


class Lost(StrEnum):
    """The first stage that failed a question; the order is the way of a question."""

    NOT_FOUND = "not found"
    RANKED_LOW = "found but ranked low"
    NOT_IN_EVIDENCE = "not in evidence"
    REFUSED_WRONGLY = "refused wrongly"
    WRONG_SAID = "wrong said"
    NOT_SAID = "not said"
    NOT_CITED = "not cited"
    NOT_REFUSED = "answered instead of refusing"
    LEAKED = "leaked"


@dataclass(frozen=True, slots=True)
class Place:
    """A gold place and the rank of its document by stage, from 1; None where it is not ranked."""

    gold: Gold
    ranks: tuple[int | None, ...]
    in_evidence: bool


@dataclass(frozen=True, slots=True)
class Failure:
    """A question that went wrong.

    Attributes
    ----------
    places
        The gold places; for a set without them, the documents graded relevant.
    quotes
        Rank of the first passage with a gold sentence by stage; empty where the set has none.
    quote_in_evidence, cited, said
        None where it does not apply.
    parts
        The spellings of each part, and whether it was said; None without an answer.
    wrong
        Wrong strings that were said.
    """

    set: str
    row: Row
    lost: Lost
    places: tuple[Place, ...]
    quotes: tuple[int | None, ...]
    quote_in_evidence: bool | None
    cited: bool | None
    said: bool | None
    parts: tuple[tuple[tuple[str, ...], bool | None], ...]
    wrong: tuple[str, ...]

    @property
    def question(self) -> Question:
        """Return the question."""
        return self.row.question


def failures_of(run: Run) -> list[Failure]:
    """Return what went wrong, in the order of the rows."""
    return [
        _failure(name, row, lost)
        for name, rows in run.rows.items()
        for row in rows
        if (lost := lost_at(row)) is not None
    ]


def lost_at(row: Row) -> Lost | None:
    """Return the first stage that failed the question, None if all is well.

    Without an answer, all is well if the right document is among the first five. With one, all is
    well if the answer is right and cites a right place; else the ranks tell how far it got.
    """
    answer = row.answer
    if row.scores.get("leaked", 0.0) > 0:
        return Lost.LEAKED
    if not row.question.grades:
        answered = answer is not None and not answer.refusal
        return Lost.NOT_REFUSED if answered else None
    if answer is None:
        return _lost_in_search(row)
    if is_said(row) is not False and is_cited(answer):
        return None
    return _lost_in_search(row) or _lost_in_answer(row, answer)


def is_said(row: Row) -> bool | None:
    """Tell whether the answer is right; None where the set does not say what is."""
    right = row.scores.get("right")
    return None if right is None else right >= 1


def is_cited(answer: GivenAnswer) -> bool:
    """Tell whether any citation is right."""
    return any(any(sentence.right) for sentence in answer.sentences)


def _lost_in_search(row: Row) -> Lost | None:
    # Several parts stand in several documents, and each has to be found; else, one will do.
    wanted = _documents(row.question)
    decide = all if len(row.question.parts) > 1 else any
    if not decide(any(name in ranked for ranked in row.rankings.values()) for name in wanted):
        return Lost.NOT_FOUND
    first = row.rankings.get("final", ())[:FIRST]
    return None if decide(name in first for name in wanted) else Lost.RANKED_LOW


def _lost_in_answer(row: Row, answer: GivenAnswer) -> Lost:
    wanted = _documents(row.question)
    decide = all if len(row.question.parts) > 1 else any
    if not decide(name in answer.evidence for name in wanted):
        return Lost.NOT_IN_EVIDENCE
    if _quote_in_evidence(row.question, answer) is False:
        return Lost.NOT_IN_EVIDENCE
    if answer.refusal:
        return Lost.REFUSED_WRONGLY
    if row.scores.get("wrong_said", 0.0) > 0:
        return Lost.WRONG_SAID
    return Lost.NOT_SAID if is_said(row) is False else Lost.NOT_CITED


def _failure(name: str, row: Row, lost: Lost) -> Failure:
    answer = row.answer
    asks = bool(row.question.grades)
    evidence = answer.evidence if answer is not None else ()
    return Failure(
        set=name,
        row=row,
        lost=lost,
        places=tuple(_place(gold, row, evidence) for gold in _gold(row.question)),
        quotes=tuple(row.quotes.get(stage) for stage in STAGES) if row.quotes else (),
        quote_in_evidence=_quote_in_evidence(row.question, answer) if answer else None,
        cited=is_cited(answer) if answer and asks else None,
        said=is_said(row) if answer and asks else None,
        parts=_parts(row.question, answer),
        wrong=_wrong(row.question, answer),
    )


def _parts(
    question: Question, answer: GivenAnswer | None
) -> tuple[tuple[tuple[str, ...], bool | None], ...]:
    if answer is None:
        return tuple((spellings, None) for spellings in question.parts)
    said = answer_parts_said(answer.text, question.parts)
    return tuple(zip(question.parts, said, strict=True))


def _wrong(question: Question, answer: GivenAnswer | None) -> tuple[str, ...]:
    if answer is None or answer.refusal:
        return ()
    return wrong_said(answer.text, question.wrong, question.parts)


def _place(gold: Gold, row: Row, evidence: Sequence[str]) -> Place:
    ranks = tuple(_rank(gold.document, row.rankings.get(stage, ())) for stage in STAGES)
    return Place(gold, ranks, gold.document in evidence)


def _rank(document: str, ranking: Sequence[str]) -> int | None:
    return ranking.index(document) + 1 if document in ranking else None


def _gold(question: Question) -> Iterable[Gold]:
    return question.gold or [Gold(document) for document in question.grades]


def _documents(question: Question) -> set[str]:
    return {gold.document for gold in _gold(question)}


def _quote_in_evidence(question: Question, answer: GivenAnswer) -> bool | None:
    quotes = [bare(gold.quote) for gold in question.gold if gold.quote]
    if not quotes:
        return None
    texts = [bare(text) for text in answer.evidence_texts]
    return any(quote in text for quote in quotes for text in texts)
