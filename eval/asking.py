"""A question put to the product, and the row that comes out."""

import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol

from eval.collection import TENANT, document_name, passage_document
from eval.errors import EvalError
from eval.records import GivenAnswer, Gold, Question, Row, ShownSentence
from eval.scoring import scores
from generation.records import Answer, AnswerDone, AnswerEvent, Sentence, TokenWritten
from retrieval.explain import Explanation, Stage, Trail
from retrieval.records import Query, Turn
from retrieval.understanding.rewriting import Rewriter
from stores.access import EVERYONE, Principal, Scope
from stores.filters import Filters

STAGES: Final = ("dense", "lexical", "fusion", "final")
_KEPT: Final = 50
"""Ranks that are kept, as deep as any metric looks."""


class Search(Protocol):
    """Finds evidence, as `retrieval.retriever.Retriever` does."""

    def explain(self, query: Query, *, limit: int) -> Explanation:
        """Return at most `limit` passages, and how each stage ranked all candidates."""


class Passage(Protocol):
    """A piece of a document: `Evidence`, or the `Trail` of a candidate."""

    @property
    def uri(self) -> str:
        """Return the address of the document."""

    @property
    def quote(self) -> str:
        """Return the text."""


class Answering(Protocol):
    """Answers, as `generation.answerer.Answerer` does."""

    def answer(self, query: Query, *, cancelled: Callable[[], bool]) -> Iterator[AnswerEvent]:
        """Yield the events of an answer, `AnswerDone` last."""


def ask(
    question: Question,
    retriever: Search,
    *,
    rewriter: Rewriter,
    candidates: int,
    answerer: Answering | None,
) -> Row:
    """Search, answer if there is an answerer, and score.

    A question of a conversation is searched as it is understood after its history.

    Parameters
    ----------
    candidates
        How many passages the search is asked for: all that its stages saw.
    """
    query = query_of(question)
    start = time.perf_counter()
    understood = rewriter.rewrite(query, cancelled=_never)
    explanation = retriever.explain(understood.query, limit=candidates)
    seconds = time.perf_counter() - start
    found = explanation.evidence
    given = None if answerer is None else given_answer(question, query, answerer)
    stages = {stage: _in_order_of(stage, explanation) for stage in STAGES}
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


def is_right(question: Question, passage: Passage) -> bool:
    """Tell whether a passage answers: it holds a gold quote, or is relevant if there are none."""
    document = document_name(passage.uri)
    golds = [gold for gold in question.gold if gold.document == document]
    if any(gold.quote for gold in golds):
        return any(_holds(passage, gold) for gold in golds)
    return document in question.grades


def _holds(passage: Passage, gold: Gold) -> bool:
    return bool(gold.quote) and bare(gold.quote) in bare(passage.quote)


def bare(text: str) -> str:
    """Return the letters and digits: what layout and table marks do not change."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in folded if character.isalnum())


def query_of(question: Question) -> Query:
    """Return what the product is asked."""
    groups = frozenset({EVERYONE, *question.groups})
    principal = Principal(TENANT, "eval", groups, frozenset({Scope.READ}))
    return Query(
        question.text,
        question.lang,
        principal,
        asked_on=question.asked_on,
        filters=Filters(document_ids=tuple(map(passage_document, question.given))),
        history=tuple(Turn(turn.question, turn.answer) for turn in question.history),
    )


def _never() -> bool:
    return False


def _in_order_of(stage: str, explanation: Explanation) -> Sequence[Passage]:
    """Return the passages that a stage saw, in its order; what is shown for the final one."""
    if stage == "final":
        return explanation.evidence
    ranked = [(_stage(stage, trail), trail) for trail in explanation.trails]
    seen = [(its.rank, trail) for its, trail in ranked if its is not None]
    return [trail for _, trail in sorted(seen, key=lambda pair: pair[0])]


def _stage(name: str, trail: Trail) -> Stage | None:
    return {"dense": trail.dense, "lexical": trail.lexical, "fusion": trail.fusion}[name]


def _documents(ranked: Iterable[Passage]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(document_name(each.uri) for each in ranked))[:_KEPT]


def _first_quote(question: Question, ranked: Sequence[Passage]) -> int | None:
    ranks = (rank for rank, each in enumerate(ranked, start=1) if _quoted(question, each))
    return next(ranks, None)


def _quoted(question: Question, passage: Passage) -> bool:
    document = document_name(passage.uri)
    return any(gold.document == document and _holds(passage, gold) for gold in question.gold)


def _held_quotes(question: Question, ranked: Sequence[Passage], *, depth: int = 5) -> float | None:
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


def given_answer(question: Question, query: Query, answerer: Answering) -> GivenAnswer:
    """Return what is answered, as it is kept; raises `EvalError` if the language model is away."""
    start = time.perf_counter()
    first: float | None = None
    answer: Answer | None = None
    for event in answerer.answer(query, cancelled=_never):
        if isinstance(event, TokenWritten) and first is None:
            first = time.perf_counter() - start
        if isinstance(event, AnswerDone):
            answer = event.answer
    if answer is None:
        raise RuntimeError(f"{question.id}: the answer ended without its last event")
    if answer.degraded:
        raise EvalError(f"{question.id}: the language model was away; start it and run again")
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
    question: Question, sentence: Sentence, by_number: Mapping[int, Passage]
) -> ShownSentence:
    cited = [by_number[number] for number in sentence.citations]
    return ShownSentence(
        text=sentence.text,
        cited=tuple(document_name(each.uri) for each in cited),
        right=tuple(is_right(question, each) for each in cited),
        support=sentence.support.value,
    )
