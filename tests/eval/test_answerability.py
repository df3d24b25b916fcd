"""The curve of the gate, from judgements that were written down."""

import numpy as np
import pytest

from eval.answerability import Judged, curve_table, probabilities
from generation.gate import GateWeights

STATED = Judged("zh", 4.0, 0.9, is_stated=True)
OTHER = Judged("zh", -4.0, 0.1, is_stated=False)
DOUBTFUL = Judged("zh", 1.0, 0.4, is_stated=True)


def test_probabilities_are_those_of_the_gate_in_the_question_s_language() -> None:
    english = Judged("en", 1.0, 0.4, is_stated=True)

    found = probabilities([DOUBTFUL, english])

    weights = GateWeights.load().by_language
    assert found.tolist() == [
        weights["zh"].probability(odds=1.0, relevance=0.4),
        weights["en"].probability(odds=1.0, relevance=0.4),
    ]


def test_the_curve_tells_precision_by_coverage_and_each_signal_alone() -> None:
    judged = [STATED, OTHER, DOUBTFUL, Judged("zh", 2.0, 0.05, is_stated=False)]

    table = curve_table("zh", judged, np.array([0.9, 0.1, 0.3, 0.5]))

    # One of the four pairs of a stated one and another is in the wrong order, by each of the three
    # in its own way: .3 < .5, 1 < 2, and none by relevance.
    assert table.title == (
        "zh: 4 judged, 2 stated; AUROC 0.750 (model alone 0.750, search alone 1.000)"
    )
    coverage, least, precision = (list(column.cells) for column in table.columns)
    assert coverage == ["0.2", "0.4", "0.6", "0.8", "1.0"]
    assert least == ["0.900", "0.500", "0.500", "0.300", "0.100"]
    assert precision == ["1.000", "0.500", "0.500", "0.667", "0.500"]


@pytest.mark.parametrize("relevance", [0.0, 1.0])
def test_certain_relevance_stays_finite(relevance: float) -> None:
    _, relevant = Judged("zh", 0.0, relevance, is_stated=True).signals

    assert abs(relevant) == pytest.approx(9.21, abs=0.01)
