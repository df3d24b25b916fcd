"""Recency and authority: factors on the odds that a passage is what is asked for."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from retrieval.rerank import Relevance
from stores.records import DocType

_AUTHORITY: Final = {
    DocType.POLICY: 1,
    DocType.PROCEDURE: 1,
    DocType.CONTRACT: 1,
    DocType.SPECIFICATION: 1,
    DocType.MINUTES: -1,
    DocType.MAIL: -1,
}
"""What binds, and what only reports or talks about it; other types are neither."""
_LEAST: Final = 1e-6


def recency(days: int, *, half_life_days: float, bound: float) -> float:
    """Return a factor in [1, 1 + bound] that is the greater, the nearer a document is in time.

    `1 + bound · 2^(-days / half_life)`. It never falls below 1, which is what a document without a
    date has: an old date is no worse than none.

    Parameters
    ----------
    days
        Between the publication and the nearest day that is asked for.
    """
    return 1 + bound * 2 ** (-days / half_life_days)


def authority(doc_type: DocType, *, bound: float) -> float:
    """Return `1 + bound` for what binds, `1 / (1 + bound)` for minutes and mail, else 1."""
    return float((1 + bound) ** _AUTHORITY.get(doc_type, 0))


def merit_of_odds(relevances: Sequence[Relevance]) -> float:
    """Return how much merit a unit of log-odds is worth among these judgements.

    `merit + unit · ln(factor)` multiplies the odds by the factor, on the merit's own scale;
    `unit = sd(merit) / sd(logit(probability))`: rerankers order by merits on scales of their own,
    and the probability is what makes them comparable. 0 where the probabilities are all the same,
    so that nothing but the merit orders. Unlike the slope of a regression it stays small where
    merit and probability hardly agree.
    """
    if not relevances:
        return 0.0
    probabilities = np.array([each.probability for each in relevances])
    clipped = np.clip(probabilities, _LEAST, 1 - _LEAST)
    spread = float(np.std(np.log(clipped / (1 - clipped))))
    merits = float(np.std([each.merit for each in relevances]))
    return merits / spread if spread > _LEAST else 0.0
