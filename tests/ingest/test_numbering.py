"""Numbers that Word counts itself; the order of the odd cases is as LibreOffice shows them."""

import io
from collections.abc import Sequence

import docx
import pytest
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from ingest.parse.numerals import chinese, numeral
from stores.records import BlockKind
from tests.ingest.builders import headings, parsed, texts

_W = nsdecls("w")
Level = tuple[str, str]
"""Number format and pattern."""


@pytest.fixture
def document() -> Document:
    return docx.Document()


def _define(
    document: Document,
    levels: Sequence[Level],
    *,
    number: int = 70,
    more: str = "",
    extra: str = "",
) -> None:
    """Add a list with its own definition; `more` goes into each level, `extra` into the list."""
    root = document.part.numbering_part.element
    described = "".join(
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>{more}'
        f'<w:lvlText w:val="{pattern}"/></w:lvl>'
        for depth, (form, pattern) in enumerate(levels)
    )
    root.insert(
        0, parse_xml(f'<w:abstractNum {_W} w:abstractNumId="{number}">{described}</w:abstractNum>')
    )
    _list(document, number, definition=number, extra=extra)


def _list(document: Document, number: int, *, definition: int, extra: str = "") -> None:
    document.part.numbering_part.element.append(
        parse_xml(
            f'<w:num {_W} w:numId="{number}"><w:abstractNumId w:val="{definition}"/>{extra}</w:num>'
        )
    )


def _add(
    document: Document, text: str, depth: int = 0, *, number: int = 70, style: str = ""
) -> None:
    paragraph = document.add_paragraph(text, style=style or None)
    paragraph._p.get_or_add_pPr().append(
        parse_xml(f'<w:numPr {_W}><w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/></w:numPr>')
    )


def _lines(document: Document) -> list[str]:
    buffer = io.BytesIO()
    document.save(buffer)
    return "\n".join(texts(parsed("file.docx", buffer.getvalue()).blocks)).split("\n")


def test_levels_count_within_those_above_them(document: Document) -> None:
    _define(document, [("decimal", "%1"), ("decimal", "%1.%2"), ("decimal", "%1.%2.%3")])
    for text, depth in (("a", 1), ("b", 1), ("c", 0), ("d", 2), ("e", 1), ("", 1), ("f", 1)):
        _add(document, text, depth)
    assert _lines(document) == ["  1.1 a", "  1.2 b", "2 c", "    2.1.1 d", "  2.2 e", "  2.4 f"]


def test_chapters_and_clauses_of_a_rule_are_headings_and_paragraphs(document: Document) -> None:
    _define(
        document, [("chineseCountingThousand", "第%1章"), ("chineseCountingThousand", "第%2条")]
    )
    for text, depth in (
        ("总则", 0),
        ("为了规范，制定本办法。", 1),
        ("附则", 0),
        ("自发布起施行。", 1),
    ):
        _add(document, text, depth)
    buffer = io.BytesIO()
    document.save(buffer)
    result = parsed("办法.docx", buffer.getvalue())
    assert headings(result) == [("第一章 总则",), ("第二章 附则",)]
    assert texts(result.blocks, BlockKind.TEXT) == [
        "第一条 为了规范，制定本办法。",
        "第一条 自发布起施行。",
    ]


def test_a_clause_goes_on_over_chapters_if_its_level_does_not_restart(document: Document) -> None:
    _define(
        document,
        [("chineseCounting", "第%1章"), ("chineseCounting", "第%2条")],
        more='<w:lvlRestart w:val="0"/>',
    )
    for text, depth in (("一", 0), ("甲", 1), ("二", 0), ("乙", 1)):
        _add(document, text, depth)
    assert _lines(document) == ["第一章 一", "第一条 甲", "第二章 二", "第二条 乙"]


def test_styles_carry_numbers(document: Document) -> None:
    _define(document, [("upperRoman", "%1."), ("lowerLetter", "(%2)")])
    for depth, name in enumerate(("Heading 1", "Heading 2")):
        document.styles[name].element.get_or_add_pPr().append(
            parse_xml(f'<w:numPr {_W}><w:ilvl w:val="{depth}"/><w:numId w:val="70"/></w:numPr>')
        )
    for text, level in (("Scope", 1), ("Who", 2), ("What", 2), ("Terms", 1)):
        document.add_heading(text, level)
    assert _lines(document) == ["I. Scope", "(a) Who", "(b) What", "II. Terms"]


def test_a_level_that_names_a_style_is_the_level_of_the_style(document: Document) -> None:
    _define(document, [("decimal", "%1"), ("decimal", "%1.%2")])
    level = document.part.numbering_part.element.findall(f".//{qn('w:lvl')}")[1]
    level.insert(2, parse_xml(f'<w:pStyle {_W} w:val="Heading2"/>'))
    document.styles["Heading 2"].element.get_or_add_pPr().append(
        parse_xml(f'<w:numPr {_W}><w:numId w:val="70"/></w:numPr>')
    )
    document.add_heading("Who", 2)
    assert _lines(document) == ["1.1 Who"]


def test_lists_of_one_definition_go_on_and_an_override_starts_anew(document: Document) -> None:
    _define(document, [("decimal", "%1)")])
    _list(document, 71, definition=70)
    override = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>'
    _list(document, 72, definition=70, extra=override)
    for number in (70, 71, 72, 72):
        _add(document, "x", number=number)
    assert _lines(document) == ["1) x", "2) x", "5) x", "6) x"]


def test_a_definition_may_only_point_to_a_list_style(document: Document) -> None:
    _define(document, [("decimal", "%1、")])
    document.part.numbering_part.element.insert(
        0,
        parse_xml(
            f'<w:abstractNum {_W} w:abstractNumId="80"><w:numStyleLink w:val="Clauses"/>'
            "</w:abstractNum>"
        ),
    )
    _list(document, 80, definition=80)
    document.styles.element.append(
        parse_xml(
            f'<w:style {_W} w:type="numbering" w:styleId="Clauses"><w:name w:val="Clauses"/>'
            '<w:pPr><w:numPr><w:numId w:val="70"/></w:numPr></w:pPr></w:style>'
        )
    )
    _add(document, "目的", number=80)
    assert _lines(document) == ["1、目的"]


def test_bullets_and_unknown_lists_have_no_number(document: Document) -> None:
    _define(document, [("bullet", "•")])
    _add(document, "bullet")
    _add(document, "unknown", number=99)
    _add(document, "none", number=0)
    assert _lines(document) == ["- bullet", "- unknown", "none"]


def test_cells_are_numbered_and_legal_levels_show_digits(document: Document) -> None:
    _define(
        document, [("chineseCounting", "%1"), ("decimal", "%1.%2")], more='<w:isLgl w:val="1"/>'
    )
    _add(document, "above")
    cell = document.add_table(rows=1, cols=2).cell(0, 0)
    cell.text = "in a cell"
    cell.paragraphs[0]._p.get_or_add_pPr().append(
        parse_xml(f'<w:numPr {_W}><w:ilvl w:val="1"/><w:numId w:val="70"/></w:numPr>')
    )
    assert _lines(document)[:2] == ["1 above", "| 1.1 in a cell |"]


def test_depths_and_starts_beyond_all_bounds_do_no_harm(document: Document) -> None:
    _define(document, [("upperLetter", "%1")], extra="")
    level = document.part.numbering_part.element.find(f".//{qn('w:start')}")
    level.set(qn("w:val"), "999999999")
    _add(document, "x")
    _add(document, "y", 10**6)
    assert _lines(document) == ["999999999 x", "1000000000 y"]


@pytest.mark.parametrize(
    ("number", "number_format", "expected"),
    [
        (3, "decimal", "3"),
        (3, "decimalZero", "03"),
        (28, "lowerLetter", "bb"),
        (4, "upperRoman", "IV"),
        (1994, "lowerRoman", "mcmxciv"),
        (10, "chineseCounting", "十"),
        (21, "chineseCounting", "二十一"),
        (103, "chineseCounting", "一○三"),
        (103, "chineseCountingThousand", "一百零三"),
        (110, "chineseCountingThousand", "一百一十"),
        (12, "ideographTraditional", "乙"),
        (2, "ideographZodiac", "丑"),
        (12, "chineseLegalSimplified", "壹拾贰"),
        (103, "japaneseCounting", "百三"),
        (12, "decimalEnclosedCircleChinese", "⑫"),
        (21, "decimalEnclosedCircle", "21"),
        (12, "decimalFullWidth", "１２"),
        (11, "ordinal", "11th"),
        (22, "ordinal", "22nd"),
        (3, "bullet", ""),
        (3, "hebrew1", "3"),
        (0, "upperLetter", "0"),
        (0, "upperRoman", "0"),
    ],
)
def test_numbers_in_their_formats(number: int, number_format: str, expected: str) -> None:
    assert numeral(number, number_format) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [(0, "零"), (10, "十"), (1001, "一千零一"), (1010, "一千零一十"), (10_050, "一万零五十")],
)
def test_chinese_names_its_places(number: int, expected: str) -> None:
    assert chinese(number) == expected
