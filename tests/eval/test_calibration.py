"""Calibration agrees with scikit-learn and with examples worked by hand."""

import math
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from eval.calibration import (
    ReliabilityBin,
    brier_score,
    expected_calibration_error,
    reliability_bins,
)


def test_calibration_error_worked_by_hand() -> None:
    # Four at 0.1 with one true, two at 0.7 with one true, four at 0.95 all true:
    # 4/10 * 0.15 + 2/10 * 0.2 + 4/10 * 0.05 = 0.12.
    stated = [0.1] * 4 + [0.7] * 2 + [0.95] * 4
    true = [1, 0, 0, 0] + [1, 0] + [1] * 4
    bins = reliability_bins(stated, true, bins=10, binning="width")
    assert expected_calibration_error(bins) == pytest.approx(0.12)
    assert bins[0] == ReliabilityBin(4, 0.1, 0.1, 0.1, 0.25)
    # Two bins of mass would part the two at 0.7; they stay with those above. There 5 of 6 are true
    # and 5.2 were stated: 4/10 * 0.15 + 6/10 * 0.2 / 6 = 0.08.
    halves = reliability_bins(stated, true, bins=2, binning="mass")
    assert [each.count for each in halves] == [4, 6]
    assert expected_calibration_error(halves) == pytest.approx(0.08)


def statements(seed: int, *, size: int = 500) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    random = np.random.default_rng(seed)
    stated = np.round(random.beta(0.7, 1.3, size=size), 2)  # with ties, 0 and 1 among them
    return stated, random.random(size) < stated**1.5


@pytest.mark.parametrize("seed", range(20))
def test_bins_of_equal_width_agree_with_scikit_learn(seed: int) -> None:
    stated, true = statements(seed)
    theirs_true, theirs_stated = calibration_curve(true, stated, n_bins=10, strategy="uniform")
    bins = reliability_bins(stated, true, bins=10, binning="width")
    assert [each.true for each in bins] == pytest.approx(list(theirs_true))
    assert [each.stated for each in bins] == pytest.approx(list(theirs_stated))
    assert sum(each.count for each in bins) == len(stated)


@pytest.mark.parametrize("seed", range(20))
def test_brier_score_agrees_with_scikit_learn(seed: int) -> None:
    stated, true = statements(seed)
    assert brier_score(stated, true) == pytest.approx(brier_score_loss(true, stated), abs=1e-12)


@given(st.integers(1, 80), st.integers(1, 12))
def test_bins_of_equal_mass_differ_by_one_at_most(size: int, bins: int) -> None:
    stated = np.random.default_rng(size).permutation(size) / size
    found = reliability_bins(stated, stated > 0.5, bins=bins, binning="mass")
    counts = [each.count for each in found]
    assert sum(counts) == size
    assert len(counts) == min(bins, size)
    assert max(counts) - min(counts) <= 1


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.2, 0.5, 1.0]), st.booleans()), min_size=1))
def test_calibration_does_not_depend_on_the_order(pairs: list[tuple[float, bool]]) -> None:
    both: tuple[Literal["width", "mass"], ...] = ("width", "mass")
    for binning in both:
        errors = [
            expected_calibration_error(
                reliability_bins(
                    [stated for stated, _ in ordered],
                    [true for _, true in ordered],
                    bins=4,
                    binning=binning,
                )
            )
            for ordered in (pairs, sorted(pairs), sorted(pairs, reverse=True))
        ]
        assert errors == pytest.approx([errors[0]] * 3)
        assert 0 <= errors[0] <= 1


def test_statements_are_checked() -> None:
    with pytest.raises(ValueError, match=r"both must be \(n,\)"):
        brier_score([0.1, 0.2], [True])
    with pytest.raises(ValueError, match=r"both must be \(n,\)"):
        brier_score([], [])
    with pytest.raises(ValueError, match="not in"):
        brier_score([1.1], [True])
    with pytest.raises(ValueError, match="not in"):
        brier_score([math.nan], [True])
    with pytest.raises(ValueError, match="at least 1"):
        reliability_bins([0.5], [True], bins=0, binning="width")
