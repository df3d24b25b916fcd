"""Tables with merged cells in each office format: what is drawn is known, so truth is by layout.

Every table is drawn at random by a seed, written with the library of the format, read by our
parser, and compared cell by cell: a merged cell's text belongs in each place that it covers.
"""

import io
import random
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

import docx
import openpyxl
import pptx
import pytest
from pptx.util import Inches

from stores.records import BlockKind
from tests.ingest.builders import parsed, texts

_LEAST_RIGHT = 0.95
_TABLES = 12
_ROWS, _COLUMNS = 7, 5


@dataclass(frozen=True, slots=True)
class _Merged:
    """A cell with its text at its upper left place; rows and columns are 0-based."""

    row: int
    column: int
    rows: int
    columns: int
    text: str


def _drawn(seed: int) -> list[_Merged]:
    """Draw a table that has a header, merged cells inside, and none as wide as the table."""
    chance = random.Random(seed)
    taken: set[tuple[int, int]] = set()
    cells: list[_Merged] = []
    for row in range(_ROWS):
        for column in range(_COLUMNS):
            if (row, column) in taken:
                continue
            rows, columns = chance.choice([(1, 1)] * 6 + [(2, 1), (3, 1), (1, 2), (2, 2)])
            rows, columns = min(rows, _ROWS - row), min(columns, _COLUMNS - column)
            places = {(row + r, column + c) for r in range(rows) for c in range(columns)}
            if row == 0 or places & taken:
                rows = columns = 1
                places = {(row, column)}
            taken |= places
            cells.append(_Merged(row, column, rows, columns, f"第{seed}值{row}|{column}"))
    return cells


def _truth(cells: list[_Merged]) -> list[list[str]]:
    grid = [[""] * _COLUMNS for _ in range(_ROWS)]
    for cell in cells:
        for row in range(cell.row, cell.row + cell.rows):
            for column in range(cell.column, cell.column + cell.columns):
                grid[row][column] = cell.text
    return grid


def _xlsx(cells: list[_Merged]) -> bytes:
    workbook, buffer = openpyxl.Workbook(), io.BytesIO()
    sheet = workbook.active
    for cell in cells:
        sheet.cell(cell.row + 1, cell.column + 1, cell.text)
        if cell.rows * cell.columns > 1:
            sheet.merge_cells(
                start_row=cell.row + 1,
                end_row=cell.row + cell.rows,
                start_column=cell.column + 1,
                end_column=cell.column + cell.columns,
            )
    workbook.save(buffer)
    return buffer.getvalue()


def _docx(cells: list[_Merged]) -> bytes:
    document, buffer = docx.Document(), io.BytesIO()
    table = document.add_table(_ROWS, _COLUMNS)
    for cell in cells:
        last = table.cell(cell.row + cell.rows - 1, cell.column + cell.columns - 1)
        table.cell(cell.row, cell.column).merge(last).text = cell.text
    document.save(buffer)
    return buffer.getvalue()


def _pptx(cells: list[_Merged]) -> bytes:
    presentation, buffer = pptx.Presentation(), io.BytesIO()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    place = (Inches(0), Inches(0), Inches(9), Inches(5))
    table = slide.shapes.add_table(_ROWS, _COLUMNS, *place).table
    for cell in cells:
        first = table.cell(cell.row, cell.column)
        first.text = cell.text
        if cell.rows * cell.columns > 1:
            first.merge(table.cell(cell.row + cell.rows - 1, cell.column + cell.columns - 1))
    presentation.save(buffer)
    return buffer.getvalue()


def _html(cells: list[_Merged]) -> bytes:
    rows = [
        "".join(
            f'<td rowspan="{c.rows}" colspan="{c.columns}">{escape(c.text)}</td>'
            for c in cells
            if c.row == row
        )
        for row in range(_ROWS)
    ]
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>".encode()


@pytest.mark.parametrize(
    ("name", "write"),
    [("a.xlsx", _xlsx), ("a.docx", _docx), ("a.pptx", _pptx), ("a.html", _html)],
)
def test_merged_cells_stand_in_their_rows_and_columns(
    name: str, write: Callable[[list[_Merged]], bytes]
) -> None:
    right = total = 0
    for seed in range(_TABLES):
        cells = _drawn(seed)
        (table,) = texts(parsed(name, write(cells)).blocks, BlockKind.TABLE)
        header, _, *body = table.split("\n")
        read = [
            [text.strip() for text in line.strip("| ").replace("\\|", "\0").split("|")]
            for line in (header, *body)
        ]
        for row, truth in enumerate(_truth(cells)):
            for column, text in enumerate(truth):
                total += 1
                found = read[row] if row < len(read) else []
                right += column < len(found) and found[column].replace("\0", "|") == text
    assert total == _TABLES * _ROWS * _COLUMNS
    assert right / total >= _LEAST_RIGHT, f"{right} of {total} cells are in their places"
