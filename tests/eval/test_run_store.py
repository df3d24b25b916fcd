"""Runs on disk: gone on with, never mixed, never half a row."""

from dataclasses import replace
from pathlib import Path

import pytest

from eval.errors import EvalError, RunMismatch
from eval.records import Question, Row
from eval.run_store import RunFolder, run_folder
from tests.eval.runs import HEAD, question, searched


def row(number: int) -> Row:
    return searched(question(number), {"dense": 1, "final": 2})


def test_rows_come_back_as_they_were_written(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.begin(HEAD)
    rows = [row(1), replace(row(2), question=Question("x", "年假？", "zh", "en", half="tuning"))]
    for each in rows:
        folder.append("own", each)
    assert folder.rows("own") == rows
    assert folder.read().head == HEAD
    assert list(folder.read().rows) == ["own"]


def test_run_of_the_same_making_is_gone_on_with(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.begin(HEAD)
    assert folder.begin(replace(HEAD, started="2026-12-01T00:00:00Z")).started == HEAD.started


@pytest.mark.parametrize(
    ("field", "value"), [("commit", "other"), ("config", "other"), ("limit", 5), ("data", {})]
)
def test_run_of_another_making_is_not_mixed_in(tmp_path: Path, field: str, value: object) -> None:
    folder = RunFolder(tmp_path)
    folder.begin(HEAD)
    with pytest.raises(RunMismatch, match=field):
        folder.begin(replace(HEAD, **{field: value}))  # type: ignore[arg-type]


def test_torn_last_row_is_taken_back(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.begin(HEAD)
    folder.append("own", row(1))
    with (tmp_path / "rows" / "own.jsonl").open("ab") as lines:
        lines.write(b'{"question": {"id": "q2", "te')
    assert folder.rows("own") == [row(1)]
    folder.append("own", row(2))
    assert folder.rows("own") == [row(1), row(2)]


def test_broken_row_is_named(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.begin(HEAD)
    folder.append("own", row(1))
    with (tmp_path / "rows" / "own.jsonl").open("ab") as lines:
        lines.write(b"{}\n")
    with pytest.raises(EvalError, match=r"own\.jsonl:2"):
        folder.rows("own")


def test_folder_without_a_run_says_so(tmp_path: Path) -> None:
    with pytest.raises(EvalError, match="no run is there"):
        RunFolder(tmp_path).read()


@pytest.mark.parametrize("name", ["../other", "a/b", "", "a b", "..", ".", "长" * 81, "x" * 201])
def test_name_of_a_run_stays_in_its_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(EvalError, match="no name of a run"):
        run_folder(tmp_path, name)
