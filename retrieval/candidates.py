"""From the hits of two searches to what the asker may see: the join with the catalog."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from retrieval.records import Match
from stores.access import AccessFilter
from stores.documents import Documents
from stores.index import Hit


def visible_matches(
    dense: Sequence[Hit],
    lexical: Sequence[Hit],
    *,
    documents: Documents,
    access: AccessFilter,
) -> list[Match]:
    """Join the hits with the catalog, which repeats the check of access and of the revision."""
    cosines, scores = _by_id(dense), _by_id(lexical)
    lowest = min(cosines.values(), default=0.0)
    term_ids = {hit.chunk_id: hit.terms for hit in (*dense, *lexical)}
    ranks = {"dense_rank": _ranks(cosines), "lexical_rank": _ranks(scores)}
    visible = documents.visible_chunks(list(term_ids), access)
    return [
        Match(
            found=visible[chunk],
            terms=terms,
            cosine=cosines.get(chunk, lowest),
            lexical=scores.get(chunk, 0.0),
            ranks={name: rank[chunk] for name, rank in ranks.items() if chunk in rank},
        )
        for chunk, terms in term_ids.items()
        if chunk in visible
    ]


def _by_id(hits: Sequence[Hit]) -> Mapping[UUID, float]:
    return {hit.chunk_id: hit.score for hit in hits}


def _ranks(ranking: Iterable[UUID]) -> Mapping[UUID, int]:
    return {chunk: rank for rank, chunk in enumerate(ranking, start=1)}
