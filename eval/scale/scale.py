"""One size after the other: build, search, keep up; and how much of the truth was found."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.scale.collection import Collection, write_collection
from eval.scale.exact import Truth, best, cosines, lexical_scores
from eval.scale.measure import Built, Job, Searched, SearchJob, Served, build, serve
from eval.scale.process import Alone, run_alone
from eval.scale.readers import Readers, all_readers
from eval.scale.upkeep import Kept, UpkeepJob, keep_up

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Found:
    """How much of the truth some readers found.

    Attributes
    ----------
    matches
        Points that they may read.
    dense, lexical
        Mean share of the ten best.
    """

    readers: Readers
    matches: int
    dense: float
    lexical: float
    searched: Searched


@dataclass(frozen=True, slots=True)
class Measured:
    """One size.

    Attributes
    ----------
    built, served
        Of all points but those that are added later.
    found
        In what was built; by kind of readers.
    added, deleted
        In what was kept up, after that.
    tidied
        The same, opened again.
    """

    built: Built
    served: Served
    found: tuple[Found, ...]
    kept: Kept
    added: tuple[Found, ...]
    deleted: tuple[Found, ...]
    tidied: tuple[Found, ...]


class Judge:
    """Knows the true score of every point for every question."""

    def __init__(self, collection: Collection) -> None:
        self._cosines = cosines(collection)
        self._lexical = np.stack(
            [lexical_scores(collection.terms, each) for each in collection.question_terms]
        )
        self._allowed = {each.label: each.allowed(collection) for each in all_readers()}

    def found(
        self, readers: Sequence[Readers], searched: Sequence[Searched], there: NDArray[np.bool_]
    ) -> tuple[Found, ...]:
        """Judge what was found among the points that are there."""
        return tuple(
            self._judge(each, what, self._allowed[each.label] & there)
            for each, what in zip(readers, searched, strict=True)
        )

    def _judge(self, readers: Readers, what: Searched, allowed: NDArray[np.bool_]) -> Found:
        dense, lexical = self._cosines, self._lexical
        # A point without any of the question's terms scores 0 and is not found.
        return Found(
            readers=readers,
            matches=int(allowed.sum()),
            dense=_recall(best(dense, allowed), what.dense, dense, allowed),
            lexical=_recall(best(lexical, allowed, above=0.0), what.lexical, lexical, allowed),
            searched=what,
        )


def _recall(
    truth: Truth,
    rows: Sequence[Sequence[int]],
    scores: NDArray[np.float32],
    allowed: NDArray[np.bool_],
) -> float:
    """Return the recall; a point that may not be found counts as none."""
    return truth.recall(
        [
            [float(own[row]) for row in found if allowed[row]]
            for found, own in zip(rows, scores, strict=True)
        ]
    )


def measure_size(
    collection: Collection, *, changed: int, tell: Tell, alone: Alone = run_alone
) -> Measured:
    """Build an index of all points but the last `changed`, search it, add those, delete as many.

    What was built is removed again; `alone` does each of these steps.
    """
    write_collection(collection)
    index = collection.folder / "index"
    count = len(collection.documents)
    job = Job(collection.folder, index, count - changed)
    readers = all_readers()
    few = [each for each in readers if each.label.startswith(("no filter", "10.0%"))]
    try:
        tell("building")
        built = alone(build, job)
        tell("searching")
        served = alone(serve, SearchJob(job, tuple(readers)))
        tell("adding and deleting")
        kept = alone(keep_up, UpkeepJob(job, changed, changed, tuple(few)))
        tell("searching again")
        again = alone(serve, SearchJob(job, tuple(few)))
    finally:
        shutil.rmtree(index, ignore_errors=True)
    tell("comparing")
    judge = Judge(collection)
    rows = np.arange(count)
    return Measured(
        built=built,
        served=served,
        found=judge.found(readers, served.searched, rows < job.stop),
        kept=kept,
        added=judge.found(few, kept.added, rows >= 0),
        deleted=judge.found(few, kept.deleted, rows >= kept.first_row),
        tidied=judge.found(few, again.searched, rows >= kept.first_row),
    )
