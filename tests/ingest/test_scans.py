"""Which pages are read, and what becomes of what was read on them."""

import pytest

from ingest.parse.pdf import parse_pdf
from ingest.parse.pdf_scans import is_garbage
from ingest.parse.picture import parse_picture
from ingest.records import PageReading, ReadLine
from stores.records import BlockKind
from tests.ingest.builders import texts
from tests.ingest.pdf_builder import Text, build_pdf, paragraph
from tests.ingest.scans import saved, scanned, shaded

LEAVE = ["The annual leave of all members of the staff is ten days,", "which may be taken at once."]


def reading(*lines: ReadLine) -> PageReading:
    return PageReading(600, 800, lines)


def line(text: str, top: float, *, left: float = 60, height: float = 16) -> ReadLine:
    return ReadLine(text, left, top, left + 0.5 * height * len(text), top + height, 0.9)


def test_a_page_of_text_is_not_read() -> None:
    assert parse_pdf(build_pdf([paragraph(LEAVE)]), "a.pdf").scans == ()


def test_a_page_that_is_a_picture_is_read() -> None:
    assert parse_pdf(scanned([100, 110]), "a.pdf").scans == (1, 2)


@pytest.mark.parametrize(
    ("text", "is_so"),
    [
        ("年假 10 天，病假 15 天；事假须提前三日申请。", False),
        ("Über die Jahre hinweg größere Verträge, déjà réglées à Zürich", False),
        ("ÄêÐÝ¼Ù10Ìì£¬²¡¼Ù15Ìì¡£ÊÂ¼ÙÐëÌáÇ°", True),
        ("\ufffd\ufffd\ufffd leave \ufffd\ufffd\ufffd ten days \ufffd\ufffd\ufffd", True),
        (
            "\ue001\ue002\ue003\ue004 \ue005\ue006 \ue007\ue008 text here \ue00a\ue00b\ue00c\ue00d",
            True,
        ),
        ("\ufffd", False),
    ],
)
def test_garbage_is_told_from_text(text: str, *, is_so: bool) -> None:
    assert is_garbage(text) is is_so


def test_garbage_is_read_again() -> None:
    mistaken = "ÄêÐÝ¼Ù10Ìì£¬²¡¼Ù15Ìì¡£ÊÂ¼ÙÐëÌáÇ°ÈýÈÕÉêÇë"
    assert parse_pdf(build_pdf([[Text(mistaken, 72, 100)], paragraph(LEAVE)]), "a.pdf").scans == (
        1,
    )


def test_what_was_read_stands_in_the_place_of_its_page() -> None:
    read = reading(line("Second page", 100))
    document = parse_pdf(scanned([100, 110]), "a.pdf", {2: read})
    assert document.scans == (1,)
    assert [(block.page, block.text) for block in document.blocks] == [(2, "Second page")]


def test_lines_become_paragraphs_in_reading_order() -> None:
    found = [line(LEAVE[1], 124), line(LEAVE[0], 100), line("Another paragraph stands here.", 190)]
    document = parse_picture(saved(shaded(9), "PNG"), "a.png", {1: reading(*found)})
    assert texts(document.blocks) == [" ".join(LEAVE), "Another paragraph stands here."]
    first = document.blocks[0].recognised
    assert first is not None
    assert first.box[:2] == (60, 100)
    assert first.box[3] == 140


def test_columns_are_read_one_after_the_other() -> None:
    left = [line(f"left hand column line {row}", 100 + 22 * row, left=40) for row in range(8)]
    right = [line(f"right hand column line {row}", 100 + 22 * row, left=330) for row in range(8)]
    mixed = [each for pair in zip(left, right, strict=True) for each in pair]
    document = parse_picture(saved(shaded(9), "PNG"), "a.png", {1: reading(*mixed)})
    whole = "\n".join(texts(document.blocks))
    assert whole.index("left hand column line 7") < whole.index("right hand column line 0")


def test_much_larger_letters_are_a_heading() -> None:
    body = [line(text, 150 + 24 * row) for row, text in enumerate(LEAVE * 4)]
    document = parse_picture(
        saved(shaded(9), "PNG"), "a.png", {1: reading(line("Leave rules", 80, height=36), *body)}
    )
    assert texts(document.blocks, BlockKind.HEADING) == ["Leave rules"]
    assert document.title == "Leave rules"


def test_lines_whose_height_wavers_are_of_one_paragraph() -> None:
    wavering = [
        line("the annual leave of all members of the staff", 150 + 24 * row, height=height)
        for row, height in enumerate([16, 13, 16, 20, 16, 13, 16, 20])
    ]
    document = parse_picture(saved(shaded(9), "PNG"), "a.png", {1: reading(*wavering)})
    assert [block.kind for block in document.blocks] == [BlockKind.TEXT]
