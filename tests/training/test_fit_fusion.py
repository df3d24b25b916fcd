"""Lists to fit the fusion on, and what is chosen on them."""

from dataclasses import asdict

import pytest

from retrieval.fusion import FusionWeights
from retrieval.relevance import Signals
from training.fit_fusion import (
    LEGS,
    better_leg,
    by_set,
    fit_fusion,
    fused,
    left_out,
    regardless,
    with_lexical,
    worth,
)
from training.fused_lists import FusedList, fused_list
from training.reranker.dev import DevList, Found


def found(passage: str, *, cosine: float, lexical: float = 0.0, covered: float = 0.0) -> Found:
    return Found(passage, f"{passage}。", cosine, lexical, covered)


def listed(*windows: Found, source: str = "s", languages: str = "", depth: int = 2) -> FusedList:
    """Return a list whose answer is passage `a`; languages by letter, all Chinese by default."""
    letters = languages or "z" * len(windows)
    names = [{"z": "zh", "e": "en"}[letter] for letter in letters]
    return fused_list(DevList(source, "问题是什么", ("a",), windows), names, depth=depth)


def test_a_list_holds_what_the_two_searches_return() -> None:
    one = listed(
        found("a", cosine=0.1, lexical=3.0, covered=0.5),
        found("b", cosine=0.9),
        found("c", cosine=0.6, lexical=2.0),
        found("d", cosine=0.5, lexical=1.0),
        languages="zzez",
    )
    assert one.dense_order == (1, 2)
    assert one.lexical_order == (0, 2)
    # The first was found by its words only, and its cosine is bounded by those that were returned.
    assert one.signals[0] == Signals(0.6, 0.5, "zh-zh")
    assert one.signals[2] == Signals(0.6, 0.0, "zh-en")
    assert one.lexical == (3.0, 0.0, 2.0, 0.0)


def test_a_passage_ranks_by_its_best_window() -> None:
    one = listed(found("b", cosine=0.9), found("b", cosine=0.8), found("a", cosine=0.7), depth=3)
    assert one.reciprocal_rank((0, 1, 2)) == 0.5
    assert one.by([0.0, 0.0, 1.0]) == 1.0
    assert one.by_rank() == 0.5
    assert one.reciprocal_rank(()) == 0.0


WORDS = listed(
    found("a", cosine=0.5, lexical=5.0, covered=0.9), found("b", cosine=0.6, covered=0.1)
)
"""The words lead to the answer, the vectors do not."""

ACROSS = listed(
    found("a", cosine=0.5),
    found("b", cosine=0.4, lexical=5.0, covered=0.6),
    source="across",
    languages="ez",
)
"""The answer is in the other language."""


def test_ways() -> None:
    weights = FusionWeights(2.0, 1)
    assert [leg(WORDS) for leg in LEGS.values()] == [0.5, 1.0]
    assert (fused(weights)(WORDS), fused(weights)(ACROSS)) == (1.0, 1.0)
    assert (regardless(2.0, 1.0)(WORDS), regardless(2.0, 1.0)(ACROSS)) == (1.0, 0.5)
    assert regardless(2.0, 4.0)(ACROSS) == 1.0
    assert with_lexical(weights, 0.1)(ACROSS) == 1.0
    assert with_lexical(weights, 1.0)(ACROSS) == 0.5


def test_what_falls_below_the_better_search_is_taken_off_twice() -> None:
    lists = [WORDS, ACROSS]
    better = better_leg(lists)
    assert better == {"s": 1.0, "across": 1.0}
    assert by_set(lists, LEGS["dense"]) == {"s": [0.5], "across": [1.0]}
    assert worth(lists, LEGS["dense"], better) == pytest.approx((0.5 - 2 * 0.5 + 1.0) / 2)
    assert worth(lists, fused(FusionWeights(2.0, 1)), better) == 1.0


def test_the_fit_finds_what_answers_both() -> None:
    # Vectors alone would do for one list, words alone for the other.
    weights = fit_fusion([WORDS, ACROSS])
    assert worth([WORDS, ACROSS], fused(weights), better_leg([WORDS, ACROSS])) == 1.0
    assert set(asdict(weights)) == {"cosine", "expected_from"}


def test_what_was_left_out_is_named_with_its_numbers() -> None:
    names = list(left_out([WORDS, ACROSS], FusionWeights(2.0, 1)))
    assert names == ["2.5·c + v^3", "fused + 0.1·BM25"]
