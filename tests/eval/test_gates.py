import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from eval.gates import GATES, BrokenGates, Gate, check_gates, gate_table, load_gates
from eval.records import Row, Run
from eval.slices import Slice
from tests.eval.runs import (
    answered,
    changed,
    question,
    rank_scores,
    ranking,
    refused,
    run_of,
    searched,
    unanswerable,
)


def gate(**fields: object) -> Gate:
    made = Gate("own", Slice(), "final.mrr@10", 0.8, None, None, 1)
    return replace(made, **fields)  # type: ignore[arg-type]


def good_row(number: int) -> Row:
    asked = question(number, crossing=("zh", "zh") if number % 2 else ("zh", "en"))
    row = searched(asked, dict.fromkeys(("dense", "lexical", "fusion", "final"), 1))
    return answered(row, text=f"标准是 {number} yuan。")


@pytest.fixture
def good() -> Run:
    rows = [good_row(number) for number in range(1, 41)]
    nothing = [refused(searched(unanswerable(number), {})) for number in range(41, 51)]
    return run_of([*rows, *nothing])


def own_gates() -> tuple[Gate, ...]:
    crossing = Slice(crossing="zh→en")
    return (
        gate(minimum_rows=30),
        gate(slice=crossing, metric="final.recall@10", floor=0.7, interval="lower"),
        gate(metric="right", floor=0.7, interval="lower"),
        gate(metric="refused", slice=Slice(answerable=True), floor=None, ceiling=0.1),
    )


def failed(run: Run) -> set[str]:
    return {result.gate.metric for result in check_gates(run, own_gates()) if not result.passed}


def test_a_good_run_passes(good: Run) -> None:
    results = check_gates(good, own_gates())
    assert [result.reason for result in results] == ["", "", "", ""]
    assert [result.gate for result in results] == list(own_gates())


def with_rank(row: Row, rank: int | None) -> Row:
    wanted = next(iter(row.question.grades), "nothing")
    scores = rank_scores("final", rank, rank) if row.question.grades else {}
    return replace(
        row,
        rankings={**row.rankings, "final": ranking(wanted, rank)},
        scores={**row.scores, **scores},
    )


def shuffled(row: Row) -> Row:
    return with_rank(row, random.Random(row.question.id).randint(1, 20))


def truncated(row: Row) -> Row:
    return with_rank(row, None)


def in_another_language(row: Row) -> Row:
    return answered(row, text="Das steht nicht da.") if row.question.grades else row


@pytest.mark.parametrize(
    ("broken", "fails"),
    [
        (shuffled, {"final.mrr@10", "final.recall@10"}),
        (truncated, {"final.mrr@10", "final.recall@10"}),
        (in_another_language, {"right"}),
        (refused, {"right", "refused"}),
    ],
)
def test_a_broken_run_fails(good: Run, broken: Callable[[Row], Row], fails: set[str]) -> None:
    assert failed(changed(good, broken)) == fails


def test_a_bound_that_is_reached_exactly_passes() -> None:
    run = run_of([good_row(1), replace(good_row(2), scores={"final.mrr@10": 0.5})])
    assert check_gates(run, [gate(floor=0.75)])[0].passed
    assert not check_gates(run, [gate(floor=0.7501)])[0].passed
    assert check_gates(run, [gate(floor=None, ceiling=0.75)])[0].passed
    assert not check_gates(run, [gate(floor=None, ceiling=0.7499)])[0].passed


def test_the_end_of_the_interval_counts_where_it_is_asked_for() -> None:
    rows = [replace(good_row(n), scores={"final.mrr@10": float(n % 10 > 0)}) for n in range(1, 101)]
    mean, lower = check_gates(run_of(rows), [gate(floor=0.88), gate(floor=0.88, interval="lower")])
    assert mean.passed
    assert not lower.passed
    ceilings = [
        gate(floor=None, ceiling=0.92),
        gate(floor=None, ceiling=0.92, interval="upper"),
    ]
    mean, upper = check_gates(run_of(rows), ceilings)
    assert mean.passed
    assert not upper.passed
    assert upper.measured is not None
    assert f"{upper.measured.high - 0.92:.3f} too high" == upper.reason


def test_only_the_rows_of_the_slice_count() -> None:
    bad = with_rank(replace(good_row(2), question=question(2, kinds=("table",))), None)
    run = run_of([good_row(1), good_row(3), bad])
    parts = [Slice(half="reporting"), Slice(half="tuning"), Slice(kind="table"), Slice()]
    results = check_gates(run, [gate(slice=part) for part in parts])
    assert [result.passed for result in results] == [True, False, False, False]
    assert [result.measured.rows for result in results if result.measured] == [2, 1, 1, 3]


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (gate(set="other"), "the run has no set other"),
        (gate(metric="final.mrr@9"), "no row has final.mrr@9"),
        (gate(slice=Slice(crossing="en→en")), "no row has final.mrr@10"),
        (gate(minimum_rows=41), "needs 41 rows"),
    ],
)
def test_a_gate_that_has_too_little_to_check_fails(good: Run, wanted: Gate, reason: str) -> None:
    (result,) = check_gates(good, [wanted])
    assert not result.passed
    assert result.reason == reason


def test_the_table_names_every_gate(good: Run) -> None:
    console = Console(width=200)
    results = check_gates(changed(good, truncated), own_gates())
    with console.capture() as printed:
        console.print(gate_table(results))
    lines = printed.get().splitlines()
    assert sum("FAILED" in line for line in lines) == 2
    assert sum("passed" in line for line in lines) == 2
    (line,) = (line for line in lines if "final.recall@10" in line)
    for text in ("own", "zh→en", "0.000 [0.000, 0.161]", "20", "≥ 0.700 (lower end)", "too low"):
        assert text in line


def written(folder: Path, text: str) -> Path:
    path = folder / "gates.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_gates_are_read_as_they_stand(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        '[[gate]]\nset = "zhiku-own"\nhalf = "reporting"\n'
        'slice = {crossing = "zh→zh", kind = "table", answerable = true}\n'
        'metric = "final.mrr@10"\nfloor = 0.8\ninterval = "lower"\nminimum_rows = 30\n'
        '[[gate]]\nset = "zhiku-own"\nmetric = "leaked"\nceiling = 0\n',
    )
    part = Slice(half="reporting", crossing="zh→zh", kind="table", answerable=True)
    assert load_gates(path) == (
        Gate("zhiku-own", part, "final.mrr@10", 0.8, None, "lower", 30),
        Gate("zhiku-own", Slice(), "leaked", None, 0.0, None, 1),
    )


FIRST = '[[gate]]\nset = "a"\nmetric = "m"\nfloor = 0.5\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[gate]\n", "is no TOML"),
        ("", "holds no gates"),
        ("gate = 3\n", "holds no gates"),
        ("[[gates]]\n", "holds ['gates']; gates start with [[gate]]"),
        (f"{FIRST}[[gate]]\nset = 'a'\nfloor = 0.5\n", "gate 2: metric: Field required"),
        (f"{FIRST}[[gate]]\nset = 'a'\nmetric = 'm'\n", "gate 2: Value error, needs either"),
        (f"{FIRST}ceiling = 0.6\n", "gate 1: Value error, needs either a floor or a ceiling"),
        (f"{FIRST}flor = 0.6\n", "gate 1: flor: Extra inputs are not permitted (found 0.6)"),
        (f"{FIRST}minimum_rows = 0\n", "gate 1: minimum_rows"),
        (f"{FIRST}minimum_rows = '5'\n", "gate 1: minimum_rows"),
        (f"{FIRST}interval = 'upper'\n", "gate 1: Value error, interval = 'upper' needs a ceiling"),
        (f"{FIRST}half = 'first'\n", "gate 1: half"),
        (f"{FIRST}slice = {{crossing = 'zh->zh'}}\n", "gate 1: slice.crossing"),
        (f"{FIRST}slice = {{half = 'tuning'}}\n", "gate 1: slice.half: Extra inputs"),
        (FIRST.replace("0.5", "1.5"), "gate 1: floor"),
        (FIRST.replace("0.5", "nan"), "gate 1: floor"),
    ],
)
def test_a_broken_file_names_the_gate(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(BrokenGates) as raised:
        load_gates(path)
    assert str(raised.value).startswith(f"{path}: ")
    assert message in str(raised.value)


def test_our_own_gates_can_be_read() -> None:
    gates = load_gates()
    assert GATES.name == "gates.toml"
    assert all(one.set == "zhiku-own" for one in gates)
    assert len({(one.set, one.slice, one.metric) for one in gates}) == len(gates)
