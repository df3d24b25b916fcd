"""Tables of PDF files: known ones against what is read, and none where there is none."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.parse.pdf_aligned import with_aligned_tables
from ingest.parse.pdf_layout import read_lines
from ingest.parse.pdf_paragraphs import paragraphs
from ingest.parse.pdf_rules import NO_RULES, Rule, Rules
from ingest.parse.pdf_text import read_pdf
from ingest.text import clean
from stores.records import Block, BlockKind
from tests.ingest.builders import parsed, texts
from tests.ingest.pdf_builder import Text, build_pdf
from tests.ingest.table_pdf import STYLES, Rows, table_pdf

_LEAST = 0.9
_WRAPPED = 16
_DOCUMENTS = Path(__file__).resolve().parents[3] / "shared" / "docs"
_MARKS = frozenset("|-\\•●‐")
_MORE = 0.001
"""Share of characters that may come back: running lines that are a table's own."""
_ENGLISH = (
    ("Department", "Budget 2024", "Budget 2025", "Owner"),
    ("Research", "1,200", "1,340", "Ada Lin"),
    ("Sales and service in the northern region of the country", "900", "950", "Ben Ho"),
    ("Logistics", "75", "(12)", "Cy Tan, who also leads the warehouse in Leipzig"),
    ("Finance", "310", "298", "Dee Wu"),
    ("Total", "2,485", "2,576", "Eve Xu"),
)
_CHINESE = (
    ("部门", "2024 年预算", "2025 年预算", "负责人"),
    ("研发部", "1,200", "1,340", "林爱达"),
    ("北方大区销售与售后服务部以及驻外办事处联络组", "900", "950", "何本"),
    ("物流部", "75", "(12)", "谭思，同时兼任莱比锡仓库与南方仓库的主管"),
    ("财务部", "310", "298", "吴迪"),
    ("合计", "2,485", "2,576", "徐伊"),
)
_LEADS = {
    "en": ("The table shows the plan.", "It is valid now."),
    "zh": ("预算如下表。", "即日生效。"),
}
_TABLES: dict[str, Rows] = {"en": _ENGLISH, "zh": _CHINESE}


def _cells(block: Block) -> list[list[str]]:
    lines = block.text.split("\n")
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for number, line in enumerate(lines)
        if number != 1
    ]


def _right(rows: Rows, blocks: tuple[Block, ...]) -> float:
    """Return the share of cells that are read in their row and column."""
    tables = [_cells(block) for block in blocks if block.kind is BlockKind.TABLE]
    found = tables[0] if len(tables) == 1 else []
    right = sum(
        cell == read
        for row, read_row in zip(rows, found, strict=False)
        for cell, read in zip(row, read_row, strict=False)
    )
    return right / sum(map(len, rows))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("style", list(STYLES))
def test_known_tables_are_read_by_row_and_column(style: str, language: str) -> None:
    rows, (lead, end) = _TABLES[language], _LEADS[language]
    if style == "plain":  # without any rule wrapped cells are not told from rows
        rows = [row for row in rows if max(map(len, row)) < _WRAPPED]
    blocks = parsed("t.pdf", table_pdf(rows, style=style, lead=lead, end=end)).blocks
    share = _right(rows, blocks)
    print(f"{style} {language}: {share:.3f} of the cells")  # noqa: T201 - the figure
    assert share >= _LEAST
    assert [block.kind for block in blocks] == [BlockKind.TEXT, BlockKind.TABLE, BlockKind.TEXT]
    assert all(block.page == 1 for block in blocks)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_merged_header_stands_in_its_first_column(language: str) -> None:
    rows = [["", *_TABLES[language][1][:1], "", ""], *_TABLES[language]]
    lead, end = _LEADS[language]
    data = table_pdf(rows, style="ruled", lead=lead, end=end, spans=[(0, 1, 3)])
    assert _right(rows, parsed("t.pdf", data).blocks) >= _LEAST


def test_a_cell_over_several_rows_stands_in_its_first_row() -> None:
    page = [
        Text("Group", 80, 115), Text("Item", 180, 115), Text("Machines", 80, 145),
        Text("Mill", 180, 135), Text("Lathe", 180, 155),
    ]  # fmt: skip
    rules = Rules(
        horizontal=(
            Rule(100, 70, 270),
            Rule(120, 70, 270),
            Rule(140, 170, 270),
            Rule(160, 70, 270),
        ),
        vertical=(Rule(70, 100, 160), Rule(170, 100, 160), Rule(270, 100, 160)),
    )
    blocks = parsed("t.pdf", build_pdf([page], rules=rules)).blocks
    assert _cells(blocks[0]) == [["Group", "Item"], ["Machines", "Mill"], ["", "Lathe"]]


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_cells_closer_than_words_are_parted_by_their_rule(rotate: int) -> None:
    page = [
        Text(f"{name}{row}", x, 115 + 20 * row, 10)
        for row in range(3)
        for name, x in (("one", 72), ("two", 98))
    ]
    rules = Rules(
        horizontal=tuple(Rule(100 + 20 * row, 70, 140) for row in range(4)),
        vertical=(Rule(70, 100, 160), Rule(95, 100, 160), Rule(140, 100, 160)),
    )
    blocks = parsed("t.pdf", build_pdf([page], rules=rules, rotate=rotate)).blocks
    assert sorted("".join(texts(blocks)).replace("|", "").replace("-", "").split()) == sorted(
        text.text for text in page
    )
    if not rotate:
        assert texts(blocks, BlockKind.TABLE) == [
            "| one0 | two0 |\n|---|---|\n| one1 | two1 |\n| one2 | two2 |"
        ]


def _box(left: float, top: float, right: float, bottom: float) -> Rules:
    return Rules(
        horizontal=(Rule(top, left, right), Rule(bottom, left, right)),
        vertical=(Rule(left, top, bottom), Rule(right, top, bottom)),
    )


@pytest.mark.parametrize(
    "rules",
    [
        _box(60, 80, 500, 300),
        _box(5, 5, 590, 837),
        Rules(horizontal=tuple(Rule(80 + 20 * n, 60, 500) for n in range(6))),
    ],
    ids=["box", "page", "lined paper"],
)
def test_rules_around_prose_are_no_table(rules: Rules) -> None:
    lines = [
        "Employees book their travel at least two weeks ahead of it, and they",
        "ask for the cheapest fare that is known at the time of the booking.",
        "The company refunds what was approved within ten working days.",
    ]
    page = [Text(line, 72, 115 + 20 * number) for number, line in enumerate(lines)]
    blocks = parsed("t.pdf", build_pdf([page], rules=rules)).blocks
    assert texts(blocks, BlockKind.TABLE) == []
    assert all(line in " ".join(texts(blocks)) for line in lines)


def test_an_empty_grid_is_no_table() -> None:
    rules = Rules(
        horizontal=tuple(Rule(200 + 20 * row, 70, 270) for row in range(4)),
        vertical=tuple(Rule(70 + 50 * column, 200, 260) for column in range(5)),
    )
    blocks = parsed("t.pdf", build_pdf([[Text("A figure follows.", 72, 100)]], rules=rules)).blocks
    assert [block.kind for block in blocks] == [BlockKind.TEXT]


@pytest.mark.parametrize(
    "lines",
    [
        [("1.", "One rule"), ("2.", "Another rule"), ("3.", "The third"), ("4.", "The last")],
        [("Introduction", "1"), ("Method", "4"), ("Results", "9"), ("Summary", "12")],
        [("Name:", "Ada"), ("Born:", "1990"), ("Town:", "Leipzig"), ("Post:", "04109")],
    ],
    ids=["list", "contents", "form"],
)
def test_lines_that_only_look_like_columns_stay_lines(lines: list[tuple[str, str]]) -> None:
    page = [
        Text(text, x, 100 + 15 * number)
        for number, pair in enumerate(lines)
        for text, x in zip(pair, (72, 250), strict=True)
    ]
    blocks = parsed("t.pdf", build_pdf([page])).blocks
    assert texts(blocks, BlockKind.TABLE) == []
    assert all(text in "\n".join(texts(blocks)) for pair in lines for text in pair)


def test_a_sign_and_its_amount_are_one_cell() -> None:
    rows = [("Year", "", "2023", "", "2024"), ("Sales", "$", "1,200", "$", "90"),
            ("Costs", "", "900", "", "(35)"), ("Profit", "$", "300", "$", "55")]  # fmt: skip
    page = [
        Text(cell, x, 100 + 15 * number)
        for number, row in enumerate(rows)
        for cell, x in zip(row, (72, 200, 240, 320, 360), strict=True)
    ]
    found = texts(parsed("t.pdf", build_pdf([page])).blocks, BlockKind.TABLE)
    assert [_cells(Block(BlockKind.TABLE, text))[1] for text in found] == [
        ["Sales", "$ 1,200", "$ 90"]
    ]


def _characters(found: Iterable[str]) -> Counter[str]:
    text = clean("\n".join(found))
    return Counter(c for c in text if not c.isspace() and c not in _MARKS)


@pytest.mark.parametrize("folder", ["pdf", "pdf_financebench"])
def test_tables_of_real_documents_lose_no_text(folder: str) -> None:
    if not (_DOCUMENTS / folder).is_dir():
        pytest.skip(f"no sample documents at {_DOCUMENTS / folder}")
    files = sorted((_DOCUMENTS / folder).glob("*.pdf"), key=lambda path: path.stat().st_size)
    all_characters = more = 0
    for path in files[: len(files) // 2]:
        pages = read_pdf(path.read_bytes(), filename=path.name).pages
        plain = read_lines([replace(page, rules=NO_RULES) for page in pages])
        for number, (page, lines) in enumerate(zip(pages, read_lines(pages), strict=True), start=1):
            before = _characters(line.text for line in plain[number - 1])
            tables = paragraphs(with_aligned_tables(lines, page.rules), page=number)
            after = _characters(paragraph.text for paragraph in tables)
            assert before <= after, f"{path.name}, page {number}: lost {before - after}"
            all_characters += before.total()
            more += (after - before).total()
    assert more <= _MORE * all_characters
