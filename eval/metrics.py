"""Measures of ranking, refusal, citation and leakage, as functions of values.

A mean over queries is left to the caller, who also needs the single values for intervals
(`eval.significance`).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.normalise import normalise


def recall_at(ranking: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """Return the share of the relevant items that are among the first k.

    `|relevant ∩ top k| / |relevant|` (Manning, Raghavan and Schütze, 2008, section 8.3).

    Parameters
    ----------
    ranking
        Distinct ids, best first; may be empty.
    grades
        Relevance by id; an id is relevant where its grade is above 0, and not where it is missing.
    k
        From 1.

    Raises
    ------
    ValueError
        If nothing is relevant (the query belongs to the refusals, not here), if an id stands twice
        in the ranking, or if k is below 1. The same holds for every measure of a ranking.
    """
    gains = _gains(ranking, grades)[: _checked_cutoff(k)]
    return sum(gain > 0 for gain in gains) / _count_relevant(grades)


def reciprocal_rank_at(ranking: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """Return 1 / rank of the first relevant item, ranks from 1, or 0 if none is among the first k.

    Its mean over queries is MRR@k (Voorhees, 1999). Parameters and errors: see `recall_at`.
    """
    gains = _gains(ranking, grades)[: _checked_cutoff(k)]
    return next((1 / rank for rank, gain in enumerate(gains, start=1) if gain > 0), 0.0)


def ndcg_at(ranking: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """Return the normalised discounted cumulative gain of the first k.

    `DCG@k = sum over ranks r ≤ k of grade(r) / log2(r + 1)`, divided by the DCG@k of all graded
    items in their best order (Järvelin and Kekäläinen, 2002). Gain and discount are trec_eval's
    (`ndcg_cut`): the grade itself, not `2^grade - 1`, and rank 2 discounted already, which the
    paper leaves whole. Parameters and errors: see `recall_at`.
    """
    _checked_cutoff(k)
    gains = _gains(ranking, grades)
    ideal = sorted((grade for grade in grades.values() if grade > 0), reverse=True)
    return _discounted(gains[:k]) / _discounted(ideal[:k])


def average_precision(ranking: Sequence[str], grades: Mapping[str, int]) -> float:
    """Return the mean of the precisions at the ranks of the relevant items.

    `sum over relevant ranks r of precision@r / |relevant|`; a relevant item that is not in the
    ranking counts as 0. Its mean over queries is MAP (Buckley and Voorhees, 2000). Parameters and
    errors: see `recall_at`.
    """
    gains = _gains(ranking, grades)
    ranks = [rank for rank, gain in enumerate(gains, start=1) if gain > 0]
    precisions = (found / rank for found, rank in enumerate(ranks, start=1))
    return sum(precisions) / _count_relevant(grades)


def _gains(ranking: Sequence[str], grades: Mapping[str, int]) -> list[int]:
    if len(set(ranking)) < len(ranking):
        # Twice the same passage would be rewarded twice.
        raise ValueError(f"an id stands twice in the ranking: {list(ranking)}")
    _count_relevant(grades)
    return [max(grades.get(id_, 0), 0) for id_ in ranking]


def _count_relevant(grades: Mapping[str, int]) -> int:
    count = sum(grade > 0 for grade in grades.values())
    if not count:
        raise ValueError("nothing is relevant: leave this query out of the ranking measures")
    return count


def _checked_cutoff(k: int) -> int:
    if k < 1:
        raise ValueError(f"the cutoff is {k}; it starts at 1")
    return k


def _discounted(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))


@dataclass(frozen=True, slots=True)
class RefusalScores:
    """How well refusals meet the questions that have no answer.

    Attributes
    ----------
    precision
        Share of the refusals that were due; None if nothing was refused.
    recall
        Share of the questions without an answer that were refused; None if there are none.
    """

    precision: float | None
    recall: float | None


def refusal_scores(refused: Sequence[bool], unanswerable: Sequence[bool]) -> RefusalScores:
    """Compare what was refused with what has no answer; one pair a question."""
    pairs = list(zip(refused, unanswerable, strict=True))
    due = sum(refusal and without for refusal, without in pairs)
    return RefusalScores(_share(due, sum(refused)), _share(due, sum(unanswerable)))


def auroc(scores: ArrayLike, positive: ArrayLike) -> float:
    """Return the probability that a positive scores higher than a negative; ties count 1/2.

    The rank statistic `(R - p (p + 1) / 2) / (p n)` of Mann and Whitney (1947), where R sums the
    ranks of the p positives among all, equal scores sharing their mean rank (Hanley and McNeil,
    1982). For refusals: the score is the higher, the readier the system is to refuse, and the
    positives are the questions without an answer.

    Parameters
    ----------
    scores
        Shape (n,), any scale, not NaN.
    positive
        Shape (n,), with both kinds in it.
    """
    values = np.asarray(scores, dtype=np.float64)
    labels = np.asarray(positive, dtype=np.bool_)
    if values.ndim != 1 or values.shape != labels.shape or np.isnan(values).any():
        raise ValueError("scores and labels must be of one shape (n,), without NaN")
    positives = int(labels.sum())
    negatives = len(labels) - positives
    if not positives or not negatives:
        raise ValueError(f"{positives} positives and {negatives} negatives; it takes both")
    above_least = float(_mean_ranks(values)[labels].sum()) - positives * (positives + 1) / 2
    return above_least / (positives * negatives)


def _mean_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    _, position, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: NDArray[np.float64] = np.cumsum(counts) - (counts - 1) / 2
    return ranks[position]


@dataclass(frozen=True, slots=True)
class CitationScores:
    """Citations of one answer.

    Attributes
    ----------
    precision
        Share of the citations that are right; None if the answer cites nothing.
    recall
        Share of the sentences with at least one right citation.
    citations, sentences
        What the shares are of.
    """

    precision: float | None
    recall: float
    citations: int
    sentences: int


def citation_scores(sentences: Sequence[Mapping[str, bool]]) -> CitationScores:
    """Judge the citations of an answer, sentence by sentence.

    After ALCE (Gao et al., 2023, section 3), simplified: there a sentence is recalled if all of its
    sources together entail it, and a source is precise if the sentence needs it. Here each citation
    has been judged alone, so a sentence is recalled if at least one of its citations is right.

    Parameters
    ----------
    sentences
        Every sentence of the answer; for each cited id, whether it supports the sentence.
    """
    if not sentences:
        raise ValueError("the answer has no sentence: a refusal has no citations to judge")
    judgements = [right for cited in sentences for right in cited.values()]
    return CitationScores(
        precision=_share(sum(judgements), len(judgements)),
        recall=sum(any(cited.values()) for cited in sentences) / len(sentences),
        citations=len(judgements),
        sentences=len(sentences),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person got to see for one question.

    Attributes
    ----------
    evidence, cited
        Ids of the documents whose passages were listed, and of those that were cited.
    text
        Everything readable: the answer, quotes, titles.
    """

    evidence: frozenset[str]
    cited: frozenset[str]
    text: str


@dataclass(frozen=True, slots=True)
class Forbidden:
    """What the person must not see.

    Attributes
    ----------
    documents
        Ids; at least one.
    secrets
        Strings that only these documents hold, distinctive enough to stand nowhere else.
    """

    documents: frozenset[str]
    secrets: tuple[str, ...] = ()


def leaks(shown: Shown, forbidden: Forbidden) -> bool:
    """Tell whether anything of a forbidden document was shown.

    Secrets are compared in normal form and without regard to word boundaries: a false alarm is
    looked into, a missed leak is not.
    """
    text = normalise(shown.text)
    return bool(
        forbidden.documents & (shown.evidence | shown.cited)
        or any(normalise(secret) in text for secret in forbidden.secrets)
    )


def leakage_rate(cases: Sequence[tuple[Shown, Forbidden]]) -> float:
    """Return the share of questions that leak, one case a question asked by a person."""
    if not cases:
        raise ValueError("no cases: a leakage rate of nothing would read as safe")
    if not all(forbidden.documents for _, forbidden in cases):
        raise ValueError("a case forbids no document: it cannot leak and would dilute the rate")
    return sum(leaks(shown, forbidden) for shown, forbidden in cases) / len(cases)
