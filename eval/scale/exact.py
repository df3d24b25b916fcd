"""The truth: every vector compared, every term weighed."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eval.scale.collection import Collection, Terms

DEPTH: Final = 10
_AT_ONCE: Final = 20_000
_TOLERANCE: Final = 1e-4
"""Share of a score by which two ways of adding it up may differ."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What an exact search finds among some points.

    Attributes
    ----------
    bars
        Of each question: the score of the tenth best point, of the last if there are fewer.
    counts
        How many points that are: 10, or fewer.
    """

    bars: NDArray[np.float64]
    counts: NDArray[np.int64]

    def recall(self, scores: Sequence[Sequence[float]]) -> float:
        """Return the mean share of the best ten that was found.

        Ties count as found, whichever of them was; NaN where there was nothing to find.

        Parameters
        ----------
        scores
            By question: the true scores of the first ten points found.
        """
        shares = [
            min(sum(score >= bar - abs(bar) * _TOLERANCE for score in found), count) / count
            for found, bar, count in zip(scores, self.bars, self.counts, strict=True)
            if count
        ]
        return float(np.mean(shares)) if shares else math.nan


def cosines(collection: Collection) -> NDArray[np.float32]:
    """Return the cosine of every point with every question; shape (questions, points)."""
    count = len(collection.documents)
    scores = np.empty((len(collection.questions), count), dtype=np.float32)
    for start in range(0, count, _AT_ONCE):
        stop = min(start + _AT_ONCE, count)
        scores[:, start:stop] = collection.questions @ collection.vectors(start, stop).T
    return scores


def lexical_scores(
    terms: Terms, question: Mapping[int, float], there: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Return the score of every point for a question's terms; 0 for those that are not there.

    `sum of w(t) · ln(1 + (N - n(t) + .5) / (n(t) + .5)) · weight of t in the point`, over the N
    points that are there, of which n(t) have the term.
    """
    count = int(there.sum())
    scores = np.zeros(len(there), dtype=np.float32)
    for term, weight in question.items():
        places = np.flatnonzero(terms.ids == term)
        rows = np.searchsorted(terms.starts, places, side="right") - 1
        places, rows = places[there[rows]], rows[there[rows]]
        idf = np.log(1 + (count - len(rows) + 0.5) / (len(rows) + 0.5))
        scores[rows] += weight * idf * terms.weights[places]
    return scores


def best(
    scores: NDArray[np.float32], allowed: NDArray[np.bool_], *, above: float = -math.inf
) -> Truth:
    """Return the truth about the points that are allowed and score more than `above`."""
    bars, counts = [], []
    for row in scores:
        found = row[allowed]
        count = min(DEPTH, int((found > above).sum()))
        counts.append(count)
        bars.append(float(np.partition(found, -count)[-count]) if count else 0.0)
    return Truth(np.array(bars), np.array(counts))
