import io
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest
import xlsxwriter

from ingest.errors import EmptyDocument
from ingest.parse.cells import shown
from ingest.records import ParsedDocument
from stores.records import BlockKind
from tests.ingest.builders import parsed, texts


def _parsed(workbook: openpyxl.Workbook) -> ParsedDocument:
    buffer = io.BytesIO()
    workbook.save(buffer)
    return parsed("book.xlsx", buffer.getvalue())


@pytest.fixture
def workbook() -> openpyxl.Workbook:
    return openpyxl.Workbook()


def test_a_sheet_is_a_page_under_its_name(workbook: openpyxl.Workbook) -> None:
    workbook.active.title = "差旅标准"
    workbook.active.append(["城市", "标准"])
    workbook.active.append(["北京", 500])
    other = workbook.create_sheet("Prices")
    other.append(["Item", "Price"])
    other.append(["Tea|Coffee", 3.5])
    blocks = _parsed(workbook).blocks
    assert [(b.kind, b.text, b.page, b.heading_path) for b in blocks] == [
        (BlockKind.HEADING, "差旅标准", 1, ()),
        (BlockKind.TABLE, "| 城市 | 标准 |\n|---|---|\n| 北京 | 500 |", 1, ("差旅标准",)),
        (BlockKind.HEADING, "Prices", 2, ()),
        (
            BlockKind.TABLE,
            "| Item | Price |\n|---|---|\n| Tea\\|Coffee | 3.5 |",
            2,
            ("Prices",),
        ),
    ]


def test_empty_rows_and_columns_are_cut_and_captions_parted(workbook: openpyxl.Workbook) -> None:
    sheet = workbook.active
    sheet["B2"] = "2024 年住宿标准"
    for row, cells in enumerate(
        (("城市", None, "元"), ("北京", None, 500), ("上海", None, 480)), 4
    ):
        for column, value in enumerate(cells, 2):
            sheet.cell(row, column, value)
    assert texts(_parsed(workbook).blocks)[1:] == [
        "2024 年住宿标准",
        "| 城市 | 元 |\n|---|---|\n| 北京 | 500 |\n| 上海 | 480 |",
    ]


def test_tables_know_the_rows_of_their_sheet(workbook: openpyxl.Workbook) -> None:
    sheet = workbook.active
    rows: dict[int, list[object]] = {
        2: ["Prices"], 4: ["a", "b"], 5: [1, 2], 7: [3, " "], 9: ["x", "y"]
    }  # fmt: skip
    for row, cells in rows.items():
        for column, value in enumerate(cells, 1):
            sheet.cell(row, column, value)
    sheet.cell(10, 1, " ")
    sheet.cell(11, 1, 5)
    tables = [block for block in _parsed(workbook).blocks if block.kind is BlockKind.TABLE]
    assert [table.rows for table in tables] == [(4, 5, 7), (9, 11)]
    assert [table.text.count("\n") for table in tables] == [3, 2]


def test_tables_below_each_other_are_two_and_a_gap_in_one_is_none(
    workbook: openpyxl.Workbook,
) -> None:
    for row in (["a", "b"], [1, 2], [None, None], [3, 4], [None], ["x", "y", "z"], [5, 6, 7]):
        workbook.active.append(row)
    assert texts(_parsed(workbook).blocks, BlockKind.TABLE) == [
        "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |",
        "| x | y | z |\n|---|---|---|\n| 5 | 6 | 7 |",
    ]


def test_merged_cells_repeat(workbook: openpyxl.Workbook) -> None:
    sheet = workbook.active
    for row in (["部门", "2023", None], [None, "收入", "成本"], ["研发", 1, 2], [None, 3, 4]):
        sheet.append(row)
    for merged in ("A1:A2", "B1:C1", "A3:A4"):
        sheet.merge_cells(merged)
    assert texts(_parsed(workbook).blocks, BlockKind.TABLE) == [
        "| 部门 | 2023 | 2023 |\n|---|---|---|\n| 部门 | 收入 | 成本 |\n"
        "| 研发 | 1 | 2 |\n| 研发 | 3 | 4 |"
    ]


def test_text_boxes_and_titles_of_charts_follow_the_cells() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet("Plan")
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write_row(1, 0, [1, 2])
        sheet.insert_textbox("D2", "审批后生效\nValid once approved")
        chart = workbook.add_chart({"type": "column"})
        chart.add_series({"values": "=Plan!$A$2:$B$2"})
        chart.set_title({"name": "Sales 2025"})
        sheet.insert_chart("D9", chart)
        workbook.add_worksheet("Only a box").insert_textbox("A1", "Alone")
    blocks = parsed("book.xlsx", buffer.getvalue()).blocks
    assert [(b.text, b.page) for b in blocks if b.kind is BlockKind.TEXT] == [
        ("审批后生效\nValid once approved", 1),
        ("Sales 2025", 1),
        ("Alone", 2),
    ]


def test_hidden_sheets_are_left_out_but_counted(workbook: openpyxl.Workbook) -> None:
    workbook.active.append(["secret"])
    workbook.active.sheet_state = "hidden"
    workbook.create_sheet("open").append(["seen", "too"])
    assert {block.page for block in _parsed(workbook).blocks} == {2}


def test_an_empty_workbook_is_empty(workbook: openpyxl.Workbook) -> None:
    with pytest.raises(EmptyDocument):
        _parsed(workbook)


@pytest.mark.parametrize(
    ("value", "number_format", "expected"),
    [
        (None, "General", ""),
        ("文字", "@", "文字"),
        (True, "General", "TRUE"),
        (5, "General", "5"),
        (5.0, "General", "5"),
        (0.1 + 0.2, "General", "0.3"),
        (1234567.891, "#,##0.00", "1,234,567.89"),
        (-1234, "#,##0;(#,##0)", "-1,234"),
        (0.1234, "0.00%", "12.34%"),
        (-0.5, "0%", "-50%"),
        (1234.5, '"¥"#,##0.00', "¥1,234.50"),
        (5, "¥#,##0.00;[Red]¥-#,##0.00", "¥5.00"),
        (99, "[$€-407] 0", "€99"),
        (12, '0"个"', "12个"),
        (7, "000", "007"),
        (0.5, "# ?/?", "0.5"),
        (12345, "0.00E+00", "12345"),
        (1234567, '_(* #,##0_);_(* \\(#,##0\\);_(* "-"??_);_(@_)', "1,234,567"),
        (datetime(2024, 1, 31), "yyyy-mm-dd", "2024-01-31"),
        (datetime(2024, 1, 31, 9, 5), "General", "2024-01-31 09:05"),
        (date(2024, 1, 31), None, "2024-01-31"),
        (time(9, 5), None, "09:05"),
        (datetime(2024, 1, 31), "yyyy\\-mm\\-dd\\ h:mm:ss", "2024-01-31 00:00:00"),
        (datetime(2024, 1, 31, 9, 5), 'yyyy"年"m"月"d"日"', "2024-01-31"),
        (datetime(2024, 1, 31), "mmm-yy", "2024-01"),
        (datetime(2024, 1, 31), "yyyy", "2024"),
        (datetime(2024, 1, 31), "[$-409]dddd, mmmm d", "2024-01-31"),
        (datetime(2024, 1, 31, 21, 5, 7), "h:mm:ss AM/PM", "2024-01-31 21:05:07"),
        (time(9, 5, 7), "h:mm:ss", "09:05:07"),
        (timedelta(hours=30), "[h]:mm", "30:00"),
        (timedelta(seconds=-90), "[m]:ss", "-00:01:30"),
    ],
)
def test_values_are_shown_as_a_person_sees_them(
    value: object, number_format: str | None, expected: str
) -> None:
    assert shown(value, number_format) == expected
