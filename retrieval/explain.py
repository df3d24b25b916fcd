"""How each candidate of a search came to its place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from retrieval.evidence import first_evidence
from retrieval.policy.days import Asked
from retrieval.policy.records import Placed, Reason
from retrieval.records import Evidence
from stores.records import Document

_FACTORS = ("recency", "authority", "edition")


@dataclass(frozen=True, slots=True)
class Stage:
    """What one stage made of a candidate.

    Attributes
    ----------
    rank
        1-based; in the two searches passages that were replaced since they were indexed count, too.
    score
        The cosine (dense), BM25 (lexical), or the merit by the fusion and by the reranker.
    """

    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Trail:
    """The way of one candidate through the stages.

    Attributes
    ----------
    dense, lexical
        None where that search did not find it.
    probability
        Calibrated probability that it is relevant.
    factors
        What the policy weighed: `recency` and `authority`, factors on the odds, and `edition`;
        each absent where the document's metadata do not tell it.
    rank
        Its number in the result; None where it is not shown.
    reason
        Why it is not where its merit would put it, or not shown at all; with `rank` None and no
        reason, the result was full.
    preferred_document, preferred_title
        The edition that is preferred to it, or the document that holds the same.
    """

    chunk_id: UUID
    document_id: UUID
    title: str
    uri: str
    heading_path: tuple[str, ...]
    pages: tuple[int, ...]
    quote: str
    dense: Stage | None
    lexical: Stage | None
    fusion: Stage
    rerank: Stage
    probability: float
    factors: Mapping[str, float]
    rank: int | None
    reason: Reason | None
    preferred_document: UUID | None
    preferred_title: str | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A search with the way of all its candidates.

    Attributes
    ----------
    asked
        The days whose editions were preferred.
    evidence
        What the same search returns without an explanation.
    trails
        All candidates that the asker may see, in the order of showing; duplicates follow what they
        repeat.
    """

    asked: Asked
    evidence: tuple[Evidence, ...]
    trails: tuple[Trail, ...]


def explain(placed: Sequence[Placed], asked: Asked, *, limit: int) -> Explanation:
    """Return the result of a search and how it came about."""
    evidence = first_evidence(placed, limit=limit)
    numbers = {each.chunk_id: each.number for each in evidence}
    titles = {document.id: document.title for document in map(_document, placed)}
    return Explanation(
        asked, evidence, tuple(_trail(each, numbers=numbers, titles=titles) for each in placed)
    )


def _document(placed: Placed) -> Document:
    return placed.judged.candidate.found.document


def _trail(placed: Placed, *, numbers: Mapping[UUID, int], titles: Mapping[UUID, str]) -> Trail:
    candidate, relevance = placed.judged.candidate, placed.judged.relevance
    chunk, document = candidate.found.chunk, candidate.found.document
    preferred = placed.preferred_document
    return Trail(
        chunk_id=chunk.id,
        document_id=document.id,
        title=document.title,
        uri=document.uri,
        heading_path=chunk.heading_path,
        pages=chunk.pages,
        quote=chunk.text,
        dense=_stage(candidate.ranks.get("dense_rank"), candidate.cosine),
        lexical=_stage(candidate.ranks.get("lexical_rank"), candidate.lexical),
        fusion=Stage(int(candidate.ranks["fusion_rank"]), candidate.fusion),
        rerank=Stage(placed.rerank_rank, relevance.merit),
        probability=relevance.probability,
        factors={name: placed.signals[name] for name in _FACTORS if name in placed.signals},
        rank=numbers.get(chunk.id),
        reason=placed.reason,
        preferred_document=preferred,
        preferred_title=None if preferred is None else titles[preferred],
    )


def _stage(rank: float | None, score: float) -> Stage | None:
    return None if rank is None else Stage(int(rank), score)
