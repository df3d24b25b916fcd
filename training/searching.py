"""Search in retrieval sets as the product does, in memory and with every signal kept."""

import math
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from models.bm25 import document_weights, query_weights
from models.encoder import Encoder
from models.language import detect_language
from models.terms import terms
from retrieval.coverage import coverage
from retrieval.fusion import FusionWeights
from retrieval.relevance import RelevanceModel, Signals
from training.retrieval_sets import RetrievalSet

_CANDIDATES = 50
_BEST = 2

Item = TypeVar("Item", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Postings:
    """For each term the passages that hold it, and what it adds to their BM25 score.

    Attributes
    ----------
    count
        How many passages there are.
    """

    by_term: Mapping[int, tuple[NDArray[np.int64], NDArray[np.float64]]]
    count: int

    def scores(self, wanted: Iterable[int]) -> NDArray[np.float64]:
        """Return the score of every passage."""
        scores = np.zeros(self.count)
        for term in wanted:
            if term in self.by_term:
                passages, weights = self.by_term[term]
                scores[passages] += weights
        return scores


@dataclass(frozen=True, slots=True)
class Corpus:
    """The passages of a set as both searches see them."""

    ids: tuple[str, ...]
    vectors: NDArray[np.float32]
    terms: tuple[frozenset[int], ...]
    languages: tuple[str, ...]
    postings: Postings


@dataclass(frozen=True, slots=True)
class Row:
    """A candidate of a question: its signals and whether it is relevant."""

    signals: Signals
    relevant: bool


@dataclass(frozen=True, slots=True)
class Searched:
    """A question with its candidates under each ranking, ids best first.

    Attributes
    ----------
    fused
        In the product's order.
    """

    question_id: str
    relevant: frozenset[str]
    dense: tuple[str, ...]
    lexical: tuple[str, ...]
    fused: tuple[str, ...]
    signals: Mapping[str, Signals]

    def rows(self) -> list[Row]:
        """Return the best candidates as rows to fit.

        Only the best: the probability is for passages that are shown, not for the tail of a search.
        """
        return [Row(self.signals[one], one in self.relevant) for one in self.fused[:_BEST]]

    def best(self, model: RelevanceModel) -> float:
        """Return the probability of the first passage, which the gate goes by."""
        return model.probability(self.signals[self.fused[0]])


def encode(data: RetrievalSet, encoder: Encoder) -> NDArray[np.float32]:
    """Return the vectors of the passages of a set."""
    return encoder.encode_passages(list(data.passages.values()))


def build_corpus(*parts: tuple[RetrievalSet, NDArray[np.float32]]) -> Corpus:
    """Lay the passages of several sets side by side."""
    passages = {one: text for data, _ in parts for one, text in data.passages.items()}
    weights = [document_weights(terms(text)) for text in passages.values()]
    return Corpus(
        tuple(passages),
        np.concatenate([vectors for _, vectors in parts]),
        tuple(frozenset(weighed) for weighed in weights),
        tuple(detect_language(text) for text in passages.values()),
        build_postings(weights),
    )


def build_postings(weights: Sequence[Mapping[int, float]]) -> Postings:
    """Turn the weights of the terms of each passage (`document_weights`) around."""
    found: dict[int, list[tuple[int, float]]] = {}
    for passage, weighed in enumerate(weights):
        for term, weight in weighed.items():
            found.setdefault(term, []).append((passage, weight))
    by_term = {}
    for term, pairs in found.items():
        numbers, values = zip(*pairs, strict=True)
        by_term[term] = (
            np.array(numbers),
            np.array(values) * inverse_document_frequency(len(pairs), len(weights)),
        )
    return Postings(by_term, len(weights))


def search(
    data: RetrievalSet,
    questions: Mapping[str, str],
    corpus: Corpus,
    encoder: Encoder,
    background: Mapping[int, float],
    *,
    rare: float,
) -> Iterator[Searched]:
    """Search each question in a corpus as the product does."""
    weights = FusionWeights.load()
    for question_id, text in questions.items():
        cosines = corpus.vectors @ encoder.encode_query(text)
        wanted = query_weights(terms(text))
        lang = detect_language(text)
        scores = corpus.postings.scores(wanted)
        dense = [int(i) for i in np.argsort(-cosines, kind="stable")[:_CANDIDATES]]
        order = np.argsort(-scores, kind="stable")[:_CANDIDATES]
        lexical = [int(i) for i in order if scores[i] > 0]
        lowest = float(cosines[dense[-1]])
        signals = {
            corpus.ids[i]: Signals(
                float(cosines[i]) if i in dense else lowest,
                coverage(wanted, corpus.terms[i], background, rare=rare),
                f"{lang}-{corpus.languages[i]}",
            )
            for i in dict.fromkeys(dense + lexical)
        }
        yield Searched(
            question_id,
            data.relevant[question_id] & set(corpus.ids),
            tuple(corpus.ids[i] for i in dense),
            tuple(corpus.ids[i] for i in lexical),
            _best_first(signals, weights),
            signals,
        )


def _best_first(signals: Mapping[str, Signals], weights: FusionWeights) -> tuple[str, ...]:
    merits = dict(zip(signals, weights.merits(list(signals.values())), strict=True))
    return tuple(sorted(merits, key=lambda candidate: -merits[candidate]))


def reciprocal_rank_fusion(rankings: Iterable[Sequence[Item]], *, k: int = 60) -> dict[Item, float]:
    """Return the fused score of every item that a ranking holds; what others do, to compare with.

    `score(d) = sum over rankings of 1 / (k + rank(d))`, ranks from 1 (Cormack, Clarke and
    Büttcher, 2009).
    """
    scores: dict[Item, float] = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, start=1):
            scores[item] = scores.get(item, 0.0) + 1 / (k + rank)
    return scores


def inverse_document_frequency(count: int, total: int) -> float:
    """Return `ln(1 + (N - n + .5) / (n + .5))`, the IDF of Lucene's BM25."""
    return math.log(1 + (total - count + 0.5) / (count + 0.5))
