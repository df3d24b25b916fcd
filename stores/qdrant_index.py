"""The points of one tenant in a collection of a Qdrant server."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import numpy as np
from qdrant_client import models
from qdrant_client.conversions.common_types import PointId

from stores import plan
from stores.access import AccessFilter
from stores.index import DenseVector, Hit, IndexPoint, SparseVector
from stores.qdrant_server import WRITE_TIMEOUT_SECONDS, QdrantServer


class QdrantIndex:
    """A collection; safe to use from several threads."""

    def __init__(self, server: QdrantServer, collection: str, *, tenant: str) -> None:
        self._server = server
        self._collection = collection
        self._tenant = tenant

    def upsert(self, points: Sequence[IndexPoint]) -> None:
        """Write points; a point with the same chunk id is replaced."""
        for start in range(0, len(points), plan.BATCH_POINTS):
            batch = points[start : start + plan.BATCH_POINTS]
            self._write_whole([_point(p, p.dense.tolist()) for p in batch if p.dense is not None])
            self._write_terms([_terms_of(point) for point in batch if point.dense is None])

    def search(
        self, query: DenseVector | SparseVector, access: AccessFilter, *, limit: int
    ) -> list[Hit]:
        """Return at most `limit` visible points, best first."""
        if access.tenant != self._tenant or access.is_empty:
            return []
        visible = _visible(access)
        if isinstance(query, np.ndarray):
            return self._search_dense(query, visible, limit=limit)
        return self._search_sparse(query, visible, limit=limit)

    def delete(self, document_id: UUID, *, keep_revision: int | None = None) -> None:
        """Delete the points of a document, but those of `keep_revision`."""
        outdated = _of_document(document_id, but_revision=keep_revision)
        with self._server.asked():
            self._server.client.delete(
                self._collection,
                models.FilterSelector(filter=outdated),
                wait=True,
                timeout=WRITE_TIMEOUT_SECONDS,
            )

    def count(self, document_id: UUID | None = None) -> int:
        """Return the exact number of points, of one document or of all."""
        return self._count(None if document_id is None else _of_document(document_id), exact=True)

    def revisions(self) -> Mapping[tuple[UUID, int], int]:
        """Return how many points there are of each revision of each document, by both."""
        found: Counter[tuple[UUID, int]] = Counter()
        after: PointId | None = None
        while True:
            with self._server.asked():
                points, after = self._server.client.scroll(
                    self._collection,
                    limit=plan.READ_POINTS,
                    offset=after,
                    with_payload=list(plan.PAYLOAD),
                )
            found.update(_revision(point.payload or {}) for point in points)
            if after is None:
                return found

    def kept_vectors(self, document_id: UUID | None = None) -> Iterator[DenseVector]:
        """Yield the dense vectors of a document, or of all, as they are kept."""
        wanted = None if document_id is None else _of_document(document_id)
        offset = None
        while True:
            with self._server.asked():
                records, offset = self._server.client.scroll(
                    self._collection,
                    scroll_filter=wanted,
                    limit=plan.BATCH_POINTS,
                    offset=offset,
                    with_payload=False,
                    with_vectors=[plan.DENSE],
                )
            for record in records:
                if isinstance(record.vector, dict):
                    yield np.asarray(record.vector[plan.DENSE], dtype=np.float32)
            if offset is None:
                return

    def vectors(self, chunk_ids: Sequence[UUID]) -> dict[UUID, DenseVector]:
        """Return the dense vectors of those of the points that are there."""
        found: dict[UUID, DenseVector] = {}
        for start in range(0, len(chunk_ids), plan.BATCH_POINTS):
            batch = [str(chunk_id) for chunk_id in chunk_ids[start : start + plan.BATCH_POINTS]]
            with self._server.asked():
                records = self._server.client.retrieve(
                    self._collection, batch, with_payload=False, with_vectors=[plan.DENSE]
                )
            found |= {UUID(str(record.id)): _dense(record) for record in records}
        return found

    def flush(self) -> None:
        """Return at once: a write is acknowledged when it is in the server's log."""

    def _write_whole(self, points: list[models.PointStruct]) -> None:
        if points:
            with self._server.asked():
                self._server.client.upsert(
                    self._collection, points, wait=True, timeout=WRITE_TIMEOUT_SECONDS
                )

    def _write_terms(self, points: list[models.PointVectors]) -> None:
        if points:
            with self._server.asked():
                self._server.client.update_vectors(
                    self._collection, points, wait=True, timeout=WRITE_TIMEOUT_SECONDS
                )

    def _search_dense(self, query: DenseVector, visible: models.Filter, *, limit: int) -> list[Hit]:
        matches = self._count(visible, exact=False)
        with self._server.asked():
            found = self._server.client.query_points(
                self._collection,
                query=query.tolist(),
                using=plan.DENSE,
                query_filter=visible,
                search_params=_dense_params(matches),
                limit=limit,
                with_payload=list(plan.PAYLOAD),
                with_vectors=[plan.TERMS],
            ).points
        # Rounding takes the cosine of a vector with itself a little above 1.
        return [_hit(point, score=max(-1.0, min(1.0, point.score))) for point in found]

    def _search_sparse(
        self, query: SparseVector, visible: models.Filter, *, limit: int
    ) -> list[Hit]:
        if not query:
            return []
        with self._server.asked():
            found = self._server.client.query_points(
                self._collection,
                query=models.SparseVector(indices=list(query), values=list(query.values())),
                using=plan.TERMS,
                query_filter=visible,
                limit=limit,
                with_payload=list(plan.PAYLOAD),
                with_vectors=[plan.TERMS],
            ).points
        return [_hit(point, score=point.score) for point in found]

    def _count(self, counted: models.Filter | None, *, exact: bool) -> int:
        with self._server.asked():
            return self._server.client.count(
                self._collection, count_filter=counted, exact=exact
            ).count


def _visible(access: AccessFilter) -> models.Filter:
    """Return the filter for points of at least one of the groups, of the documents of the set."""
    readable = models.FieldCondition(key="groups", match=models.MatchAny(any=list(access.groups)))
    documents = access.documents
    if not documents.ids:
        return models.Filter(must=[readable])
    ids = models.FieldCondition(
        key="document", match=models.MatchAny(any=[str(key) for key in documents.ids])
    )
    if documents.others:
        return models.Filter(must=[readable], must_not=[ids])
    return models.Filter(must=[readable, ids])


def _of_document(document_id: UUID, *, but_revision: int | None = None) -> models.Filter:
    kept = [] if but_revision is None else [but_revision]
    return models.Filter(
        must=[
            models.FieldCondition(key="document", match=models.MatchValue(value=str(document_id)))
        ],
        must_not=[
            models.FieldCondition(key="revision", match=models.MatchValue(value=revision))
            for revision in kept
        ],
    )


def _dense_params(estimated_matches: int) -> models.SearchParams:
    if plan.is_exact(estimated_matches):
        return models.SearchParams(exact=True)
    return models.SearchParams(
        hnsw_ef=plan.HNSW_EF,
        quantization=models.QuantizationSearchParams(rescore=True, oversampling=plan.OVERSAMPLING),
        acorn=models.AcornSearchParams(enable=True, max_selectivity=plan.ACORN_SELECTIVITY),
    )


def _point(point: IndexPoint, dense: list[float]) -> models.PointStruct:
    return models.PointStruct(
        id=str(point.chunk_id),
        vector={plan.DENSE: dense, plan.TERMS: _sparse(point)},
        payload={
            "document": str(point.document_id),
            "revision": point.revision,
            "groups": list(point.groups),
        },
    )


def _terms_of(point: IndexPoint) -> models.PointVectors:
    return models.PointVectors(id=str(point.chunk_id), vector={plan.TERMS: _sparse(point)})


def _sparse(point: IndexPoint) -> models.SparseVector:
    return models.SparseVector(indices=list(point.sparse), values=list(point.sparse.values()))


def _revision(payload: Mapping[str, Any]) -> tuple[UUID, int]:
    return UUID(payload["document"]), payload["revision"]


def _hit(point: models.ScoredPoint, *, score: float) -> Hit:
    document, revision = _revision(point.payload or {})
    return Hit(
        chunk_id=UUID(str(point.id)),
        document_id=document,
        revision=revision,
        score=score,
        terms=frozenset(_terms(point)),
    )


def _dense(record: models.Record) -> DenseVector:
    vectors = record.vector if isinstance(record.vector, dict) else {}
    return np.array(vectors[plan.DENSE], dtype=np.float32)


def _terms(point: models.ScoredPoint) -> list[int]:
    vectors = point.vector if isinstance(point.vector, dict) else {}
    found = vectors.get(plan.TERMS)
    return list(found.indices) if isinstance(found, models.SparseVector) else []
