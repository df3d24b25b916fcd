from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from eval.compare import Change, Comparison, Difference, compare, comparison_tables
from eval.errors import RunMismatch
from eval.records import Row, Run
from tests.eval.runs import head, question, run_of, scripted_run, searched, unanswerable


def scored(number: int, crossing: tuple[str, str] = ("zh", "zh"), **scores: float) -> Row:
    row = searched(question(number, crossing=crossing), {})
    return replace(row, scores=dict(scores))


def of(comparison: Comparison, metric: str, crossing: str = "") -> Difference:
    (found,) = (
        each
        for each in comparison.differences
        if (each.metric, each.crossing) == (metric, crossing)
    )
    return found


def test_a_run_beside_itself_differs_in_nothing() -> None:
    run = scripted_run()
    comparison = compare(run, run)
    assert len({(each.set, each.crossing, each.metric) for each in comparison.differences}) > 300
    for each in comparison.differences:
        assert (each.difference, each.low, each.high, each.p_value) == (0, 0, 0, 1)
        assert each.before == each.after
        assert each.won == each.lost == ()
    assert comparison.changed == ()
    assert comparison.left_out == ()
    assert set(comparison.unpaired.values()) == {0}


def test_a_difference_has_interval_and_p_value() -> None:
    before = run_of([scored(n, right=float(n % 2)) for n in range(40)])
    after = run_of([scored(n, right=float(n % 2 or n < 20)) for n in range(40)])
    found = of(compare(before, after), "right")
    assert (found.rows, found.before, found.after) == (40, 0.5, 0.75)
    assert found.difference == 0.25
    assert 0.05 < found.low < 0.2
    assert 0.3 < found.high < 0.45
    # Ten wins and no loss: all ten signs alike has a chance of 2 / 2 ** 10.
    assert found.p_value == pytest.approx(2 / 2**10, abs=0.003)
    assert compare(before, after) == compare(before, after)


def test_questions_won_and_lost_are_named_with_both_values() -> None:
    before = run_of([scored(1, right=0.0), scored(2, right=1.0), scored(3, right=1.0)])
    after = run_of([scored(3, right=1.0), scored(2, right=0.5), scored(1, right=1.0)])
    found = of(compare(before, after), "right")
    assert found.won == (Change("q1", 0.0, 1.0),)
    assert found.lost == (Change("q2", 1.0, 0.5),)


def test_less_can_be_better() -> None:
    nothing = replace(searched(unanswerable(2), {}), scores={"refused": 0.0})
    before = run_of([scored(1, leaked=0.0, wrong_said=1.0, refused=0.0), nothing])
    after = run_of(
        [
            scored(1, leaked=1.0, wrong_said=0.0, refused=1.0),
            replace(nothing, scores={"refused": 1.0}),
        ]
    )
    comparison = compare(before, after)
    assert of(comparison, "leaked").lost
    assert of(comparison, "wrong_said").won
    refusals = of(comparison, "refused")
    assert [change.id for change in refusals.won] == ["q2"]
    assert [change.id for change in refusals.lost] == ["q1"]


def test_only_questions_with_both_values_count() -> None:
    before = run_of([scored(1, right=1.0), scored(2, right=0.0), scored(4, exact=1.0)])
    after = run_of([scored(2, right=1.0), scored(3, right=0.0), scored(4, right=1.0)])
    comparison = compare(before, after)
    assert [(each.metric, each.rows) for each in comparison.differences] == [("right", 1)]
    assert of(comparison, "right").difference == 1.0
    assert comparison.unpaired == {"own": 2}


def test_crossings_are_told_apart() -> None:
    rows = [scored(1, right=0.0), scored(2, ("zh", "en"), right=0.0)]
    better = [rows[0], scored(2, ("zh", "en"), right=1.0)]
    comparison = compare(run_of(rows), run_of(better))
    found = {each.crossing: each.difference for each in comparison.differences}
    assert found == {"": 0.5, "zh→zh": 0.0, "zh→en": 1.0}
    assert [each.crossing for each in compare(run_of(rows[:1]), run_of(rows[:1])).differences] == [
        ""
    ]


def test_sets_of_one_run_only_are_named_and_left_out() -> None:
    run = scripted_run(rows=8)
    part = Run(run.head, {name: run.rows[name] for name in ("own", "law")})
    comparison = compare(run, part)
    assert comparison.left_out == compare(part, run).left_out == ("news",)
    assert {each.set for each in comparison.differences} == {"own", "law"}


def test_what_the_runs_were_made_with_is_told_where_it_differs() -> None:
    rows = [scored(1, right=1.0)]
    after = run_of(rows, config="new", models={"e5-small": "d" * 64, "other": "1"}, limit=None)
    changed = compare(run_of(rows), after).changed
    assert [(each.what, each.before[:6], each.after[:6]) for each in changed] == [
        ("config", "9f2c1d", "new"),
        ("limit", "60", "None"),
        ("model other", "–", "1"),
        ("model qwen", "eeeeee", "–"),
    ]


def test_other_data_are_refused() -> None:
    run = scripted_run(rows=4)
    other = Run(head(data={**run.head.data, "news": "9" * 64}), run.rows)
    with pytest.raises(RunMismatch, match=r"other data of news; run both on the same"):
        compare(run, other)
    # A set that is left out cannot differ.
    lone = Run(other.head, {"own": run.rows["own"]})
    assert compare(run, lone).left_out == ("law", "news")


def test_another_pool_is_refused() -> None:
    rows = [scored(1, right=1.0)]
    with pytest.raises(RunMismatch, match="searched among 'own', scripted among 'all'"):
        compare(run_of(rows), run_of(rows, pool="all"))


@pytest.mark.parametrize("name", ["own", "news"])
def test_runs_with_nothing_in_common_are_refused(name: str) -> None:
    before, after = run_of([scored(1, right=1.0)]), run_of([scored(2, right=1.0)], name=name)
    with pytest.raises(
        RunMismatch, match=rf"no question in common: own \(1\) against {name} \(1\)"
    ):
        compare(before, after)


def printed(comparison: Comparison) -> str:
    console = Console(width=240)
    with console.capture() as captured:
        for table in comparison_tables(comparison):
            console.print(table)
    return captured.get()


def test_the_tables_name_means_differences_and_questions() -> None:
    before = run_of([scored(n, right=0.0, exact=0.0) for n in range(20)])
    after = run_of([scored(n, right=1.0, exact=1.0) for n in range(18)], config="new")
    text = printed(compare(before, after))
    (line,) = (line for line in text.splitlines() if "right" in line)
    for part in ("all", "18", "0.000", "1.000", "+1.000 [+1.000, +1.000]", "18: q0 q1", "6 more"):
        assert part in line
    assert "2 questions in one run only" in text
    assert "config" in text
    assert "exact" not in text


def test_intervals_of_zero_width_are_no_surprise() -> None:
    run = scripted_run(rows=12)
    worse = scripted_run(rows=12, seed=3, found=0.3)
    differences = compare(run, worse).differences
    assert all(each.low <= each.difference <= each.high for each in differences)
    assert np.all([0 < each.p_value <= 1 for each in differences])
