"""Documents that come and go while others search."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import cycle
from typing import Final

import numpy as np

from eval.collection import TENANT
from eval.scale.collection import Collection, document_uuid, read_collection
from eval.scale.measure import LIMIT, Job, Searched, batches, open_store, search
from eval.scale.readers import Readers
from stores.index import VectorIndex

_IDLE_SEARCHES: Final = 200


@dataclass(frozen=True, slots=True)
class Phase:
    """One kind of work, and what searches took meanwhile.

    Attributes
    ----------
    seconds
        Of all of it.
    longest_seconds
        Of one write, made sure of on disk.
    search_seconds
        Of every search that ended in it, a dense and a lexical one together.
    """

    name: str
    seconds: float
    longest_seconds: float
    search_seconds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class UpkeepJob:
    """What is done to an index that holds `job.stop` points.

    Attributes
    ----------
    added
        So many further points come.
    deleted
        Then the first documents go that have together so many points.
    """

    job: Job
    added: int
    deleted: int
    readers: tuple[Readers, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """How an index bore it.

    Attributes
    ----------
    phases
        Nothing, adding, deleting.
    added, deleted
        What each kind of readers found after that.
    first_row
        The first point that was left.
    """

    phases: tuple[Phase, ...]
    added: tuple[Searched, ...]
    deleted: tuple[Searched, ...]
    first_row: int


class _Searcher:
    """Searches all the time, in a thread; as everyone."""

    def __init__(self, index: VectorIndex, collection: Collection, readers: Readers) -> None:
        self._index = index
        self._pairs = cycle(zip(collection.questions, collection.question_terms, strict=True))
        self._access = readers.access
        self._over = threading.Event()
        self._seconds: list[float] = []
        self._thread = threading.Thread(target=self._search)

    @contextmanager
    def searching(self) -> Iterator[list[float]]:
        """Search until the end of the block; give the seconds of each search."""
        self._thread.start()
        try:
            yield self._seconds
        finally:
            self._over.set()
            self._thread.join()

    def _search(self) -> None:
        while not self._over.is_set():
            vector, terms = next(self._pairs)
            begun = time.perf_counter()
            self._index.search(vector, self._access, limit=LIMIT)
            self._index.search(terms, self._access, limit=LIMIT)
            self._seconds.append(time.perf_counter() - begun)


def keep_up(work: UpkeepJob) -> Kept:
    """Add and delete documents while a thread searches; ask all questions after each."""
    collection = read_collection(work.job.collection)
    first_row = _first_row(collection, work.deleted)
    store = open_store(work.job, collection.dimension)
    with closing(store):
        index = store.open(TENANT)
        phases = [_phase("nothing", index, collection, work, _idle(index))]
        stop = work.job.stop + work.added
        phases.append(
            _phase(
                "adding", index, collection, work, _adding(index, collection, work.job.stop, stop)
            )
        )
        added = _search_all(index, collection, work.readers)
        phases.append(
            _phase("deleting", index, collection, work, _deleting(index, collection, first_row))
        )
        deleted = _search_all(index, collection, work.readers)
        return Kept(tuple(phases), added, deleted, first_row)


def _first_row(collection: Collection, deleted: int) -> int:
    """Return the first point of the first document behind those that go."""
    last = collection.documents[deleted - 1]
    return int(np.searchsorted(collection.documents, last, side="right"))


def _search_all(
    index: VectorIndex, collection: Collection, readers: Sequence[Readers]
) -> tuple[Searched, ...]:
    questions, terms = collection.questions, collection.question_terms
    return tuple(search(index, each, questions, terms) for each in readers)


def _phase(
    name: str,
    index: VectorIndex,
    collection: Collection,
    work: UpkeepJob,
    writes: Iterator[float],
) -> Phase:
    """Do the writes while a thread searches; each yields the seconds that it took."""
    begun = time.perf_counter()
    with _Searcher(index, collection, work.readers[0]).searching() as searched:
        longest = max(writes)
    return Phase(name, time.perf_counter() - begun, longest, tuple(searched))


def _idle(index: VectorIndex) -> Iterator[float]:
    for _ in range(_IDLE_SEARCHES):
        begun = time.perf_counter()
        index.count()
        yield time.perf_counter() - begun
        time.sleep(0.01)


def _adding(index: VectorIndex, collection: Collection, start: int, stop: int) -> Iterator[float]:
    for first, behind in batches(start, stop):
        points = collection.points(first, behind)
        begun = time.perf_counter()
        for document in {point.document_id for point in points}:
            index.delete(document, keep_revision=1)  # as for a document that may be there already
        index.upsert(points)
        index.flush()
        yield time.perf_counter() - begun


def _deleting(index: VectorIndex, collection: Collection, first_row: int) -> Iterator[float]:
    """Delete documents one by one, and make sure of as many points together as when adding."""
    for first, behind in batches(0, first_row):
        begun = time.perf_counter()
        for document in np.unique(collection.documents[first:behind]).tolist():
            index.delete(document_uuid(document))
        index.flush()
        yield time.perf_counter() - begun
