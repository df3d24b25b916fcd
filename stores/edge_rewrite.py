"""A shard is copied, so that nothing of its deleted points is left in a file.

The engine keeps what was deleted in its segments and in its log, and neither `optimize` nor further
writes drop all of it. So the live points are copied into a fresh shard beside the old one, which
then takes its place (`stores.edge_folders`).
"""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import numpy as np
from qdrant_edge import (
    EdgeShard,
    Filter,
    Point,
    Record,
    ScrollRequest,
    SparseVector,
    UpdateOperation,
)

from stores import edge_shard, plan
from stores.index import DenseVector

_Offset = UUID | int | str


class ShardCopy:
    """A fresh shard that comes to hold the points of another.

    Between two batches the other may change: what is written to it is followed, what is deleted is
    deleted here, too. The caller sees to it that nothing else happens during a call.

    Parameters
    ----------
    source
        The shard that is copied.
    folder
        Of the copy; made, with all that was in it removed by the caller.
    """

    def __init__(self, source: EdgeShard, folder: Path, *, dimension: int) -> None:
        self._source = source
        self._shard = create_shard(folder, dimension=dimension)
        self._offset: _Offset | None = None

    def next_batch(self) -> bool:
        """Copy the next points; tell whether there are further ones."""
        request = ScrollRequest(
            offset=self._offset, limit=plan.BATCH_POINTS, with_payload=True, with_vector=True
        )
        records, self._offset = self._source.scroll(request)
        self._write(records)
        return self._offset is not None

    def follow(self, chunk_ids: Sequence[UUID]) -> None:
        """Take over points that were written to the source, in the order of its writes."""
        self._write(self._source.retrieve(list(chunk_ids), with_payload=True, with_vector=True))

    def update(self, operation: UpdateOperation) -> None:
        """Do what was done to the source."""
        self._shard.update(operation)

    def close(self) -> None:
        """Bring everything to disk and let go of the copy."""
        self._shard.flush()
        self._shard.close()

    def _write(self, records: Sequence[Record]) -> None:
        if records:
            self._shard.update(UpdateOperation.upsert_points([_point(each) for each in records]))
            self._shard.optimize()


def create_shard(folder: Path, *, dimension: int) -> EdgeShard:
    """Make an empty shard with its payload indexes."""
    shard = EdgeShard.create(str(folder), edge_shard.shard_config(dimension))
    for operation in edge_shard.payload_indexes():
        shard.update(operation)
    return shard


def vectors_of(
    shard: EdgeShard, wanted: Filter | None, *, offset: _Offset | None
) -> tuple[list[DenseVector], _Offset | None]:
    """Return the next dense vectors as they are kept, and where to go on, None at the end."""
    records, following = shard.scroll(
        ScrollRequest(
            offset=offset, limit=plan.BATCH_POINTS, filter=wanted, with_vector=[plan.DENSE]
        )
    )
    kept = [_vectors(record)[plan.DENSE] for record in records]
    return [np.asarray(each, dtype=np.float32) for each in kept], following


def _point(record: Record) -> Point:
    return Point(id=record.id, vector=_vectors(record), payload=record.payload)


def _vectors(record: Record) -> dict[str, list[float] | SparseVector | list[list[float]]]:
    return record.vector if isinstance(record.vector, dict) else {}
