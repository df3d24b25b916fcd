"""The last word over the fused candidates: what a reranker must do, and the one without a model."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from models.bm25 import query_weights, term_id
from models.language import detect_language
from models.terms import terms
from retrieval.coverage import coverage
from retrieval.records import Candidate

_COSINE_WEIGHT = 2.0
_EXPECTED_FROM = 10
_RELEVANCE = Path(__file__).parent / "relevance.json"


@dataclass(frozen=True, slots=True)
class Relevance:
    """What a reranker says of one candidate.

    Attributes
    ----------
    merit
        What candidates are ordered by, on any scale; higher is better.
    probability
        That the passage is relevant, in [0, 1].
    signals
        What it rests on.
    highlight
        Start and end, in the chunk's text, of the sentence that says it best; None if unknown.
    """

    merit: float
    probability: float
    signals: Mapping[str, float]
    highlight: tuple[int, int] | None = None


class Reranker(Protocol):
    """Judges candidates for a question. Safe to call from several threads."""

    def judge(self, question: str, candidates: Sequence[Candidate]) -> list[Relevance]:
        """Return one judgement for each candidate, in their order."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """`P(relevant) = 1 / (1 + exp(-(intercept + cosine · c + coverage · v)))`."""

    intercept: float
    cosine: float
    coverage: float

    def probability(self, *, cosine: float, covered: float) -> float:
        """Return the probability that a passage with these signals is relevant."""
        logit = self.intercept + self.cosine * cosine + self.coverage * covered
        return 1 / (1 + math.exp(-logit))


@dataclass(frozen=True, slots=True)
class RelevanceModel:
    """A logistic regression for each crossing, fitted by `training/fit_relevance.py`.

    Across languages the cosine of an answer is about .1 lower than within one, and terms are hardly
    ever shared; one regression for all would call every passage in the other language irrelevant.

    Attributes
    ----------
    crossings
        By languages of question and passage: `zh-zh`, `zh-en`, `en-zh`, `en-en`.
    rare_idf, background_idf
        What `coverage` weighs terms by.
    """

    crossings: Mapping[str, Logistic]
    rare_idf: float
    background_idf: Mapping[int, float]

    @classmethod
    def load(cls, path: Path = _RELEVANCE) -> Self:
        """Read the fitted numbers; the file names terms, the model their ids."""
        numbers = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            crossings={name: Logistic(**fit) for name, fit in numbers["crossings"].items()},
            rare_idf=numbers["rare_idf"],
            background_idf={term_id(term): v for term, v in numbers["background_idf"].items()},
        )


def merit(*, cosine: float, covered: float) -> float:
    """Return what `SignalReranker` orders by; the weight holds on sets in both languages."""
    return _COSINE_WEIGHT * cosine + covered


def expected_coverage(covered: Iterable[float]) -> float:
    """Return what a good passage in the question's own language covers: the mean of the best ten.

    0 if there are no passages in it.
    """
    best = sorted(covered, reverse=True)[:_EXPECTED_FROM]
    return sum(best) / len(best) if best else 0.0


class SignalReranker:
    """Orders by `2 · cosine + coverage`; both legs speak on one scale.

    A passage in another language than the question's shares hardly a term with it, whether it
    answers or not. Its own coverage says little, so what the best passages in the question's own
    language cover is added: the cosine then decides between the languages. The probability does not
    order, since it is fitted for each crossing apart and those of two crossings are not fine enough
    to compare.
    """

    def __init__(self, model: RelevanceModel | None = None) -> None:
        self._model = model or RelevanceModel.load()

    def judge(self, question: str, candidates: Sequence[Candidate]) -> list[Relevance]:
        """Return one judgement for each candidate, in their order."""
        model = self._model
        wanted = query_weights(terms(question)).keys()
        lang = detect_language(question)
        covered = [
            coverage(wanted, each.terms, model.background_idf, rare=model.rare_idf)
            for each in candidates
        ]
        langs = [each.found.document.lang for each in candidates]
        pairs = zip(covered, langs, strict=True)
        expected = expected_coverage(share for share, other in pairs if other == lang)
        return [
            Relevance(
                merit(
                    cosine=candidate.cosine,
                    covered=share if passage_lang == lang else share + expected,
                ),
                model.crossings[f"{lang}-{passage_lang}"].probability(
                    cosine=candidate.cosine, covered=share
                ),
                {"coverage": share},
            )
            for candidate, share, passage_lang in zip(candidates, covered, langs, strict=True)
        ]
