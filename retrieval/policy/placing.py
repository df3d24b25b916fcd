"""The policy as a whole: judged candidates in, the same ones in the order of showing out."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from types import MappingProxyType
from uuid import UUID

from retrieval.policy.days import Asked, Period
from retrieval.policy.editions import Edition, Standing, editions
from retrieval.policy.factors import authority, merit_of_odds, recency
from retrieval.policy.records import Judged, Placed, Reason
from retrieval.policy.wording import Wording, wording
from stores.records import DocType, Document

_HELD_BACK = {
    Standing.EARLIER: Reason.SUPERSEDED,
    Standing.LATER: Reason.NOT_YET_IN_FORCE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySettings:
    """How much the policy may move.

    Attributes
    ----------
    recency_bound, authority_bound
        By how much a new, or a binding, document may raise the odds of its passages: .05 is 5 %,
        which decides between passages that are as good as equal.
    recency_half_life_days
        After how many days half of the recency is left.
    passages_per_document
        A document's further passages go behind those of other documents.
    """

    recency_bound: float = 0.05
    recency_half_life_days: float = 365.0
    authority_bound: float = 0.05
    passages_per_document: int = 3


NO_COPIES: Mapping[UUID, UUID] = MappingProxyType({})
"""Every document counts for itself."""


def place(
    judged: Sequence[Judged],
    asked: Asked,
    settings: PolicySettings,
    *,
    copies: Mapping[UUID, UUID] = NO_COPIES,
) -> Iterator[Placed]:
    """Yield all candidates in the order of showing; duplicates follow what they repeat.

    First come those of editions that are asked for or of documents without editions, by
    `merit + unit · ln(recency · authority)`; within them, what exceeds its document's share goes
    to the end. Last come the editions and the older copies that are held back. A candidate that
    repeats one before it is marked as its duplicate. Without metadata, the reranker's order remains
    but for shares and duplicates.

    Parameters
    ----------
    copies
        Documents that a newer one is almost the same as, and which that is.
    """
    weights = _weights(judged, asked, settings, copies)
    ordered = _weighed(sorted(judged, key=_merit_first), weights)
    shown = [each for each in ordered if each.reason is None]
    held_back = [each for each in ordered if each.reason is not None]
    return _once(chain(_within_share(shown, settings.passages_per_document), held_back))


@dataclass(frozen=True, slots=True)
class _Weight:
    """What a document's metadata mean for its passages; `log_odds` is the sum of ln(factor)."""

    signals: Mapping[str, float]
    log_odds: float
    reason: Reason | None
    preferred: UUID | None


def _weights(
    judged: Iterable[Judged],
    asked: Asked,
    settings: PolicySettings,
    copies: Mapping[UUID, UUID],
) -> dict[UUID, _Weight]:
    found = (each.candidate.found.document for each in judged)
    documents = {document.id: document for document in found}
    standings = editions(documents.values(), asked)
    return {
        key: _weight(_factors(document, asked, settings), standings.get(key), copies.get(key))
        for key, document in documents.items()
    }


def _weight(factors: Mapping[str, float], edition: Edition | None, newer: UUID | None) -> _Weight:
    log_odds = sum(map(math.log, factors.values()))
    reason = None
    if edition is not None:
        factors = {**factors, "edition": float(edition.standing)}
        reason = _HELD_BACK.get(edition.standing)
    if edition is not None and reason is not None:
        return _Weight(factors, log_odds, reason, edition.preferred)
    return _Weight(factors, log_odds, None if newer is None else Reason.OLDER_COPY, newer)


def _factors(document: Document, asked: Asked, settings: PolicySettings) -> dict[str, float]:
    factors: dict[str, float] = {}
    if document.published is not None:
        factors["recency"] = recency(
            asked.distance(Period(document.published, document.published)),
            half_life_days=settings.recency_half_life_days,
            bound=settings.recency_bound,
        )
    if document.doc_type is not DocType.OTHER:
        factors["authority"] = authority(document.doc_type, bound=settings.authority_bound)
    return factors


def _merit_first(judged: Judged) -> tuple[float, float, str]:
    """Sort by merit, then by fusion, then by id so that equal runs give equal lists."""
    candidate = judged.candidate
    return -judged.relevance.merit, -candidate.fusion, str(candidate.found.chunk.id)


def _weighed(ranked: Sequence[Judged], weights: Mapping[UUID, _Weight]) -> list[Placed]:
    """Return the candidates by adjusted merit; equal ones stay in their order."""
    unit = merit_of_odds([each.relevance for each in ranked])
    merits: list[float] = []
    placed: list[Placed] = []
    for rank, each in enumerate(ranked, start=1):
        weight, merit = weights[each.candidate.found.document.id], each.relevance.merit
        signals = {"merit": merit, **weight.signals}
        placed.append(Placed(each, rank, signals, weight.reason, weight.preferred))
        merits.append(merit + unit * weight.log_odds)
    order = sorted(range(len(ranked)), key=lambda number: -merits[number])
    return [placed[number] for number in order]


def _document(placed: Placed) -> Document:
    return placed.judged.candidate.found.document


def _within_share(ordered: Iterable[Placed], share: int) -> list[Placed]:
    """Put what exceeds its document's share behind the rest."""
    taken: Counter[UUID] = Counter()
    within, over = [], []
    for each in ordered:
        document = _document(each).id
        taken[document] += 1
        if taken[document] <= share:
            within.append(each)
        else:
            over.append(replace(each, reason=Reason.OVER_SHARE))
    return within + over


def _once(ordered: Iterable[Placed]) -> Iterator[Placed]:
    """Mark what repeats a passage before it. Lazy: most searches need the first few only."""
    kept: list[tuple[Placed, Wording]] = []
    for each in ordered:
        words = wording(each.judged.candidate.found.chunk)
        same = next((other for other, its in kept if _repeats(each, words, other, its)), None)
        if same is None:
            kept.append((each, words))
            yield each
        else:
            yield replace(
                each,
                reason=Reason.DUPLICATE,
                preferred_document=_document(same).id,
                repeats=same.judged.candidate.found.chunk.id,
            )


def _repeats(placed: Placed, words: Wording, other: Placed, its: Wording) -> bool:
    return words.repeats(its) and not _are_compared(placed, other)


def _are_compared(one: Placed, other: Placed) -> bool:
    """Tell whether two editions of a series are asked for: that both say the same is an answer."""
    first, second = _document(one), _document(other)
    return (
        bool(first.series)
        and first.series == second.series
        and first.id != second.id
        and one.signals.get("edition") == other.signals.get("edition") == Standing.IN_FORCE
    )
