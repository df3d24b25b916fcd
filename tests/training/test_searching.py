"""Fusion by rank, to compare with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.searching import reciprocal_rank_fusion

RANKING = st.lists(st.integers(0, 20), unique=True)


def test_formula_with_ranks_from_one() -> None:
    scores = reciprocal_rank_fusion([["a", "b"], ["b", "c"]], k=60)
    assert scores == pytest.approx({"a": 1 / 61, "b": 1 / 62 + 1 / 61, "c": 1 / 62})


def test_nothing_fuses_to_nothing() -> None:
    assert reciprocal_rank_fusion([[], []], k=60) == {}


@given(RANKING, RANKING)
def test_order_of_the_rankings_does_not_matter(one: list[int], other: list[int]) -> None:
    forth = reciprocal_rank_fusion([one, other], k=60)
    back = reciprocal_rank_fusion([other, one], k=60)
    assert forth == pytest.approx(back)
    assert set(forth) == set(one) | set(other)


@given(RANKING)
def test_one_ranking_keeps_its_order(ranking: list[int]) -> None:
    scores = reciprocal_rank_fusion([ranking], k=60)
    assert sorted(scores, key=lambda item: -scores[item]) == ranking
