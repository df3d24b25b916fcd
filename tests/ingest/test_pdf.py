import io

import pypdf
import pytest

from ingest.errors import EmptyDocument, UnreadableFile
from ingest.records import ParsedDocument
from stores.records import BlockKind
from tests.ingest.builders import headings, parsed, texts
from tests.ingest.pdf_builder import Text, build_pdf, paragraph

_LATIN = [
    "Employees book their travel at least two weeks ahead. The com-",
    "pany pays for the cheapest fare that is known at the time of the",
    "booking and refunds it.",
]
_CHINESE = [
    "员工连续工作满十二个月以上的，享受带薪年休假。单位根据生产、工",
    "作的具体情况，统筹安排。",
]


def _parsed(data: bytes) -> ParsedDocument:
    return parsed("file.pdf", data)


def test_wrapped_lines_are_joined_in_both_languages() -> None:
    page = [*paragraph(_LATIN), *paragraph(_CHINESE, y=200)]
    blocks = _parsed(build_pdf([page])).blocks
    assert [(b.text, b.page) for b in blocks] == [
        (
            "Employees book their travel at least two weeks ahead. The company pays for the"
            " cheapest fare that is known at the time of the booking and refunds it.",
            1,
        ),
        (
            "员工连续工作满十二个月以上的，享受带薪年休假。单位根据生产、工作的具体情况，统筹安排。",
            1,
        ),
    ]


def test_larger_letters_are_headings_over_pages() -> None:
    first = [Text("员工手册", 200, 60, 22), Text("休假", 72, 100, 16), *paragraph(_CHINESE, y=130)]
    second = [Text("Travel", 72, 60, 16), *paragraph(_LATIN, y=90)]
    result = _parsed(build_pdf([first, second]))
    assert result.title == "员工手册"
    assert headings(result) == [("员工手册",), ("员工手册", "休假"), ("员工手册", "Travel")]
    assert result.blocks[-1].page == 2


def test_the_outline_says_what_is_a_heading() -> None:
    names = ("Leave", "Travel", "Money")
    page = [t for n, name in enumerate(names) for t in paragraph([name, *_LATIN], y=100 + 120 * n)]
    spread = [Text(t.text, t.x, t.y + (20 if t.text not in names else 0), t.size) for t in page]
    data = build_pdf([spread], outline=[(name, 1) for name in names], title="Handbook")
    result = _parsed(data)
    assert (result.title, headings(result)) == ("Handbook", [(name,) for name in names])


def test_chinese_chapters_are_headings_without_size_or_outline() -> None:
    page = [Text("第一章 总则", 72, 80), *paragraph(_CHINESE, y=120)]
    assert headings(_parsed(build_pdf([page]))) == [("第一章 总则",)]


def test_running_headers_and_page_numbers_are_left_out() -> None:
    pages = [
        [Text("ACME Handbook", 72, 40), *paragraph(_LATIN), Text(f"{number}", 290, 810)]
        for number in range(1, 5)
    ]
    result = _parsed(build_pdf(pages))
    assert len(result.blocks) == 4
    assert all(block.text.startswith("Employees") for block in result.blocks)


def test_columns_are_read_one_after_the_other() -> None:
    left = [f"left column line {number} of prose" for number in range(8)]
    right = [f"right column line {number} of prose" for number in range(8)]
    page = [
        text
        for pair in zip(paragraph(left, x=60), paragraph(right, x=320), strict=True)
        for text in pair
    ]
    title = Text("A title that stands over both of the columns of the page", 100, 60, 14)
    joined = " ".join(texts(_parsed(build_pdf([[title, *page]])).blocks))
    assert joined.index("title") < joined.index("left column line 0")
    assert joined.index("left column line 7") < joined.index("right column line 0")


def test_rows_of_a_table_stay_together() -> None:
    rows = [("Item", "2023", "2024"), ("Sales", "1,200", "1,340"), ("Costs", "900", "950")]
    page = [
        Text(cell, 72 + 150 * column, 100 + 15 * row)
        for row, cells in enumerate(rows)
        for column, cell in enumerate(cells)
    ]
    expected = ["| Item | 2023 | 2024 |\n|---|---|---|\n| Sales | 1,200 | 1,340 |"
                "\n| Costs | 900 | 950 |"]  # fmt: skip
    assert texts(_parsed(build_pdf([page])).blocks) == expected
    by_column = sorted(page, key=lambda text: text.x)
    assert texts(_parsed(build_pdf([by_column])).blocks) == expected


def test_bullets_are_a_list_and_numbers_begin_paragraphs() -> None:
    lines = ["- first item", "- second item that is", "longer", "1. One rule", "2. Another rule"]
    blocks = _parsed(build_pdf([paragraph(lines)])).blocks
    assert [(b.kind, b.text) for b in blocks] == [
        (BlockKind.LIST, "- first item\n- second item that is longer"),
        (BlockKind.TEXT, "1. One rule"),
        (BlockKind.TEXT, "2. Another rule"),
    ]


def test_a_contents_page_and_a_stamp_are_left_out() -> None:
    contents = paragraph([f"Chapter {n} {'.' * 30} {n}" for n in range(1, 7)], y=90)
    stamp = Text("DRAFT COPY", 30, 600, upright=True)
    pages = [contents, *([[*paragraph(_LATIN), stamp]] * 6)]
    found = texts(_parsed(build_pdf(pages)).blocks)
    assert len(found) == 6
    assert not any("...." in text or "DRAFT" in text for text in found)


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_a_turned_page_is_read(rotate: int) -> None:
    assert "享受带薪年休假" in "".join(
        texts(_parsed(build_pdf([paragraph(_CHINESE)], rotate=rotate)).blocks)
    )


def test_blank_pages_hold_no_text_and_are_no_scans() -> None:
    with pytest.raises(EmptyDocument, match=r"file.pdf: holds no text"):
        _parsed(build_pdf([[], []]))


def test_an_encrypted_file_says_so() -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(build_pdf([paragraph(_LATIN)])))
    writer.encrypt("secret", algorithm="RC4-128")
    buffer = io.BytesIO()
    writer.write(buffer)
    with pytest.raises(UnreadableFile, match=r"file.pdf: is encrypted"):
        _parsed(buffer.getvalue())


def test_a_damaged_file_says_so() -> None:
    with pytest.raises(UnreadableFile, match=r"file.pdf: is a damaged PDF"):
        _parsed(b"%PDF-1.7\nnothing")
