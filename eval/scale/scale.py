"""One size after the other: build, search, keep up; and how much of the truth was found."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.alone import Alone, run_alone
from eval.scale.collection import Collection, write_collection
from eval.scale.exact import Truth, best, cosines, lexical_scores
from eval.scale.measure import Built, Job, Searched, SearchJob, Served, build, serve
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
    changed
        Who was asked after changes.
    added, deleted
        Dense recall of each of them in what was kept up, after that.
    tidied
        The same, opened again.
    """

    built: Built
    served: Served
    found: tuple[Found, ...]
    kept: Kept
    changed: tuple[Readers, ...]
    added: tuple[float, ...]
    deleted: tuple[float, ...]
    tidied: tuple[float, ...]


class Judge:
    """Knows the true score of every point for every question."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._cosines = cosines(collection)
        self._allowed = {each.label: each.allowed(collection) for each in all_readers()}

    def found(
        self, readers: Sequence[Readers], searched: Sequence[Searched], there: NDArray[np.bool_]
    ) -> tuple[Found, ...]:
        """Judge what was found while these points were there, and no others ever were."""
        terms, questions = self._collection.terms, self._collection.question_terms
        lexical = np.stack([lexical_scores(terms, each, there) for each in questions])
        return tuple(
            Found(
                readers=each,
                matches=int(allowed.sum()),
                dense=_recall(best(self._cosines, allowed), what.dense, self._cosines, allowed),
                # A point without any of the question's terms scores 0 and is not found.
                lexical=_recall(best(lexical, allowed, above=0.0), what.lexical, lexical, allowed),
                searched=what,
            )
            for each, what in zip(readers, searched, strict=True)
            for allowed in [self._allowed[each.label] & there]
        )

    def found_dense(
        self, readers: Sequence[Readers], searched: Sequence[Searched], there: NDArray[np.bool_]
    ) -> tuple[float, ...]:
        """Return the dense recall alone: the engine weighs terms by points that are gone, too."""
        return tuple(
            _recall(best(self._cosines, allowed), what.dense, self._cosines, allowed)
            for each, what in zip(readers, searched, strict=True)
            for allowed in [self._allowed[each.label] & there]
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
        changed=tuple(few),
        added=judge.found_dense(few, kept.added, rows >= 0),
        deleted=judge.found_dense(few, kept.deleted, rows >= kept.first_row),
        tidied=judge.found_dense(few, again.searched, rows >= kept.first_row),
    )
