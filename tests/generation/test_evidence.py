from dataclasses import replace

import pytest

from generation.evidence import choose_evidence
from retrieval.policy.editions import Standing
from retrieval.records import Evidence
from tests.generation.passages import count, passage


def choose(*found: Evidence, question: str = "年假几天?", **changes: float) -> list[Evidence]:
    limits = {"min_relevance": 0.5, "max_evidence": 3, "max_evidence_tokens": 10, **changes}
    excerpts = choose_evidence(
        question,
        found,
        count_tokens=count,
        min_relevance=limits["min_relevance"],
        max_evidence=int(limits["max_evidence"]),
        max_evidence_tokens=int(limits["max_evidence_tokens"]),
    )
    return [each.passage for each in excerpts]


def test_nothing_found_gives_nothing() -> None:
    assert choose() == []


def test_the_gate_looks_at_the_best_passage() -> None:
    assert choose(passage(1, 0.49, "a")) == []
    assert len(choose(passage(1, 0.5, "a"), passage(2, 0.4, "b"))) == 2


def test_passages_far_below_the_best_are_left_out() -> None:
    chosen = choose(passage(1, 0.9, "a"), passage(2, 0.28, "b"), passage(3, 0.1, "c"))
    assert [p.quote for p in chosen] == ["a", "b"]


def test_the_best_is_the_likeliest_wherever_it_stands() -> None:
    chosen = choose(passage(1, 0.5, "a"), passage(2, 0.9, "b"), passage(3, 0.2, "c"))
    assert [p.quote for p in chosen] == ["a", "b"]


def test_the_first_is_given_however_probable_others_are() -> None:
    assert [p.quote for p in choose(passage(1, 0.5, "a"), passage(2, 1.0, "b"))] == ["a", "b"]
    assert [
        p.quote for p in choose(passage(1, 0.2, "a"), passage(2, 0.9, "b"), min_relevance=0.1)
    ] == ["a", "b"]


def test_an_earlier_edition_does_not_crowd_out_the_one_in_force() -> None:
    earlier = replace(passage(2, 0.9, "old"), signals={"edition": float(Standing.EARLIER)})
    chosen = choose(passage(1, 0.2, "new"), earlier, min_relevance=0.1)
    assert [p.quote for p in chosen] == ["new"]


def test_passages_far_behind_the_first_are_left_out() -> None:
    merits = {"a": 4.0, "b": 3.3, "c": 3.1}
    found = [
        replace(passage(number, 0.9, quote), signals={"merit": merit})
        for number, (quote, merit) in enumerate(merits.items(), start=1)
    ]
    assert [p.quote for p in choose(*found)] == ["a", "b"]


def test_the_number_is_bounded() -> None:
    assert len(choose(*(passage(n, 0.9, f"{n}") for n in range(1, 9)))) == 3


def test_a_passage_that_does_not_fit_makes_room_for_a_shorter_one() -> None:
    chosen = choose(passage(1, 0.9, "sixsix"), passage(2, 0.8, "toolong"), passage(3, 0.7, "four"))
    assert [p.quote for p in chosen] == ["sixsix", "four"]


def test_the_best_passage_is_given_even_if_it_is_too_long() -> None:
    chosen = choose(passage(1, 0.9, "a" * 50), passage(2, 0.9, "b"))
    assert [p.quote for p in chosen] == ["a" * 50]


def test_numbers_have_no_gaps() -> None:
    chosen = choose(passage(1, 0.9, "a"), passage(2, 0.1, "b"), passage(3, 0.8, "other"))
    assert [(p.number, p.quote) for p in chosen] == [(1, "a"), (2, "other")]


def test_neighbours_are_given_as_one() -> None:
    first, second = passage(1, 0.9, "a"), passage(2, 0.8, "b")
    second = replace(second, ordinal=first.ordinal + 1)
    chosen = choose(first, passage(3, 0.85, "c"), second)
    assert [(p.number, p.quote) for p in chosen] == [(1, "a\nb"), (2, "c")]


@pytest.mark.parametrize(("edition", "given"), [(1, 2), (0, 2), (-1, 1), (-2, 1)])
def test_an_edition_that_is_held_back_is_not_given(edition: int, given: int) -> None:
    other = replace(passage(2, 0.9, "old"), signals={"edition": float(edition)})
    assert len(choose(passage(1, 0.9, "new"), other)) == given


@pytest.mark.parametrize(
    ("question", "quote", "given"),
    [
        ("How long is the warranty of the TP-390?", "The TP-380 has 36 months.", 0),
        ("TP-390 的保修期是多久?", "TP-390 变送器保修 36 个月。", 1),
        ("TP390 的保修期是多久?", "TP-390 变送器保修 36 个月。", 1),
        ("Is the TP-390 sold with cable C-77-2?", "Cable C-77-2 fits all devices.", 1),
        ("What was the revenue in 2025?", "The revenue was 86 million.", 1),
    ],
)
def test_what_is_said_of_another_code_is_no_evidence(question: str, quote: str, given: int) -> None:
    chosen = choose(passage(1, 0.9, quote), question=question, max_evidence_tokens=999)
    assert len(chosen) == given


def test_code_in_the_title_counts() -> None:
    manual = passage(1, 0.9, "保修 36 个月。", title="TP-390 使用手册")
    assert len(choose(manual, question="TP-390 的保修期是多久?", max_evidence_tokens=999)) == 1
