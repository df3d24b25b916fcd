"""What of the evidence the model is given."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.compaction import compact
from ingest.sentences import split_sentences_and_rows
from retrieval.records import Evidence, ScoredSpan
from tests.generation.passages import count, passage

TABLE = "| 级别 | 时限 |\n|---|---|\n| 一 | 15 分钟。 |\n| 二 | 4 小时。 |\n| 三 | 2 天。 |\n"


def scored(number: int, quote: str, *scores: float) -> Evidence:
    """Return a passage whose sentences have these scores, in order."""
    spans = split_sentences_and_rows(quote)
    sentences = tuple(ScoredSpan(*span, score) for span, score in zip(spans, scores, strict=True))
    return replace(passage(number, quote=quote), sentences=sentences)


def texts(*passages: Evidence, most_tokens: int) -> list[str]:
    return [each.text for each in compact(passages, count_tokens=count, most_tokens=most_tokens)]


def test_the_best_sentences_of_all_passages_are_given_in_the_order_of_the_text() -> None:
    first = scored(1, "甲一二三。乙一二三。丙一二三。丁一二三。", 0.1, 0.8, 0.1, 0.79)
    second = scored(2, "戊一二三。", 0.9)
    assert texts(first, second, most_tokens=15) == ["…\n乙一二三。\n…\n丁一二三。", "戊一二三。"]


def test_a_passage_without_anything_good_is_left_out() -> None:
    dull, good = scored(1, "甲一二三。", 0.1), scored(2, "乙一二三。", 0.9)
    (only,) = compact([dull, good], count_tokens=count, most_tokens=5)
    assert only.passage == good


def test_a_neighbour_comes_before_a_stranger_that_is_hardly_better() -> None:
    one = scored(1, "甲一二三。乙一二三。丙一二三。丁一二三。", 0.5, 0.9, 0.5, 0.84)
    assert texts(one, most_tokens=15) == ["甲一二三。乙一二三。丙一二三。"]
    assert texts(one, most_tokens=20) == [one.quote]


def test_a_row_has_the_header_of_its_table() -> None:
    one = scored(1, f"先看表。\n{TABLE}再看文。", 0.1, 0.1, 0.1, 0.2, 0.2, 0.9, 0.1)
    (text,) = texts(one, most_tokens=12)
    assert text == "| 级别 | 时限 |\n|---|---|\n| 三 | 2 天。 |"


def test_a_chosen_header_is_given_once() -> None:
    one = scored(1, TABLE, 0.9, 0.1, 0.2, 0.2, 0.2)
    (text,) = texts(one, most_tokens=15)
    assert text.count("级别") == text.count("---|---") == 1


def test_a_table_that_is_given_whole_has_its_header_once() -> None:
    assert texts(passage(1, quote=TABLE), most_tokens=100) == [TABLE.strip()]


def test_sentences_that_are_not_told_apart_stay_together() -> None:
    whole, one = (
        passage(1, quote="甲一二三。乙一二三。"),
        scored(2, "丙一二三。丁一二三。", 0.1, 0.9),
    )
    assert texts(whole, one, most_tokens=15) == [whole.quote, "…\n丁一二三。"]


def test_the_best_sentence_is_given_however_long_it_is() -> None:
    assert texts(scored(1, "甲" * 50, 0.5), most_tokens=10) == ["甲" * 50]


@given(st.lists(st.floats(0, 1), min_size=7, max_size=7), st.integers(1, 60))
def test_rows_and_sentences_are_whole(scores: list[float], room: int) -> None:
    quote = f"先看表，第 1.5 节。\n{TABLE}再看文。"
    (text,) = texts(scored(1, quote, *scores), most_tokens=room)
    lines = text.replace("…", "").split("\n")
    assert all(line in ("", *quote.split("\n")) for line in lines)


@pytest.mark.parametrize("room", [5, 12, 30, 60])
def test_the_room_is_kept_but_for_headers(room: int) -> None:
    one = scored(1, f"先看表。\n{TABLE}再看文。", *(n / 10 for n in range(7)))
    (text,) = texts(one, most_tokens=room)
    kept = text.replace("| 级别 | 时限 |\n|---|---|\n", "").replace("…\n", "")
    assert len(kept) <= room or kept.count("\n") == 0
