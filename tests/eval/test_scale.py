"""The benchmark of the index at size: its collections, its truth, and a small run of all of it."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from eval.alone import run_alone
from eval.errors import EvalError
from eval.scale.collection import (
    Collection,
    Terms,
    document_uuid,
    read_collection,
    row_of,
    write_collection,
)
from eval.scale.exact import Truth, best, lexical_scores
from eval.scale.points import grown, real_collection
from eval.scale.readers import SHARES, all_readers
from eval.scale.scale import Judge, measure_size
from eval.scale.table import scale_tables
from eval.stock.corpus import Entry
from ingest.records import Source
from stores.access import EVERYONE
from tests.fakes.encoder import FakeEncoder

_Job = TypeVar("_Job")
_Result = TypeVar("_Result")
WORDS = [
    "hotel",
    "parking",
    "canteen",
    "laptop",
    "training",
    "typhoon",
    "budget",
    "travel",
    "leave",
    "visa",
    "room",
    "price",
]
REAL = 240


def entry(number: int, chunks: int) -> Entry:
    generator = np.random.default_rng(number)
    texts = (" ".join(generator.choice(WORDS, 6)) + f" {number} {n}" for n in range(chunks))
    return Entry(Source(f"file:///{number}.md", f"{number}.md", b""), tuple(texts))


@pytest.fixture
def real(tmp_path: Path) -> Collection:
    entries = [entry(number, 1 + number % 3) for number in range(REAL // 2)]
    questions = [f"{first} {second}" for first, second in zip(WORDS, WORDS[3:], strict=False)]
    return real_collection(entries, questions, FakeEncoder(), folder=tmp_path / "real")


def here(action: Callable[[_Job], _Result], job: _Job, /) -> _Result:
    return action(job)


def test_points_are_the_chunks_with_their_vectors_and_terms(real: Collection) -> None:
    assert len(real.documents) == REAL
    first, second = real.points(1, 3)
    chunks = entry(1, 2).chunks
    assert first.dense is not None
    assert np.array_equal(first.dense, FakeEncoder().encode_passages(chunks)[0])
    assert [first.document_id, second.document_id] == [document_uuid(1)] * 2
    assert [row_of(point.chunk_id) for point in (first, second)] == [1, 2]
    assert set(first.sparse) != set(second.sparse)
    assert EVERYONE in first.groups


def test_a_collection_is_read_as_it_was_written(real: Collection) -> None:
    write_collection(real)
    again = read_collection(real.folder)
    assert again.points(0, REAL)[7:9] != []
    for ours, theirs in zip(real.points(0, REAL), again.points(0, REAL), strict=True):
        assert ours.dense is not None
        assert theirs.dense is not None
        assert np.array_equal(ours.dense, theirs.dense)
        assert replace(ours, dense=None) == replace(theirs, dense=None)
    assert again.question_terms == real.question_terms
    assert np.array_equal(again.questions, real.questions)


def test_copies_are_perturbed_and_have_documents_of_their_own(
    real: Collection, tmp_path: Path
) -> None:
    large = grown(real, 2 * REAL + 50, folder=tmp_path / "large")
    assert len(large.documents) == 2 * REAL + 50
    vectors = large.vectors(0, len(large.documents))
    assert np.array_equal(vectors[:REAL], real.vectors(0, REAL))
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    alike = (vectors[:REAL] * vectors[REAL : 2 * REAL]).sum(axis=1)
    assert 0.75 < alike.mean() < 0.85
    assert not np.array_equal(vectors[REAL : REAL + 50], vectors[2 * REAL :])
    assert not set(large.documents[:REAL]) & set(large.documents[REAL:])
    assert np.all(np.diff(large.documents) >= 0)
    kept = [
        len(set(large.terms.row(row)) & set(large.terms.row(REAL + row)))
        / len(large.terms.row(row))
        for row in range(REAL)
    ]
    assert 0.75 < np.mean(kept) < 0.97
    assert all(len(large.terms.row(row)) == len(large.terms.row(REAL + row)) for row in range(9))


def test_a_smaller_collection_is_the_first_of_the_real_points(
    real: Collection, tmp_path: Path
) -> None:
    small = grown(real, 30, folder=tmp_path / "small")
    assert np.array_equal(small.vectors(0, 30), real.vectors(0, 30))
    assert small.terms.row(29) == real.terms.row(29)


def test_groups_let_through_about_what_they_are_named_after(
    real: Collection, tmp_path: Path
) -> None:
    large = grown(real, 6_000, folder=tmp_path / "large")
    readers = {each.label: each for each in all_readers()}
    assert len(readers) == 1 + 3 * len(SHARES)
    shares = {label: each.allowed(large).mean() for label, each in readers.items()}
    assert shares["no filter"] == 1
    assert shares["50.0%, one group at random"] == pytest.approx(0.5, abs=0.05)
    assert shares["10.0%, union of 100 teams"] == pytest.approx(0.1, abs=0.03)
    assert shares["10.0%, one subject"] == pytest.approx(0.1, abs=0.03)
    subject = readers["1.0%, one subject"].allowed(large)
    vectors = large.vectors(0, 6_000)
    anyone = vectors[::50] @ vectors.T
    assert (vectors[subject] @ vectors[subject].T).mean() > anyone.mean() + 0.1


def test_truth_counts_ties_and_few_points() -> None:
    scores = np.array([[0.9, 0.5, 0.5, 0.1, -0.2], [0.0, 0.0, 0.0, 0.3, 0.0]], dtype=np.float32)
    everything = np.ones(5, dtype=np.bool_)
    truth = best(scores, everything)
    assert truth.counts.tolist() == [5, 5]
    assert truth.bars.tolist() == pytest.approx([-0.2, 0])
    asked = best(scores, everything, above=0.0)
    assert asked.counts.tolist() == [4, 1]
    assert asked.recall([[0.9, 0.5, 0.5, 0.1], [0.3]]) == 1
    assert asked.recall([[0.9, 0.5], [0.0]]) == pytest.approx(0.25)
    allowed = np.array([False, True, True, False, True])
    few = best(scores, allowed, above=0.0)
    assert few.counts.tolist() == [2, 0]
    assert few.recall([[0.5], []]) == pytest.approx(0.5)
    assert np.isnan(best(scores, ~everything).recall([[], []]))
    assert Truth(np.array([0.5]), np.array([2])).recall([[0.5, 0.5, 0.5]]) == 1


def test_lexical_truth_is_bm25() -> None:
    terms = Terms.of([{1: 2.0, 2: 1.0}, {1: 1.0}, {}, {3: 1.0}])
    scores = lexical_scores(terms, {1: 1.0, 3: 2.0}, np.ones(4, dtype=np.bool_))
    two, one = np.log(1 + 2.5 / 2.5), np.log(1 + 3.5 / 1.5)
    assert scores == pytest.approx([2 * two, two, 0, 2 * one])
    fewer = lexical_scores(terms, {1: 1.0}, np.array([True, False, True, True]))
    assert fewer == pytest.approx([2 * np.log(1 + 2.5 / 1.5), 0, 0, 0])


def test_a_small_run_measures_everything(real: Collection) -> None:
    told: list[str] = []
    measured = measure_size(real, changed=60, tell=told.append, alone=here)
    assert told == ["building", "searching", "adding and deleting", "searching again", "comparing"]
    assert measured.built.points == REAL - 60
    assert [phase.name for phase in measured.kept.phases] == ["nothing", "adding", "deleting"]
    assert all(phase.search_seconds for phase in measured.kept.phases)
    assert measured.kept.first_row >= 60
    assert measured.found[0].matches == REAL - 60
    # Of so few points every one is compared: nothing may be missing.
    recalls = np.array([measured.added, measured.deleted, measured.tidied])
    assert np.all((recalls == 1) | np.isnan(recalls))
    assert np.all(recalls[:, 0] == 1)
    for found in measured.found:
        if found.matches:
            assert found.dense == 1, found.readers.label
            assert found.lexical == 1 or np.isnan(found.lexical), found.readers.label
    assert not (real.folder / "index").exists()
    tables = scale_tables({REAL: measured})
    assert [table.count("\n") for table in tables.split("\n\n")] == [2, 14, 4, 5]


def test_points_that_may_not_be_found_count_for_nothing(real: Collection) -> None:
    measured = measure_size(real, changed=60, tell=lambda _: None, alone=here)
    everything = measured.found[0].searched
    nothing_there = np.zeros(REAL, dtype=np.bool_)
    half = np.arange(REAL) < REAL // 2
    (readers, *_) = all_readers()
    (found,) = Judge(real).found([readers], [everything], half)
    assert found.matches == REAL // 2
    assert found.dense < 1
    (none,) = Judge(real).found([readers], [everything], nothing_there)
    assert none.matches == 0
    assert np.isnan(none.dense)


def _pid(_: None) -> int:
    return os.getpid()


def _die(_: None) -> None:
    os._exit(9)


def _fail(_: None) -> None:
    raise EvalError("the disk is full")


def test_a_job_runs_in_a_process_of_its_own() -> None:
    assert run_alone(_pid, None) != os.getpid()
    with pytest.raises(EvalError, match="the disk is full"):
        run_alone(_fail, None)
    with pytest.raises(EvalError, match="process of _die was killed"):
        run_alone(_die, None)
