import pytest

from app.api.schemas import SpanOut
from app.ui.labels import (
    caption,
    conflict_line,
    file_icon,
    file_size,
    headings,
    key_sentence,
    place,
    scores,
    shortened,
    where,
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


def test_a_passage_of_a_sheet_is_named_by_its_rows() -> None:
    spans = (SpanOut(block=1, start=0, end=9, rows=(1, 4)), SpanOut(block=1, start=20, end=29))
    table = evidence(1, "x", pages=(2,)).model_copy(
        update={"uri": "upload://a.xlsx", "heading_path": ("Preise",), "spans": spans}
    )
    assert where(table, EN) == "sheet “Preise” · rows 1–4"
    assert where(table, ZH) == "工作表“Preise” · 第 1–4 行"
    one = (SpanOut(block=0, start=0, end=9, rows=(7, 7)),)
    listed = table.model_copy(update={"uri": "upload://a.csv", "pages": (), "spans": one})
    assert where(listed, EN) == "row 7"
    assert where(listed.model_copy(update={"spans": ()}), EN) == ""


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


@pytest.mark.parametrize(
    ("edition", "english", "chinese"),
    [
        (1, "edition in force on the asked day", "所问之日有效的版本"),
        (0, "no edition was in force on the asked day", "所问之日没有有效版本"),
        (-1, "another edition was in force", "所问之日另有有效版本"),
        (-2, "another edition was in force", "所问之日另有有效版本"),
    ],
)
def test_scores_say_what_ranked_a_passage(edition: float, english: str, chinese: str) -> None:
    signals = {"rerank": 2.5, "recency": 1.0312, "authority": 1.05, "edition": edition}
    found = evidence(1, "quote").model_copy(update={"signals": signals})
    shown = scores(found, EN)
    assert shown.startswith("Relevance 93% · rerank 2.5 · recency ×1.03 · authority ×1.05 · ")
    assert english in shown
    assert chinese in scores(found, ZH)


def test_a_signal_without_a_name_is_shown_as_it_is() -> None:
    found = evidence(1, "quote").model_copy(update={"signals": {"novel": 0.5}})
    assert scores(found, EN) == "Relevance 93% · novel 0.5"


def test_another_edition_is_told_apart_from_documents_that_disagree() -> None:
    told = [conflict_line("Old policy", "500\nyuan", EN, is_in_force=now) for now in (True, False)]
    assert told == [
        "The documents disagree: “Old policy” says “500 yuan”. Check which of them holds.",
        "Another edition says otherwise: “Old policy” says “500 yuan”.",
    ]
