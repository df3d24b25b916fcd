"""From a question to evidence: two searches, fusion, the check of access, the reranker."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from models.bm25 import query_weights
from models.encoder import Encoder
from models.terms import terms
from retrieval.fusion import reciprocal_rank_fusion
from retrieval.records import Candidate, Evidence, Query
from retrieval.rerank import Relevance, Reranker
from stores.access import AccessFilter, access_filter
from stores.documents import Documents
from stores.index import Hit, IndexStore


class Retriever:
    """Finds the passages of one's own documents that bear on a question.

    Parameters
    ----------
    candidates
        How many passages each search contributes.
    rrf_k
        Constant of the reciprocal rank fusion.
    """

    def __init__(
        self,
        *,
        encoder: Encoder,
        indexes: IndexStore,
        documents: Documents,
        reranker: Reranker,
        candidates: int = 50,
        rrf_k: int = 60,
    ) -> None:
        self._encoder = encoder
        self._indexes = indexes
        self._documents = documents
        self._reranker = reranker
        self._candidates = candidates
        self._rrf_k = rrf_k

    def search(self, query: Query, *, limit: int) -> tuple[Evidence, ...]:
        """Return at most `limit` passages that the asker may see, the most relevant first.

        Raises
        ------
        IndexUnavailable, CatalogUnavailable
            A store is away; nothing is returned rather than a part.
        """
        access = access_filter(query.principal)
        dense, lexical = self._hits(query.text, access)
        candidates = self._visible(dense, lexical, access)
        judged = zip(candidates, self._reranker.judge(query.text, candidates), strict=True)
        ranked = sorted(judged, key=_rank)
        return tuple(
            _evidence(number, candidate, relevance)
            for number, (candidate, relevance) in enumerate(ranked[:limit], start=1)
        )

    def _hits(self, text: str, access: AccessFilter) -> tuple[list[Hit], list[Hit]]:
        index = self._indexes.open(access.tenant)
        vector = self._encoder.encode_query(text)
        dense = index.search(vector, access, limit=self._candidates)
        lexical = index.search(query_weights(terms(text)), access, limit=self._candidates)
        return dense, lexical

    def _visible(
        self, dense: Sequence[Hit], lexical: Sequence[Hit], access: AccessFilter
    ) -> list[Candidate]:
        """Join the hits with the catalog, which repeats the check of access and of the revision."""
        fused = reciprocal_rank_fusion(
            [[hit.chunk_id for hit in dense], [hit.chunk_id for hit in lexical]], k=self._rrf_k
        )
        cosines, scores = _by_id(dense), _by_id(lexical)
        lowest = min(cosines.values(), default=0.0)
        term_ids = {hit.chunk_id: hit.terms for hit in (*dense, *lexical)}
        ranks = {"dense_rank": _ranks(cosines), "lexical_rank": _ranks(scores)}
        ranks["fusion_rank"] = _ranks(sorted(fused, key=lambda chunk: -fused[chunk]))
        visible = self._documents.visible_chunks(list(fused), access)
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


def _rank(judged: tuple[Candidate, Relevance]) -> tuple[float, float, str]:
    """Sort by merit, then by fusion, then by id so that equal runs give equal lists."""
    candidate, relevance = judged
    return -relevance.merit, -candidate.fusion, str(candidate.found.chunk.id)


def _evidence(number: int, candidate: Candidate, relevance: Relevance) -> Evidence:
    chunk, document = candidate.found.chunk, candidate.found.document
    return Evidence(
        number=number,
        chunk_id=chunk.id,
        document_id=document.id,
        revision=chunk.revision,
        title=document.title,
        uri=document.uri,
        heading_path=chunk.heading_path,
        quote=chunk.text,
        pages=chunk.pages,
        spans=chunk.spans,
        score=relevance.probability,
        signals={
            "dense": candidate.cosine,
            "lexical": candidate.lexical,
            "fusion": candidate.fusion,
            **candidate.ranks,
            **relevance.signals,
        },
    )
