"""Recency, authority, and how they meet a reranker's merit."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.policy.factors import authority, merit_of_odds, recency
from retrieval.rerank import Relevance
from stores.records import DocType


def relevance(merit: float, probability: float) -> Relevance:
    return Relevance(merit, probability, {})


def test_recency_halves_with_age() -> None:
    def at(days: int) -> float:
        return recency(days, half_life_days=100, bound=0.2)

    assert at(0) == pytest.approx(1.2)
    assert at(100) == pytest.approx(1.1)
    assert at(30_000) == pytest.approx(1.0)


@given(st.integers(0, 4_000_000), st.floats(1, 40_000), st.floats(0, 0.5))
def test_recency_is_bounded(days: int, half_life: float, bound: float) -> None:
    assert 1 <= recency(days, half_life_days=half_life, bound=bound) <= 1 + bound


def test_authority_orders_kinds_of_documents() -> None:
    factors = {kind: authority(kind, bound=0.1) for kind in DocType}
    assert factors[DocType.POLICY] == factors[DocType.CONTRACT] == pytest.approx(1.1)
    assert factors[DocType.OTHER] == factors[DocType.REPORT] == factors[DocType.FAQ] == 1
    assert factors[DocType.MAIL] == factors[DocType.MINUTES] == pytest.approx(1 / 1.1)


@given(st.lists(st.floats(-8, 8), min_size=2, max_size=20, unique=True), st.floats(0.1, 5))
def test_where_the_probability_is_logistic_in_the_merit_the_odds_are_multiplied(
    logits: list[float], scale: float
) -> None:
    judged = [relevance(each * scale, 1 / (1 + math.exp(-each))) for each in logits]
    if max(logits) - min(logits) < 0.01:
        return
    unit = merit_of_odds(judged)
    assert unit == pytest.approx(scale, rel=1e-6)
    moved = logits[0] * scale + unit * math.log(1.1)
    assert moved / scale == pytest.approx(logits[0] + math.log(1.1))


@pytest.mark.parametrize(
    "judged",
    [[], [relevance(1, 0.5)], [relevance(1, 0.5), relevance(9, 0.5)], [relevance(1, 0.0)] * 2],
)
def test_without_differing_probabilities_factors_weigh_nothing(judged: list[Relevance]) -> None:
    assert merit_of_odds(judged) == 0


def test_certain_probabilities_are_no_error() -> None:
    assert math.isfinite(merit_of_odds([relevance(1, 1.0), relevance(0, 0.0)]))
