import pytest

from app.ui.labels import (
    caption,
    file_icon,
    file_size,
    headings,
    key_sentence,
    place,
    shortened,
)
from app.ui.texts import EN, ZH
from tests.app.ui_scripted import evidence


@pytest.mark.parametrize(
    ("pages", "uri", "english", "chinese"),
    [
        ((3,), "upload://a.pdf", "p. 3", "第 3 页"),
        ((3, 4), "file:///a.PDF", "pp. 3–4", "第 3–4 页"),
        ((2,), "upload://a.pptx", "slide 2", "第 2 张幻灯片"),
        ((1, 2), "upload://a.xlsx", "sheets 1–2", "第 1–2 个工作表"),
        ((), "upload://a.md", "", ""),
    ],
)
def test_a_place_is_named_by_the_kind_of_file(
    pages: tuple[int, ...], uri: str, english: str, chinese: str
) -> None:
    assert place(pages, uri, EN) == english
    assert place(pages, uri, ZH) == chinese


def test_titles_are_cut_by_width_and_chinese_counts_double() -> None:
    assert shortened("abcdef", 6) == "abcdef"
    assert shortened("abcdefg", 6) == "abcde…"
    assert shortened("差旅管理制度", 7) == "差旅管…"


def test_a_chip_names_title_and_place() -> None:
    assert caption(evidence(1, "x"), EN, width=30) == "Travel policy · p. 3"
    assert caption(evidence(1, "x", pages=()), EN, width=30) == "Travel policy"


@pytest.mark.parametrize(
    ("size", "shown"), [(999, "999 B"), (48_213, "48 kB"), (2_340_000, "2.3 MB")]
)
def test_sizes_are_for_people(size: int, shown: str) -> None:
    assert file_size(size) == shown


def test_unknown_kinds_of_file_have_an_icon_too() -> None:
    assert file_icon("upload://x.unknown") == ":material/draft:"
    assert file_icon("upload://x.pdf") == ":material/picture_as_pdf:"


def test_headings_that_only_repeat_the_title_are_left_out() -> None:
    found = evidence(1, "x")
    assert headings(found) == "Travel › Accommodation"
    assert headings(found.model_copy(update={"heading_path": ("Travel policy",)})) == ""
    assert headings(found.model_copy(update={"heading_path": ()})) == ""


@pytest.mark.parametrize(
    ("highlight", "shown"),
    [
        ("A night is 600 yuan.\nAt most.", "A night is 600 yuan. At most."),
        ("| 一线城市 | 600 元 |", "一线城市 · 600 元"),
    ],
)
def test_the_key_sentence_is_one_line(highlight: str, shown: str) -> None:
    assert key_sentence(highlight) == shown
