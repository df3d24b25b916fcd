"""The stages of the search beside each other."""

import pytest

from eval.stages import compare_stages, stages_markdown, stages_table
from tests.eval.runs import question, run_of, searched, unanswerable

ROWS = [
    searched(question(1), {"dense": 1, "lexical": 2, "fusion": 1, "final": 1}),
    searched(question(2), {"dense": 2, "lexical": None, "fusion": 4, "final": 1}),
    searched(question(3, crossing=("zh", "en")), {"dense": 1, "fusion": 2, "final": 2}),
    searched(unanswerable(4), {}),
]


def test_each_crossing_is_compared_over_the_questions_that_have_an_answer() -> None:
    within, across = compare_stages(run_of(ROWS), "mrr@10")

    assert (within.set_name, within.crossing, within.questions) == ("own", "zh→zh", 2)
    assert (across.crossing, across.questions) == ("zh→en", 1)
    means = {stage: measured.mean for stage, measured in within.measured.items()}
    assert means == {"dense": 0.75, "lexical": 0.25, "fusion": 0.625, "final": 1.0}


def test_the_fusion_is_held_against_the_better_leg_and_the_final_order_against_the_fusion() -> None:
    (within, _) = compare_stages(run_of(ROWS), "mrr@10")

    assert within.best_leg == "dense"
    assert within.fusion_gain.estimate == pytest.approx(0.625 - 0.75)
    assert within.final_gain.estimate == pytest.approx(1 - 0.625)
    # Question 1 stays where it is, question 2 loses 1/4 and then wins 3/4.
    assert (within.fusion_gain.low, within.fusion_gain.high) == pytest.approx((-0.25, 0.0))
    assert (within.final_gain.low, within.final_gain.high) == pytest.approx((0.0, 0.75))


def test_the_lexical_leg_can_be_the_better_one() -> None:
    rows = [searched(question(1), {"dense": 5, "lexical": 1, "fusion": 1, "final": 1})]

    assert compare_stages(run_of(rows), "recall@1")[0].best_leg == "lexical"


def test_tables_hold_a_line_for_each_crossing() -> None:
    compared = compare_stages(run_of(ROWS), "mrr@10")

    assert stages_table(compared, "mrr@10").row_count == 2
    lines = stages_markdown(compared, "mrr@10").splitlines()
    assert lines[0] == "mrr@10"
    assert len(lines) == 6
    assert {line.count("|") for line in lines[2:]} == {10}
    assert lines[4].startswith("| own | zh→zh | 2 | 0.750 [")
