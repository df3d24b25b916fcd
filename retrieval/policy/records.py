"""The records of the ranking policy."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from retrieval.records import Candidate
from retrieval.rerank import Relevance


class Reason(StrEnum):
    """Why a passage is not where its merit would put it."""

    DUPLICATE = "duplicate"
    """A better passage holds all of it; it is left out."""
    SUPERSEDED = "superseded"
    """An edition that follows it is the one asked for; it goes behind everything else."""
    NOT_YET_IN_FORCE = "not_yet_in_force"
    """An edition before it is the one asked for; it goes behind everything else."""
    OLDER_COPY = "older_copy"
    """A newer document is almost the same as its document; it goes behind everything else."""
    OVER_SHARE = "over_share"
    """Better passages of its document fill the document's share; it goes behind the others'."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate and what the reranker says of it."""

    candidate: Candidate
    relevance: Relevance


@dataclass(frozen=True, slots=True)
class Placed:
    """A judged candidate in its place.

    Attributes
    ----------
    rerank_rank
        1-based rank by the reranker's merit alone.
    signals
        `merit`, the reranker's; and as far as the document's metadata tell them `recency` and
        `authority`, factors on the odds of relevance, and `edition` (see `editions.Standing`).
    reason
        None where merit and factors alone placed it.
    preferred_document
        The edition or the newer copy that is preferred to it, or the document that holds the same.
    repeats
        The chunk that holds the same.
    """

    judged: Judged
    rerank_rank: int
    signals: Mapping[str, float]
    reason: Reason | None = None
    preferred_document: UUID | None = None
    repeats: UUID | None = None
