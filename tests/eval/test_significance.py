"""Intervals and p-values agree with scipy and behave as chance does."""

import time
from collections.abc import Callable

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from eval.significance import (
    Interval,
    bootstrap_interval,
    paired_difference_interval,
    paired_randomisation_p_value,
    wilson_interval,
)


def seeded(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def reciprocal_ranks(seed: int, *, size: int = 200) -> NDArray[np.float64]:
    values: NDArray[np.float64] = seeded(seed).choice([1.0, 0.5, 1 / 3, 0.1, 0.0], size=size)
    return values


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_bootstrap_agrees_with_scipy(seed: int, confidence: float) -> None:
    values = reciprocal_ranks(seed)
    ours = bootstrap_interval(values, generator=seeded(), resamples=20_000, confidence=confidence)
    theirs = scipy.stats.bootstrap(
        (values,),
        np.mean,
        n_resamples=20_000,
        confidence_level=confidence,
        method="percentile",
        rng=seeded(2),
    ).confidence_interval
    assert ours.estimate == pytest.approx(values.mean())
    width = theirs.high - theirs.low
    assert ours.low == pytest.approx(theirs.low, abs=0.03 * width)
    assert ours.high == pytest.approx(theirs.high, abs=0.03 * width)


def test_bootstrap_covers_the_true_mean_as_often_as_it_says() -> None:
    random = seeded(3)
    intervals = [
        bootstrap_interval(random.normal(0.5, 0.2, size=60), generator=random, resamples=400)
        for _ in range(400)
    ]
    covered = sum(each.low <= 0.5 <= each.high for each in intervals)
    assert 0.91 < covered / len(intervals) < 0.98


def test_a_seed_gives_the_same_interval_again() -> None:
    values = reciprocal_ranks(1)
    again = [bootstrap_interval(values, generator=seeded(7)) for _ in range(2)]
    assert again[0] == again[1]
    assert again[0] != bootstrap_interval(values, generator=seeded(8))


def test_equal_values_leave_nothing_to_chance() -> None:
    assert bootstrap_interval([0.25] * 9, generator=seeded()) == Interval(0.25, 0.25, 0.25)
    assert bootstrap_interval([0.25], generator=seeded()) == Interval(0.25, 0.25, 0.25)


def test_a_difference_is_that_of_the_pairs() -> None:
    first = reciprocal_ranks(1)
    # Every query gains the same: sure, though both means vary more than that.
    interval = paired_difference_interval(first, first + 0.01, generator=seeded())
    assert (interval.estimate, interval.low, interval.high) == pytest.approx((0.01,) * 3)
    alone = bootstrap_interval(first, generator=seeded())
    assert alone.high - alone.low > 0.05


def test_the_second_run_is_compared_with_the_first() -> None:
    first, second = reciprocal_ranks(1), reciprocal_ranks(2)
    forth = paired_difference_interval(first, second, generator=seeded())
    back = paired_difference_interval(second, first, generator=seeded())
    assert forth.estimate == pytest.approx(second.mean() - first.mean())
    assert (back.low, back.high) == pytest.approx((-forth.high, -forth.low))


@pytest.mark.parametrize("seed", range(5))
def test_randomisation_agrees_with_all_sign_patterns(seed: int) -> None:
    first, second = reciprocal_ranks(seed, size=12), reciprocal_ranks(seed + 50, size=12)
    exact = scipy.stats.permutation_test(
        (second - first,), np.mean, permutation_type="samples", n_resamples=np.inf
    ).pvalue
    ours = paired_randomisation_p_value(first, second, generator=seeded(), resamples=40_000)
    assert ours == pytest.approx(exact, abs=0.012)


def test_randomisation_counts_patterns_that_are_as_far_but_for_rounding() -> None:
    # Half of the sign patterns of 0.1, 0.2 and 0.3 that matter add up to ±0.6 only on paper.
    first, second = [0.0] * 3, [0.1, 0.2, 0.3]
    p_value = paired_randomisation_p_value(first, second, generator=seeded(), resamples=20_000)
    assert p_value == pytest.approx(2 / 8, abs=0.01)


def test_runs_that_are_equal_do_not_differ() -> None:
    values = reciprocal_ranks(1)
    assert paired_randomisation_p_value(values, values, generator=seeded()) == 1


def test_a_p_value_is_never_0() -> None:
    first = reciprocal_ranks(1, size=500)
    p_value = paired_randomisation_p_value(first, first + 1, generator=seeded(), resamples=999)
    assert p_value == 1 / 1000


def test_without_an_effect_p_values_are_spread_evenly() -> None:
    random = seeded(4)
    p_values = [
        paired_randomisation_p_value(
            random.normal(size=40), random.normal(size=40), generator=random, resamples=200
        )
        for _ in range(400)
    ]
    assert np.mean(np.array(p_values) <= 0.05) == pytest.approx(0.05, abs=0.03)
    assert np.mean(p_values) == pytest.approx(0.5, abs=0.05)


@given(st.integers(1, 500), st.data(), st.sampled_from([0.8, 0.95, 0.99]))
def test_wilson_agrees_with_scipy(trials: int, data: st.DataObject, confidence: float) -> None:
    successes = data.draw(st.integers(0, trials))
    ours = wilson_interval(successes, trials, confidence=confidence)
    theirs = scipy.stats.binomtest(successes, trials).proportion_ci(confidence, method="wilson")
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)
    assert 0 <= ours.low <= ours.estimate <= ours.high <= 1


def test_wilson_of_a_published_example() -> None:
    # Newcombe (1998), table I: 81 of 263 gives 0.2553 to 0.3662, 0 of 20 gives 0 to 0.1611.
    interval = wilson_interval(81, 263)
    assert (interval.low, interval.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    interval = wilson_interval(0, 20)
    assert (interval.low, interval.high) == pytest.approx((0, 0.1611), abs=5e-5)


@pytest.mark.parametrize("values", [[], [[0.1, 0.2]], [0.1, float("nan")], [float("inf")]])
def test_values_are_one_finite_number_a_query(values: list[float]) -> None:
    with pytest.raises(ValueError, match="one finite value a query"):
        bootstrap_interval(values, generator=seeded())


@pytest.mark.parametrize("test", [paired_difference_interval, paired_randomisation_p_value])
def test_runs_are_over_the_same_queries(test: Callable[..., object]) -> None:
    with pytest.raises(ValueError, match="3 and 2 queries are not paired"):
        test([0.1, 0.2, 0.3], [0.1, 0.2], generator=seeded())


def test_settings_are_checked() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        bootstrap_interval([0.1], generator=seeded(), resamples=0)
    with pytest.raises(ValueError, match="between 0 and 1"):
        bootstrap_interval([0.1], generator=seeded(), confidence=95)
    with pytest.raises(ValueError, match="between 0 and 1"):
        wilson_interval(1, 2, confidence=1)


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (-1, 4), (5, 4)])
def test_a_proportion_is_of_something(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="is no proportion"):
        wilson_interval(successes, trials)


def test_ten_thousand_queries_take_a_moment() -> None:
    values = reciprocal_ranks(1, size=10_000)
    started = time.perf_counter()
    bootstrap_interval(values, generator=seeded())
    paired_randomisation_p_value(values, values[::-1], generator=seeded())
    # A fifth of a second each on one free core; the rest is for a busy machine.
    assert time.perf_counter() - started < 10
