"""The points of one tenant in a shard of Qdrant's engine."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, RLock
from time import sleep
from typing import Any
from uuid import UUID

import numpy as np
from qdrant_edge import (
    CountRequest,
    EdgeShard,
    Filter,
    Query,
    QueryRequest,
    Record,
    ScoredPoint,
    ScrollRequest,
    SearchParams,
    UpdateOperation,
)
from qdrant_edge import SparseVector as EngineSparseVector

from stores import edge_shard, plan
from stores.access import AccessFilter
from stores.edge_rewrite import ShardCopy, vectors_of
from stores.index import DenseVector, Hit, IndexPoint, SparseVector

# Between two batches of a rewriting the others have their turn: a lock in Python is not fair.
_TURN_SECONDS = 0.001


class EdgeIndex:
    """A shard that is open.

    Safe to use from several threads. The engine holds the interpreter's lock for the whole of a
    call, so that ours, which keeps a shard from being exchanged during one, costs nothing.

    Parameters
    ----------
    shard
        The engine's shard.
    folder
        Where it lies; its name is the tenant's.
    owner_file
        Names this process; removed when the shard is closed.
    before_write
        Called before every write; raises `StorageFull` to prevent it.
    """

    def __init__(
        self,
        shard: EdgeShard,
        folder: Path,
        *,
        owner_file: Path,
        before_write: Callable[[], None],
    ) -> None:
        self.folder = folder
        self._shard = shard
        self._owner_file = owner_file
        self._before_write = before_write
        self._lock = RLock()
        self._rewriting = Lock()
        self._copy: ShardCopy | None = None
        self.is_open = True

    def upsert(self, points: Sequence[IndexPoint]) -> None:
        """Write points; a point with the same chunk id is replaced.

        Whenever enough points are new or rewritten their search structures are made: a process
        that lives long never has many to compare one by one, nor to make up for at once.
        """
        for start in range(0, len(points), plan.BATCH_POINTS):
            batch = points[start : start + plan.BATCH_POINTS]
            with self._engine():
                for operation in edge_shard.writes(batch):
                    self._update(operation)
                self._shard.optimize()  # without enough new points it does nothing: 0.01 ms
                if self._copy is not None:
                    self._copy.follow([point.chunk_id for point in batch])

    def search(
        self, query: DenseVector | SparseVector, access: AccessFilter, *, limit: int
    ) -> list[Hit]:
        """Return at most `limit` visible points, best first."""
        if access.tenant != self.folder.name or access.is_empty:
            return []
        visible = edge_shard.visible(access)
        if isinstance(query, np.ndarray):
            return self._search_dense(query, visible, limit=limit)
        return self._search_sparse(query, visible, limit=limit)

    def delete(self, document_id: UUID, *, keep_revision: int | None = None) -> None:
        """Delete the points of a document, but those of `keep_revision`."""
        outdated = edge_shard.of_document(document_id, but_revision=keep_revision)
        deletion = UpdateOperation.delete_points_by_filter(outdated)
        with self._engine():
            self._update(deletion)
            if self._copy is not None:
                self._copy.update(deletion)

    def count(self, document_id: UUID | None = None) -> int:
        """Return the exact number of points, of one document or of all."""
        counted = None if document_id is None else edge_shard.of_document(document_id)
        with self._engine():
            return self._shard.count(CountRequest(exact=True, filter=counted))

    def revisions(self) -> Mapping[tuple[UUID, int], int]:
        """Return how many points there are of each revision of each document, by both."""
        found: Counter[tuple[UUID, int]] = Counter()
        after: int | UUID | str | None = None
        while True:
            request = ScrollRequest(
                offset=after, limit=plan.READ_POINTS, with_payload=list(plan.PAYLOAD)
            )
            with self._engine():
                points, after = self._shard.scroll(request)
            found.update(_revision(point.payload or {}) for point in points)
            if after is None:
                return found

    def kept_vectors(self, document_id: UUID | None = None) -> Iterator[DenseVector]:
        """Yield the dense vectors of a document, or of all, as they are kept."""
        wanted = None if document_id is None else edge_shard.of_document(document_id)
        offset = None
        while True:
            with self._engine():
                found, offset = vectors_of(self._shard, wanted, offset=offset)
            yield from found
            if offset is None:
                return

    def rewrite(
        self, begin: Callable[[EdgeShard], ShardCopy], exchange: Callable[[], EdgeShard]
    ) -> None:
        """Put a copy that holds the same points in the place of the shard.

        Searches, writes and deletions go on meanwhile; they wait for a batch of points at most, and
        for the exchange.

        Parameters
        ----------
        begin
            Starts the copy.
        exchange
            Puts the folder of the copy in the place of the shard's, both being closed, and opens
            it.
        """
        with self._rewriting:
            try:
                with self._engine():
                    self._copy = begin(self._shard)
                while self._copy_batch():
                    sleep(_TURN_SECONDS)
                with self._engine():
                    self._take_over(self._copy, exchange)
            finally:
                self._copy = None

    def _take_over(self, copy: ShardCopy, exchange: Callable[[], EdgeShard]) -> None:
        copy.close()
        self._shard.flush()
        self._shard.close()
        self.is_open = False
        self._shard = exchange()
        self.is_open = True

    def _copy_batch(self) -> bool:
        with self._engine():
            self._before_write()
            return self._copy is not None and self._copy.next_batch()

    def vectors(self, chunk_ids: Sequence[UUID]) -> dict[UUID, DenseVector]:
        """Return the dense vectors of those of the points that are there."""
        found: dict[UUID, DenseVector] = {}
        for start in range(0, len(chunk_ids), plan.BATCH_POINTS):
            batch: list[int | UUID | str] = [*chunk_ids[start : start + plan.BATCH_POINTS]]
            with self._engine():
                records = self._shard.retrieve(batch, with_payload=False, with_vector=[plan.DENSE])
            found |= {UUID(str(record.id)): _dense(record) for record in records}
        return found

    def flush(self) -> None:
        """Return once everything written is on disk; until then a loss of power may undo it."""
        with self._engine():
            self._shard.flush()

    def close(self) -> None:
        """Flush and let go of the shard."""
        with self._engine():
            self._shard.flush()
            self._owner_file.unlink(missing_ok=True)
            self._shard.close()
            self.is_open = False

    def _search_dense(self, query: DenseVector, visible: Filter, *, limit: int) -> list[Hit]:
        with self._engine():
            matches = self._shard.count(CountRequest(exact=False, filter=visible))
        nearest = Query.Nearest(query.tolist(), using=plan.DENSE)
        params = edge_shard.dense_params(matches)
        found = self._query(nearest, visible, limit=limit, params=params)
        # Rounding takes the cosine of a vector with itself a little above 1.
        return [_hit(point, score=max(-1.0, min(1.0, point.score))) for point in found]

    def _search_sparse(self, query: SparseVector, visible: Filter, *, limit: int) -> list[Hit]:
        terms = EngineSparseVector(list(query), list(query.values()))
        nearest = Query.Nearest(terms, using=plan.TERMS)
        found = self._query(nearest, visible, limit=limit, params=None)
        return [_hit(point, score=point.score) for point in found]

    def _query(
        self, query: Query, visible: Filter, *, limit: int, params: SearchParams | None
    ) -> list[ScoredPoint]:
        with self._engine():
            return self._shard.query(
                QueryRequest(
                    limit=limit,
                    query=query,
                    filter=visible,
                    params=params,
                    with_payload=list(plan.PAYLOAD),
                    with_vector=[plan.TERMS],
                )
            )

    def _update(self, operation: UpdateOperation) -> None:
        self._before_write()
        self._shard.update(operation)

    @contextmanager
    def _engine(self) -> Iterator[None]:
        with (
            self._lock,
            edge_shard.engine_errors(self.folder, owner_file=self._owner_file),
        ):
            yield


def _revision(payload: Mapping[str, Any]) -> tuple[UUID, int]:
    return UUID(payload["document"]), payload["revision"]


def _hit(point: ScoredPoint, *, score: float) -> Hit:
    document, revision = _revision(point.payload or {})
    return Hit(
        chunk_id=UUID(str(point.id)),
        document_id=document,
        revision=revision,
        score=score,
        terms=frozenset(_terms(point)),
    )


def _dense(record: Record) -> DenseVector:
    vectors = record.vector if isinstance(record.vector, dict) else {}
    return np.array(vectors[plan.DENSE], dtype=np.float32)


def _terms(point: ScoredPoint) -> list[int]:
    vectors = point.vector if isinstance(point.vector, dict) else {}
    found = vectors.get(plan.TERMS)
    return found.indices if isinstance(found, EngineSparseVector) else []
