"""Building and searching an index of a collection, each in a process of its own."""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eval.collection import TENANT
from eval.process_memory import held_mebibytes, peak_mebibytes
from eval.scale.collection import read_collection, row_of
from eval.scale.exact import DEPTH
from eval.scale.readers import Readers
from stores.edge import EdgeIndexStore
from stores.index import DenseVector, Hit, IndexIdentity, SparseVector, VectorIndex

BATCH: Final = 64
"""Chunks that are written together: `ingest.batch_chunks` as it is by default."""
LIMIT: Final = 50
"""Hits of a search: `retrieval.candidates` as it is by default."""
_BYTES_PER_MEBIBYTE: Final = 1 << 20
_DISK_BLOCK_BYTES: Final = 512


@dataclass(frozen=True, slots=True)
class Job:
    """What a process works on.

    Attributes
    ----------
    collection, index
        Folders.
    stop
        So many points are written, from the first.
    """

    collection: Path
    index: Path
    stop: int


@dataclass(frozen=True, slots=True)
class Built:
    """What building took.

    Attributes
    ----------
    write_seconds, tidy_seconds
        Of the writes, and of closing, which tidies.
    longest_write_seconds
        Of one batch.
    bare_mebibytes, peak_mebibytes
        Before anything was written, and the most; terms and groups of the collection are in both.
    """

    points: int
    write_seconds: float
    tidy_seconds: float
    longest_write_seconds: float
    bare_mebibytes: float
    peak_mebibytes: float
    disk_mebibytes: float


@dataclass(frozen=True, slots=True)
class Searched:
    """What some readers found: rows of the first ten points of each question, and seconds."""

    dense: tuple[tuple[int, ...], ...]
    lexical: tuple[tuple[int, ...], ...]
    dense_seconds: tuple[float, ...]
    lexical_seconds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Served:
    """What a process that only searches holds, and what each kind of readers found."""

    open_seconds: float
    bare_mebibytes: float
    serving_mebibytes: float
    searched: tuple[Searched, ...]


def open_store(job: Job, dimension: int) -> EdgeIndexStore:
    """Open the index as the product does."""
    return EdgeIndexStore(job.index, IndexIdentity("scale", "0" * 64, dimension, 1))


def batches(start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Yield the first point and the one behind the last of each batch."""
    for first in range(start, stop, BATCH):
        yield first, min(first + BATCH, stop)


def build(job: Job) -> Built:
    """Write the points, batch by batch, each made sure of on disk, as the pipeline does."""
    collection = read_collection(job.collection)
    bare = held_mebibytes()
    seconds = []
    store = open_store(job, collection.dimension)
    with closing(store):
        index = store.open(TENANT)
        for first, behind in batches(0, job.stop):
            points = collection.points(first, behind)
            begun = time.perf_counter()
            index.upsert(points)
            index.flush()
            seconds.append(time.perf_counter() - begun)
        begun = time.perf_counter()
    return Built(
        points=job.stop,
        write_seconds=sum(seconds),
        tidy_seconds=time.perf_counter() - begun,
        longest_write_seconds=max(seconds),
        bare_mebibytes=bare,
        peak_mebibytes=peak_mebibytes(),
        disk_mebibytes=_disk_mebibytes(job.index),
    )


@dataclass(frozen=True, slots=True)
class SearchJob:
    """What is asked: all questions by each kind of readers."""

    job: Job
    readers: tuple[Readers, ...]


def serve(asked: SearchJob) -> Served:
    """Open the index and search it; vectors and terms of the collection are let go of before."""
    questions, terms, dimension = _questions(asked.job.collection)
    bare = held_mebibytes()
    begun = time.perf_counter()
    store = open_store(asked.job, dimension)
    with closing(store):
        index = store.open(TENANT)
        opened = time.perf_counter() - begun
        found = tuple(search(index, each, questions, terms) for each in asked.readers)
        return Served(opened, bare, held_mebibytes(), found)


def _questions(folder: Path) -> tuple[NDArray[np.float32], tuple[SparseVector, ...], int]:
    collection = read_collection(folder)
    return collection.questions, collection.question_terms, collection.dimension


def search(
    index: VectorIndex,
    readers: Readers,
    questions: Sequence[DenseVector] | NDArray[np.float32],
    terms: Sequence[SparseVector],
) -> Searched:
    """Ask every question of both searches; the first is asked once before the clock runs."""
    access = readers.access
    index.search(questions[0], access, limit=LIMIT)
    dense = [_timed(index, query, readers) for query in questions]
    lexical = [_timed(index, query, readers) for query in terms]
    return Searched(
        dense=tuple(rows for rows, _ in dense),
        lexical=tuple(rows for rows, _ in lexical),
        dense_seconds=tuple(seconds for _, seconds in dense),
        lexical_seconds=tuple(seconds for _, seconds in lexical),
    )


def _timed(
    index: VectorIndex, query: DenseVector | SparseVector, readers: Readers
) -> tuple[tuple[int, ...], float]:
    begun = time.perf_counter()
    hits = index.search(query, readers.access, limit=LIMIT)
    return _rows(hits), time.perf_counter() - begun


def _rows(hits: Sequence[Hit]) -> tuple[int, ...]:
    return tuple(row_of(hit.chunk_id) for hit in hits[:DEPTH])


def _disk_mebibytes(folder: Path) -> float:
    """Return the space that the files take; the engine's have holes."""
    blocks = sum(file.stat().st_blocks for file in folder.rglob("*"))
    return blocks * _DISK_BLOCK_BYTES / _BYTES_PER_MEBIBYTE
