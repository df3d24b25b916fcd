import json

import numpy as np
import pytest

from stores.proof import (
    NeedleKind,
    needles_of,
    original_pieces,
    text_forms,
    text_pieces,
    vector_pieces,
)

ZH = "员工连续工作满一年后，每个日历年享受十五天带薪年假，未休的年假可以结转至次年三月底。"
EN = "After a full year employees have fifteen days of paid annual leave in each calendar year."


@pytest.mark.parametrize("text", [ZH, EN, ZH + EN])
def test_the_pieces_of_a_text_leave_nothing_out(text: str) -> None:
    pieces = text_pieces([text])
    assert all(18 <= len(piece.encode()) <= 36 for piece in pieces)
    assert len(pieces) >= len(text.encode()) // 36
    covered = set[int]()
    for piece in pieces:
        start = text.index(piece)
        covered |= set(range(start, start + len(piece)))
    assert covered == set(range(len(text)))


def test_short_texts_count_only_where_there_is_nothing_else() -> None:
    assert text_pieces(["年假", "Leave", ZH]) == text_pieces([ZH])
    assert text_pieces(["年假十五天", "年假"]) == ["年假十五天"]
    assert text_pieces(["a", "年假", ""]) == []


def test_rulers_are_no_pieces() -> None:
    assert text_pieces(["=" * 80, "- " * 40, EN]) == text_pieces([EN])


def test_text_is_looked_for_as_json_writes_it() -> None:
    assert text_forms("leave") == (b"leave",)
    assert text_forms("年假") == ("年假".encode(), rb"\u5e74\u5047")
    assert text_forms('a "b"') == (b'a "b"', rb"a \"b\"")
    assert json.loads(b'"' + text_forms(ZH)[1] + b'"') == ZH


def test_vectors_are_looked_for_as_segments_and_log_hold_them() -> None:
    vector = np.random.default_rng(1).normal(size=384).astype(np.float32)
    first, first_logged, last, last_logged = vector_pieces(vector)
    assert vector.tobytes().startswith(first)
    assert vector.tobytes().endswith(last)
    logged = b"".join(b"\xfa" + value.tobytes() for value in vector.astype(">f4"))
    assert logged.startswith(first_logged)
    assert logged.endswith(last_logged)
    assert {len(first), len(last)} == {64}


def test_a_vector_of_few_values_stands_in_too_many_files() -> None:
    assert list(vector_pieces(np.zeros(384, dtype=np.float32))) == []
    assert list(vector_pieces(np.full(384, 0.5, dtype=np.float32))) == []


def test_pieces_of_an_original_are_spread_over_it() -> None:
    data = np.random.default_rng(2).bytes(1_000_000)
    pieces = list(original_pieces(data))
    starts = [data.index(piece) for piece in pieces]
    assert len(pieces) == 64
    assert starts == sorted(starts)
    assert starts[0] == 0
    assert starts[-1] > 980_000
    assert list(original_pieces(b"A short note of a few words.")) == [
        b"A short note of a few words."
    ]
    assert list(original_pieces(b"tiny")) == []
    assert list(original_pieces(bytes(10_000))) == []


def test_of_a_long_document_ten_thousand_pieces_are_taken_evenly() -> None:
    texts = [f"Sentence number {number} says something of its own." for number in range(30_000)]
    needles = needles_of(texts=texts, vectors=[], original=None)
    assert needles.count(NeedleKind.TEXT) == 10_000
    assert any(b"number 29" in piece for piece in needles.kinds)


def test_needles_are_counted_by_kind() -> None:
    vectors = np.random.default_rng(3).normal(size=(3, 32)).astype(np.float32)
    needles = needles_of(texts=[EN], vectors=vectors, original=b"%PDF-1.7 and some binary stuff")
    assert needles.count(NeedleKind.VECTOR) == 12
    assert needles.count(NeedleKind.ORIGINAL) == 1
    assert needles.count(NeedleKind.TEXT) == len(text_pieces([EN]))
