"""Qdrant's engine on one folder: its configuration, its requests, and its errors in our words."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from qdrant_edge import (
    AcornSearchParams,
    Distance,
    EdgeConfig,
    EdgeOptimizersConfig,
    EdgeSparseVectorParams,
    EdgeVectorParams,
    FieldCondition,
    Filter,
    HnswIndexConfig,
    KeywordIndexParams,
    MatchAny,
    MatchValue,
    Memory,
    Modifier,
    Point,
    PointVectors,
    QuantizationSearchParams,
    ScalarQuantizationConfig,
    ScalarType,
    SearchParams,
    SparseVector,
    UpdateOperation,
)

from stores import plan
from stores.access import AccessFilter
from stores.errors import IndexLocked, IndexUnavailable, StorageFull, StoreError
from stores.index import IndexPoint

_SEGMENTS_AT_REST = 8
# The engine merges, and rewrites for deleted points, as much at once as it finds; so never.
_SEGMENTS_OPEN = 100_000
_DELETED_SHARE_OPEN = 1.0
_FULL_SCAN_KB = 10_000
# 5,000 vectors of 384: their search structures take 0.5 to 0.9 s of processor time, on all cores.
_STEP_KB = 7_500
_MESSAGE_CHARACTERS = 200
_LOCKED = "WouldBlock"
_MISSING = "No point with id"
_CLOSED = "Shard is not initialized"
# ENOSPC, EFBIG and EDQUOT, in the two ways in which Rust writes them.
_FULL = re.compile(r"\b(os error|code:) (28|27|122)\b")


def shard_config(dimension: int, *, at_rest: bool = False) -> EdgeConfig:
    """Return the configuration of a shard; the figures are those of the engine's measurements.

    `EdgeShard.optimize` does all that is due at once. While a shard is open that is one segment of
    new points, once there are enough; at rest segments are merged, too, and deleted points go.
    """
    return EdgeConfig(
        vectors={plan.DENSE: EdgeVectorParams(size=dimension, distance=Distance.Cosine)},
        sparse_vectors={plan.TERMS: EdgeSparseVectorParams(modifier=Modifier.Idf)},
        hnsw_config=HnswIndexConfig(
            m=plan.HNSW_LINKS,
            ef_construct=plan.HNSW_BUILD_EF,
            full_scan_threshold=_FULL_SCAN_KB,
        ),
        # Recall 0.996 on real vectors with oversampling; binary codes fail on them (0.06).
        quantization_config=ScalarQuantizationConfig(
            ScalarType.Int8, quantile=plan.QUANTILE, memory=Memory.Pinned
        ),
        optimizers=EdgeOptimizersConfig(
            # With one, 20,000 new points would rebuild all of it: 16 s instead of 0.9.
            default_segment_number=_SEGMENTS_AT_REST if at_rest else _SEGMENTS_OPEN,
            deleted_threshold=None if at_rest else _DELETED_SHARE_OPEN,
            indexing_threshold=_STEP_KB,
        ),
    )


def payload_indexes() -> list[UpdateOperation]:
    """Return the operations that make the payload indexes; made again, they do nothing."""
    return [
        # Links in the graph, so that a filtered search of it does not come back short.
        UpdateOperation.create_field_index("groups", KeywordIndexParams(enable_hnsw=True)),
        # Only deleted and counted by: links would double the time of building the graph.
        UpdateOperation.create_field_index("document", KeywordIndexParams(enable_hnsw=False)),
    ]


def writes(points: Sequence[IndexPoint]) -> Iterator[UpdateOperation]:
    """Yield the operations that write points: whole ones, and those that bring their terms only."""
    whole = [_point(point, point.dense.tolist()) for point in points if point.dense is not None]
    if whole:
        yield UpdateOperation.upsert_points(whole)
    rest = [point for point in points if point.dense is None]
    if rest:
        yield UpdateOperation.update_vectors(
            [PointVectors(id=point.chunk_id, vector={plan.TERMS: _terms(point)}) for point in rest]
        )


def _point(point: IndexPoint, dense: list[float]) -> Point:
    return Point(
        id=point.chunk_id,
        vector={plan.DENSE: dense, plan.TERMS: _terms(point)},
        payload={
            "document": str(point.document_id),
            "revision": point.revision,
            "groups": list(point.groups),
        },
    )


def _terms(point: IndexPoint) -> SparseVector:
    return SparseVector(list(point.sparse), list(point.sparse.values()))


def visible(access: AccessFilter) -> Filter:
    """Return the filter for points of at least one of the groups, of the documents of the set."""
    readable = FieldCondition(key="groups", match=MatchAny(list(access.groups)))
    documents = access.documents
    if not documents.ids:
        return Filter(must=[readable])
    ids = FieldCondition(key="document", match=MatchAny([str(key) for key in documents.ids]))
    if documents.others:
        return Filter(must=[readable], must_not=[ids])
    return Filter(must=[readable, ids])


def of_document(document_id: UUID, *, but_revision: int | None = None) -> Filter:
    """Return the filter for the points of a document, but those of one revision."""
    kept = [] if but_revision is None else [but_revision]
    return Filter(
        must=[FieldCondition(key="document", match=MatchValue(str(document_id)))],
        must_not=[FieldCondition(key="revision", match=MatchValue(value)) for value in kept],
    )


def dense_params(estimated_matches: int) -> SearchParams:
    """Return how a dense search is made, by the number of points that the filter lets through."""
    if plan.is_exact(estimated_matches):
        return SearchParams(exact=True)
    return SearchParams(
        hnsw_ef=plan.HNSW_EF,
        quantization=QuantizationSearchParams(rescore=True, oversampling=plan.OVERSAMPLING),
        acorn=AcornSearchParams(enable=True, max_selectivity=plan.ACORN_SELECTIVITY),
    )


@contextmanager
def engine_errors(folder: Path, *, owner_file: Path) -> Iterator[None]:
    """Surround calls of the engine on `folder`; its errors become the stores'."""
    try:
        yield
    except BaseException as error:
        # The engine raises bare `Exception` for everything, and on damaged files a panic that is
        # no `Exception` at all. What is of another type is not the engine's.
        if type(error) is not Exception and type(error).__name__ != "PanicException":
            raise
        raise _classify(str(error), folder, owner_file) from error


def _classify(text: str, folder: Path, owner_file: Path) -> StoreError:
    if _LOCKED in text:
        return IndexLocked(
            f"the index {folder} is open in another process{_owner(owner_file)}: "
            "stop that process, or let it do the work through its API"
        )
    if _CLOSED in text:
        return IndexUnavailable(f"the index {folder} is closed: open it again")
    if _MISSING in text:
        return IndexUnavailable(
            f"the index {folder} has lost a point that was to be rewritten ({_short(text)}): "
            "do it again; if that does not help, ingest the document again"
        )
    if _FULL.search(text):
        return StorageFull(
            f"the index {folder} cannot grow ({_short(text)}): free space on its disk"
        )
    return IndexUnavailable(
        f"the index {folder} is damaged or unreadable ({_short(text)}): "
        "move it away and ingest again; the catalog and the files are not touched by this"
    )


def _owner(owner_file: Path) -> str:
    try:
        return f" (process {int(owner_file.read_text())})"
    except (OSError, ValueError):
        return ""  # it has just started or ended


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MESSAGE_CHARACTERS else line[: _MESSAGE_CHARACTERS - 1] + "…"
