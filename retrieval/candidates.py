"""From the hits of two searches to candidates: fusion, and the join with the catalog."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from retrieval.fusion import reciprocal_rank_fusion
from retrieval.records import Candidate
from stores.access import AccessFilter
from stores.documents import Documents
from stores.index import Hit


def visible_candidates(
    dense: Sequence[Hit],
    lexical: Sequence[Hit],
    *,
    documents: Documents,
    access: AccessFilter,
    rrf_k: int,
) -> list[Candidate]:
    """Join the hits with the catalog, which repeats the check of access and of the revision."""
    fused = reciprocal_rank_fusion(
        [[hit.chunk_id for hit in dense], [hit.chunk_id for hit in lexical]], k=rrf_k
    )
    cosines, scores = _by_id(dense), _by_id(lexical)
    lowest = min(cosines.values(), default=0.0)
    term_ids = {hit.chunk_id: hit.terms for hit in (*dense, *lexical)}
    ranks = {"dense_rank": _ranks(cosines), "lexical_rank": _ranks(scores)}
    ranks["fusion_rank"] = _ranks(sorted(fused, key=lambda chunk: -fused[chunk]))
    visible = documents.visible_chunks(list(fused), access)
    return [
        Candidate(
            found=visible[chunk],
            terms=term_ids[chunk],
            cosine=cosines.get(chunk, lowest),
            lexical=scores.get(chunk, 0.0),
            fusion=score,
            ranks={name: rank[chunk] for name, rank in ranks.items() if chunk in rank},
        )
        for chunk, score in fused.items()
        if chunk in visible
    ]


def _by_id(hits: Sequence[Hit]) -> Mapping[UUID, float]:
    return {hit.chunk_id: hit.score for hit in hits}


def _ranks(ranking: Iterable[UUID]) -> Mapping[UUID, int]:
    return {chunk: rank for rank, chunk in enumerate(ranking, start=1)}
