"""`zhiku eval` as a process: what it refuses in one line, and what it tells of runs."""

import os
from pathlib import Path

import pytest

import app.cli  # noqa: F401 - loads eval.cli as one of its commands
from eval.cli import _require_plots, _require_stock_stack
from eval.console import Bars
from eval.errors import EvalError
from eval.records import Run
from eval.run_store import run_folder
from tests.app.cli_process import only_error_line, zhiku
from tests.eval.runs import question, run_of, searched
from tests.eval.test_sets import QUERIES, write_set

GATES = """
[[gate]]
set = "own"
metric = "final.recall@1"
floor = 0.9
"""


def made(rank: int) -> Run:
    """Return a run in which every document is at one rank."""
    rows = [searched(question(number), {"final": rank}) for number in range(1, 9)]
    return run_of(rows, name="own")


def keep(data_dir: Path, name: str, *, rank: int, seconds: int) -> None:
    """Write a run that was made so many seconds after some moment."""
    run = made(rank)
    folder = run_folder(data_dir / "eval" / "runs", name)
    folder.begin(run.head)
    for row in run.rows["own"]:
        folder.append("own", row)
    for path in (folder.path / "head.json", folder.path / "rows" / "own.jsonl", folder.path):
        os.utime(path, (1_700_000_000 + seconds,) * 2)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """Return a folder with an old run that finds everything, and a new one that is worse."""
    keep(tmp_path, "z-good", rank=1, seconds=0)
    keep(tmp_path, "a-bad", rank=3, seconds=60)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--data", "nowhere"], "nowhere: no such folder"),
        (["--system", "nowhere.toml"], "--system names nowhere.toml, which does not exist"),
        (["--pool", "all"], "--pool all puts sets together: name them with --data"),
        (["--noise", "0.4"], "--noise gives each question its own passages"),
        (["compare", "before", "after"], "no run is there"),
        (["compare", "before", "../after"], "no name of a run"),
        (["gate"], "there is no run yet"),
        (["stages"], "there is no run yet"),
        (["causes"], "there is no run yet"),
        (["stock", "--data", "nowhere"], "nowhere: no such folder"),
        (["stock", "--data", ".", "--rerank", "nowhere"], "--rerank nowhere: is no model"),
        (["gate", "lost"], "lost: no run is there"),
    ],
)
def test_what_is_not_there_is_one_line(tmp_path: Path, arguments: list[str], said: str) -> None:
    result = zhiku("eval", *arguments, data_dir=tmp_path)
    assert result.returncode == 2
    assert said in only_error_line(result)
    assert not (tmp_path / "eval").exists()


@pytest.mark.parametrize(
    "arguments",
    [["--pool", "some"], ["--limit", "0"], ["--noise", "2"], ["gate", "--gates", "nowhere.toml"]],
)
def test_impossible_option_is_named(tmp_path: Path, arguments: list[str]) -> None:
    result = zhiku("eval", *arguments, data_dir=tmp_path)
    assert result.returncode == 2
    assert f"'{arguments[-2]}'" in result.stderr
    assert "Traceback" not in result.stderr


def test_broken_line_of_a_set_is_named(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "leave")
    with (folder / "queries.jsonl").open("a") as lines:
        lines.write('{"id": "q9", "text": "cut\n')
    result = zhiku("eval", "--data", str(folder), data_dir=tmp_path)
    assert result.returncode == 2
    assert f"{folder / 'queries.jsonl'}:5: is no JSON" in only_error_line(result)


def test_questions_left_out_are_told_and_a_missing_half_is_refused(tmp_path: Path) -> None:
    # What is left are questions on passages d1 and d2, which are for reports.
    queries = [each for each in QUERIES if each["id"] != "q3"]
    folder = write_set(tmp_path / "leave", queries=queries)
    result = zhiku("eval", "--data", str(folder), "--half", "tuning", data_dir=tmp_path)
    assert result.returncode == 2
    assert "leave: 1 questions left out" in result.stderr
    assert "leave: is not split, or has no tuning half" in only_error_line(result)


def test_missing_weights_say_how_to_get_them(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "leave")
    result = zhiku("eval", "--data", str(folder), data_dir=tmp_path)
    assert result.returncode == 3
    assert "zhiku models pull" in only_error_line(result)


def test_settings_of_the_system_are_read(tmp_path: Path) -> None:
    system = tmp_path / "other.toml"
    system.write_text("[retrieval]\nrrf_q = 60\n")
    result = zhiku("eval", "--system", str(system), data_dir=tmp_path)
    assert result.returncode == 2
    assert "rrf_q" in only_error_line(result)


def test_no_runs_are_an_empty_list(tmp_path: Path) -> None:
    result = zhiku("eval", "list", data_dir=tmp_path)
    assert (result.returncode, result.stdout) == (0, "")


def test_runs_are_listed_the_newest_last(data_dir: Path) -> None:
    assert zhiku("eval", "list", data_dir=data_dir).stdout.split() == ["z-good", "a-bad"]


def test_newest_run_is_checked_unless_one_is_named(data_dir: Path) -> None:
    gates = data_dir / "gates.toml"
    gates.write_text(GATES)
    newest = zhiku("eval", "gate", "--gates", str(gates), data_dir=data_dir)
    assert newest.returncode == 1
    assert "FAILED" in newest.stdout
    named = zhiku("eval", "gate", "z-good", "--gates", str(gates), data_dir=data_dir)
    assert named.returncode == 0
    assert "FAILED" not in named.stdout


def test_comparison_makes_a_report_and_no_run_newer(data_dir: Path) -> None:
    result = zhiku("eval", "compare", "a-bad", "z-good", data_dir=data_dir)
    assert result.returncode == 0, result.stderr
    report = data_dir / "eval" / "runs" / "z-good" / "against-a-bad.html"
    assert f"report: {report}" in result.stdout
    assert "plotly" in report.read_text(encoding="utf-8")
    assert zhiku("eval", "list", data_dir=data_dir).stdout.split() == ["z-good", "a-bad"]


def test_plots_that_are_not_installed_are_named_first() -> None:
    with pytest.raises(EvalError, match=r"pip install 'zhiku\[eval\]'"):
        _require_plots(lambda _name: None)
    asked: list[str] = []
    _require_plots(lambda name: asked.append(name) or object())  # type: ignore[func-returns-value]
    assert asked == ["plotly"]


def test_task_that_comes_again_has_its_new_total() -> None:
    """A set that is asked in two collections comes once for each."""
    bars = Bars()
    for done in (1, 2):
        bars("ask own", done, 2)
    bars("ask own", 1, 5)
    (task,) = bars._bars.tasks
    assert (task.completed, task.total) == (1, 5)


def test_stages_of_the_newest_run_are_shown_and_kept(data_dir: Path) -> None:
    result = zhiku("eval", "stages", data_dir=data_dir)

    assert result.returncode == 0
    kept = data_dir / "eval" / "runs" / "a-bad" / "stages.md"
    assert kept.read_text(encoding="utf-8").count("| own |") == 3


def test_stock_stack_that_is_missing_names_the_extra() -> None:
    with pytest.raises(EvalError, match=r"pip install 'zhiku\[dev\]'"):
        _require_stock_stack(lambda _: None)
