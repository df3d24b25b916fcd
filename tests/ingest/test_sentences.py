import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sentences import split_sentences, split_sentences_and_rows

_MIXED = st.text(alphabet='ab A1.!?。！？；…,，\n ”）")年假例')


def _split(text: str) -> list[str]:
    return [text[start:end].strip() for start, end in split_sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("年假五天。病假另计！可以吗？可以；", ["年假五天。", "病假另计！", "可以吗？", "可以；"]),
        ("他说：“好的。”然后走了。", ["他说：“好的。”", "然后走了。"]),
        ("等等……再说。", ["等等……", "再说。"]),
        ("版本3.5于2024.1.2发布。", ["版本3.5于2024.1.2发布。"]),
        ("It costs 3.50 dollars. Really?! Yes.", ["It costs 3.50 dollars.", "Really?!", "Yes."]),
        ("Mr. Smith met Dr. Li. They left.", ["Mr. Smith met Dr. Li.", "They left."]),
        ("See Fig. 3, e.g. this. Use v1.2.3.", ["See Fig. 3, e.g. this.", "Use v1.2.3."]),
        ("He said \"Go.\" She went.", ["He said \"Go.\"", "She went."]),
        ("(It is so.) Next one.", ["(It is so.)", "Next one."]),
        ("1. First point\n2. Second point", ["1. First point", "2. Second point"]),
        ("见下文.下一句", ["见下文.", "下一句"]),
        ("wait... what", ["wait... what"]),
        ("", []),
    ],
)  # fmt: skip
def test_sentences_end_where_a_reader_says(text: str, expected: list[str]) -> None:
    assert _split(text) == expected


@given(st.one_of(st.text(), _MIXED))
def test_spans_put_together_are_the_text(text: str) -> None:
    spans = split_sentences(text)
    assert "".join(text[start:end] for start, end in spans) == text
    assert all(start < end for start, end in spans)
    assert [start for start, _ in spans[1:]] == [end for _, end in spans[:-1]]


@given(st.one_of(st.text(), _MIXED))
def test_with_rows_the_spans_put_together_are_the_text_too(text: str) -> None:
    spans = split_sentences_and_rows(text)
    assert "".join(text[start:end] for start, end in spans) == text
    assert {start for start, _ in spans} <= {start for start, _ in split_sentences(text)}


def test_a_row_of_a_table_is_one_piece_whatever_ends_in_its_cells() -> None:
    text = "先看表。\n| 级别 | 说明 |\n|---|---|\n| 一 | 停机。立即处理！ | 是 |\n再看文。完。"
    pieces = [text[start:end] for start, end in split_sentences_and_rows(text)]
    assert pieces == [
        "先看表。\n",
        "| 级别 | 说明 |\n",
        "|---|---|\n",
        "| 一 | 停机。立即处理！ | 是 |\n",
        "再看文。",
        "完。",
    ]
