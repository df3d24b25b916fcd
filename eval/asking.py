"""A question put to the product, and the row that comes out."""

import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol

from eval.collection import TENANT, document_name
from eval.records import GivenAnswer, Gold, Question, Row, ShownSentence
from eval.scoring import scores
from generation.records import Answer, AnswerDone, AnswerEvent, Sentence, TokenWritten
from retrieval.records import Evidence, Query
from stores.access import EVERYONE, Principal, Scope

STAGES: Final = ("dense", "lexical", "fusion", "final")
_KEPT: Final = 50
"""Ranks that are kept, as deep as any metric looks."""


class Search(Protocol):
    """Finds evidence, as `retrieval.retriever.Retriever` does."""

    def search(self, query: Query, *, limit: int) -> tuple[Evidence, ...]:
        """Return at most `limit` passages, the most relevant first."""


class Answering(Protocol):
    """Answers, as `generation.answerer.Answerer` does."""

    def answer(self, query: Query, *, cancelled: Callable[[], bool]) -> Iterator[AnswerEvent]:
        """Yield the events of an answer, `AnswerDone` last."""


def ask(
    question: Question, retriever: Search, *, candidates: int, answerer: Answering | None
) -> Row:
    """Search, answer if there is an answerer, and score.

    A question of a conversation is asked as it stands: the product does not take a history yet.

    Parameters
    ----------
    candidates
        How many passages the search is asked for: all that its stages saw.
    """
    query = _query(question)
    start = time.perf_counter()
    found = retriever.search(query, limit=candidates)
    seconds = time.perf_counter() - start
    given = None if answerer is None else _answer(question, query, answerer)
    stages = {stage: _in_order_of(stage, found) for stage in STAGES}
    row = Row(
        question=question,
        rankings={stage: _documents(ranked) for stage, ranked in stages.items()},
        quotes={stage: _first_quote(question, ranked) for stage, ranked in stages.items()}
        if any(gold.quote for gold in question.gold)
        else {},
        probability=found[0].score if found else 0.0,
        relevant=bool(found) and is_right(question, found[0]),
        search_seconds=seconds,
        answer=given,
        scores={},
    )
    held = {stage: _held_quotes(question, ranked) for stage, ranked in stages.items()}
    return replace(row, scores=scores(row, held))


def is_right(question: Question, passage: Evidence) -> bool:
    """Tell whether a passage answers: it holds a gold quote, or is relevant if there are none."""
    document = document_name(passage.uri)
    golds = [gold for gold in question.gold if gold.document == document]
    if any(gold.quote for gold in golds):
        return any(_holds(passage, gold) for gold in golds)
    return document in question.grades


def _holds(passage: Evidence, gold: Gold) -> bool:
    return bool(gold.quote) and bare(gold.quote) in bare(passage.quote)


def bare(text: str) -> str:
    """Return the letters and digits: what layout and table marks do not change."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in folded if character.isalnum())


def _query(question: Question) -> Query:
    groups = frozenset({EVERYONE, *question.groups})
    principal = Principal(TENANT, "eval", groups, frozenset({Scope.READ}))
    return Query(question.text, question.lang, principal)


def _in_order_of(stage: str, found: Sequence[Evidence]) -> list[Evidence]:
    """Return the passages that a stage saw, in its order."""
    if stage == "final":
        return list(found)
    rank = f"{stage}_rank"
    return sorted(
        (each for each in found if rank in each.signals), key=lambda each: each.signals[rank]
    )


def _documents(ranked: Iterable[Evidence]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(document_name(each.uri) for each in ranked))[:_KEPT]


def _first_quote(question: Question, ranked: Sequence[Evidence]) -> int | None:
    ranks = (rank for rank, each in enumerate(ranked, start=1) if _quoted(question, each))
    return next(ranks, None)


def _quoted(question: Question, passage: Evidence) -> bool:
    document = document_name(passage.uri)
    return any(gold.document == document and _holds(passage, gold) for gold in question.gold)


def _held_quotes(question: Question, ranked: Sequence[Evidence], *, depth: int = 5) -> float | None:
    """Return the share of the gold quotes that the first passages hold."""
    golds = [gold for gold in question.gold if gold.quote]
    if not golds:
        return None
    first = ranked[:depth]
    held = [
        any(document_name(each.uri) == gold.document and _holds(each, gold) for each in first)
        for gold in golds
    ]
    return sum(held) / len(held)


def _answer(question: Question, query: Query, answerer: Answering) -> GivenAnswer:
    start = time.perf_counter()
    first: float | None = None
    answer: Answer | None = None
    for event in answerer.answer(query, cancelled=lambda: False):
        if isinstance(event, TokenWritten) and first is None:
            first = time.perf_counter() - start
        if isinstance(event, AnswerDone):
            answer = event.answer
    if answer is None:
        raise RuntimeError(f"{question.id}: the answer ended without its last event")
    by_number = {each.number: each for each in answer.evidence}
    return GivenAnswer(
        text=answer.text,
        refusal=answer.refusal,
        sentences=tuple(_shown(question, each, by_number) for each in answer.sentences),
        evidence=tuple(dict.fromkeys(document_name(each.uri) for each in answer.evidence)),
        evidence_texts=tuple(each.quote for each in answer.evidence),
        first_token_seconds=first,
        seconds=time.perf_counter() - start,
    )


def _shown(
    question: Question, sentence: Sentence, by_number: Mapping[int, Evidence]
) -> ShownSentence:
    cited = [by_number[number] for number in sentence.citations]
    return ShownSentence(
        text=sentence.text,
        cited=tuple(document_name(each.uri) for each in cited),
        right=tuple(is_right(question, each) for each in cited),
        support=sentence.support.value,
    )
