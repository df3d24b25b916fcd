from dataclasses import replace

import numpy as np
import pytest
from pydantic import TypeAdapter
from rich.console import Console

from eval.records import Row, Run
from eval.significance import bootstrap_interval, wilson_interval
from eval.slices import Slice, crossings_of, slices_of
from eval.summary import (
    SEED,
    SetSummary,
    Summary,
    measure,
    summarise,
    summary_json,
    summary_table,
)
from tests.eval.runs import (
    answered,
    question,
    refused,
    run_of,
    scripted_run,
    searched,
    unanswerable,
)

ZH_EN = ("zh", "en")
EN_EN = ("en", "en")


def scored(number: int, score: float, **fields: object) -> Row:
    row = searched(question(number, **fields), {})  # type: ignore[arg-type]
    return replace(row, scores={"final.mrr@10": score})


def only_set(run: Run) -> SetSummary:
    (found,) = summarise(run).sets
    return found


@pytest.fixture
def sliced() -> SetSummary:
    return only_set(
        run_of(
            [
                scored(1, 1.0, kinds=("table", "edition")),
                scored(2, 0.5, crossing=ZH_EN),
                scored(3, 0.0, crossing=EN_EN, kinds=("table",)),
                replace(searched(unanswerable(4, crossing=EN_EN), {}), scores={"refused": 1.0}),
            ]
        )
    )


def test_each_slice_has_the_mean_of_its_rows(sliced: SetSummary) -> None:
    means = {
        part.slice: (part.questions, part.metrics["final.mrr@10"].mean)
        for part in sliced.slices
        if "final.mrr@10" in part.metrics
    }
    assert means == {
        Slice(): (4, 0.5),
        Slice(half="reporting"): (2, 0.5),
        Slice(half="tuning"): (2, 0.5),
        Slice(language="en"): (2, 0.0),
        Slice(language="zh"): (2, 0.75),
        Slice(crossing="zh→zh"): (1, 1.0),
        Slice(crossing="zh→en"): (1, 0.5),
        Slice(crossing="en→en"): (2, 0.0),
        Slice(kind="edition"): (1, 1.0),
        Slice(kind="table"): (2, 0.5),
    }


def test_a_metric_counts_the_rows_that_it_applies_to(sliced: SetSummary) -> None:
    assert sliced.questions == 4
    assert sliced.whole.metrics["final.mrr@10"].rows == 3
    assert sliced.whole.metrics["refused"].rows == 1
    (unanswered,) = (part for part in sliced.slices if part.slice.kind == "unanswerable")
    assert set(unanswered.metrics) == {"refused"}


def test_a_slice_holds_what_it_says() -> None:
    asked = question(1, crossing=ZH_EN, kinds=("table",))
    assert Slice(half="reporting", language="zh", crossing="zh→en", kind="table").holds(asked)
    for wrong in (
        Slice(half="tuning"),
        Slice(language="en"),
        Slice(crossing="zh→zh"),
        Slice(kind="tab"),
        Slice(answerable=False),
    ):
        assert not wrong.holds(asked)
    assert Slice(answerable=True).holds(asked)
    assert not Slice(answerable=True).holds(replace(asked, answerable=None))
    assert Slice(half="tuning", kind="table", answerable=False).label == (
        "tuning, table, unanswerable"
    )
    assert Slice().label == "all"


def test_sets_without_halves_and_kinds_have_no_such_slices() -> None:
    plain = [question(1, half=""), question(2, half="")]
    assert slices_of(plain) == (Slice(), Slice(language="zh"), Slice(crossing="zh→zh"))
    mixed = [question(n, crossing=c) for n, c in enumerate((ZH_EN, EN_EN, ("zh", "zh")))]
    assert crossings_of(mixed) == ["en→en", "zh→zh", "zh→en"]


def test_intervals_are_resampled_and_reproducible() -> None:
    scores = [n / 50 for n in range(50)]
    found = measure(scores)
    wanted = bootstrap_interval(scores, generator=np.random.default_rng(SEED))
    assert (found.mean, found.low, found.high) == (wanted.estimate, wanted.low, wanted.high)
    first, second = scripted_run(), scripted_run()
    assert summarise(first) == summarise(second)


def test_shares_have_an_interval_even_where_all_are_right() -> None:
    found = measure([1.0] * 20)
    wanted = wilson_interval(20, 20)
    assert (found.mean, found.low, found.high, found.rows) == (1.0, wanted.low, 1.0, 20)
    assert found.low < 0.9
    assert measure([1.0, 0.0, 1.0]).low == pytest.approx(wilson_interval(2, 3).low)


def graded(number: int, probability: float, *, relevant: bool, lang: str = "zh") -> Row:
    row = searched(question(number, crossing=(lang, lang)), {}, probability=probability)
    return replace(row, relevant=relevant)


def test_calibration_is_told_over_all_and_by_language() -> None:
    rows = [
        graded(1, 0.85, relevant=True),
        graded(2, 0.85, relevant=False),
        graded(3, 0.25, relevant=False, lang="en"),
        graded(4, 0.25, relevant=False, lang="en"),
    ]
    whole, english, chinese = only_set(run_of(rows)).calibrations
    assert [each.language for each in (whole, english, chinese)] == ["", "en", "zh"]
    assert [each.rows for each in (whole, english, chinese)] == [4, 2, 2]
    assert chinese.expected_error == pytest.approx(0.35)
    assert english.expected_error == pytest.approx(0.25)
    assert whole.expected_error == pytest.approx(0.3)
    assert whole.brier == pytest.approx((0.15**2 + 0.85**2 + 2 * 0.25**2) / 4)
    assert [(one.count, one.stated, one.true) for one in whole.bins] == [
        (2, 0.25, 0),
        (2, 0.85, 0.5),
    ]
    run = Run(run_of([]).head, {"own": tuple(rows[:2]), "news": tuple(rows[2:])})
    assert summarise(run).calibrations == (whole, english, chinese)


def test_auroc_tells_answerable_from_not() -> None:
    yes = [searched(question(n), {}, probability=p) for n, p in ((1, 0.9), (2, 0.4))]
    no = [searched(unanswerable(n), {}, probability=p) for n, p in ((3, 0.5), (4, 0.1))]
    untold = searched(question(5, answerable=None), {}, probability=0.0)
    assert only_set(run_of([*yes, *no, untold])).auroc == pytest.approx(3 / 4)
    assert only_set(run_of([*yes, untold])).auroc is None


def test_refusals_are_counted_beside_what_has_no_answer() -> None:
    rows = [
        refused(searched(unanswerable(1), {})),
        refused(searched(unanswerable(2), {})),
        answered(searched(unanswerable(3), {}), text="7"),
        refused(searched(question(4), {})),
        answered(searched(question(5), {}), text="5 yuan"),
        refused(searched(question(6, answerable=None), {})),
        searched(unanswerable(7), {}),
    ]
    found = only_set(run_of(rows)).refusals
    assert found is not None
    assert (found.refused, found.unanswerable) == (3, 3)
    assert found.precision == pytest.approx(2 / 3)
    assert found.recall == pytest.approx(2 / 3)
    assert only_set(run_of([searched(question(1), {})])).refusals is None


def test_number_fidelity_says_of_how_many_answers() -> None:
    rows = [answered(searched(question(n), {}), text=f"{n} yuan") for n in (1, 2, 3)]
    bare = replace(rows[0], scores={"right": 1.0})
    wrong = replace(rows[1], scores={**rows[1].scores, "number_fidelity": 0.0})
    found = only_set(
        run_of([bare, wrong, rows[2], refused(searched(question(4), {}))])
    ).number_fidelity
    assert found is not None
    assert (found.measured.mean, found.measured.rows, found.answers) == (0.5, 2, 3)
    assert only_set(run_of([bare])).number_fidelity is None


def test_latency_percentiles() -> None:
    rows = [
        replace(answered(searched(question(n), {}), text="", seconds=n), search_seconds=n / 100)
        for n in range(1, 102)
    ]
    found = {each.what: each for each in only_set(run_of([*rows, refused(rows[0])])).latencies}
    assert [each.rows for each in found.values()] == [102, 101, 102]
    assert found["first token"].p50 == pytest.approx(51 / 4)
    assert found["first token"].p95 == pytest.approx(96 / 4)
    assert found["search"].p50 == pytest.approx(0.505)
    assert found["answer"].p95 == pytest.approx(95.95)
    assert [each.what for each in only_set(run_of([graded(1, 0.5, relevant=True)])).latencies] == [
        "search"
    ]


def test_a_summary_survives_json() -> None:
    summary = summarise(scripted_run(rows=12))
    assert TypeAdapter(Summary).validate_json(summary_json(summary)) == summary


def test_a_set_without_rows_is_left_out() -> None:
    run = run_of([])
    assert summarise(run).sets == ()
    assert summarise(run).calibrations == ()


def test_the_table_has_a_line_for_each_set_and_crossing() -> None:
    console = Console(width=200)
    summary = summarise(scripted_run())
    with console.capture() as printed:
        console.print(summary_table(summary))
    text = printed.get()
    assert sum("→" in line for line in text.splitlines()) == 9
    assert "table" not in text
    assert summary.sets[0].whole.metrics["final.mrr@10"].text in text
