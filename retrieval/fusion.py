"""Fusion of ranked lists."""

from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

Item = TypeVar("Item", bound=Hashable)


def reciprocal_rank_fusion(rankings: Iterable[Sequence[Item]], *, k: int) -> dict[Item, float]:
    """Return the fused score of every item that a ranking holds; higher is better.

    `score(d) = sum over rankings of 1 / (k + rank(d))`, ranks from 1 (Cormack, Clarke and
    Büttcher, 2009). Done here since the engine's weighted form is another formula.
    """
    scores: dict[Item, float] = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, start=1):
            scores[item] = scores.get(item, 0.0) + 1 / (k + rank)
    return scores
