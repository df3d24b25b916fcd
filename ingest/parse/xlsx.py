"""XLSX: a sheet is a page, its name a heading, each block of rows a table; text boxes."""

import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from ingest.errors import UnreadableFile
from ingest.parse.builder import BlockBuilder
from ingest.parse.cells import shown
from ingest.parse.package import transitional
from ingest.parse.properties import office_properties
from ingest.parse.sheet_tables import NumberedRow, add_table, numbered
from ingest.parse.xlsx_drawings import drawing_texts
from ingest.records import ParsedDocument
from stores.records import BlockKind

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MERGED = re.compile(
    rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"'
)
_MAX_MERGED_CELLS = 10_000
_LETTERS = 26

Row = list[str]


def parse_xlsx(data: bytes, filename: str) -> ParsedDocument:
    """Parse a workbook as it was last calculated. Hidden sheets and comments are left out."""
    try:
        package_data = transitional(data)
        workbook = load_workbook(BytesIO(package_data), read_only=True, data_only=True)
    except (InvalidFileException, KeyError, ValueError, SyntaxError, BadZipFile) as error:
        raise UnreadableFile(
            f"{filename}: is no complete workbook; open it in Excel and save it as .xlsx again"
        ) from error
    builder = BlockBuilder()
    worksheets = {sheet.title: sheet for sheet in workbook.worksheets}
    with ZipFile(BytesIO(package_data)) as package:
        for page, name in enumerate(workbook.sheetnames, start=1):
            sheet = worksheets.get(name)
            if sheet is not None and sheet.sheet_state == "visible":
                _add_sheet(sheet, package, builder, page=page)
    title = workbook.properties.title or ""
    return builder.build(
        title=title,
        filename=filename,
        media_type=MEDIA_TYPE,
        properties=office_properties(data),
    )


def _add_sheet(
    sheet: "ReadOnlyWorksheet", package: ZipFile, builder: BlockBuilder, *, page: int
) -> None:
    rows = _read_rows(sheet, package)
    drawn = [text for text in drawing_texts(package, sheet._worksheet_path) if text]
    builder.look_through("\n".join([*("\t".join(row) for row in rows), *drawn]))
    if not any(map(any, rows)) and not drawn:
        return
    builder.leave_headings()
    builder.heading(sheet.title, level=1, page=page)
    for region in _regions(numbered(rows)):
        add_table(region, builder, page=page)
    for text in drawn:
        builder.add(BlockKind.TEXT, text, page=page)


def _read_rows(sheet: "ReadOnlyWorksheet", package: ZipFile) -> list[Row]:
    sheet.reset_dimensions()  # some programs state a wrong range, and rows would be missing
    rows = [[shown(cell.value, cell.number_format) for cell in row] for row in sheet.iter_rows()]
    _repeat_merged(rows, package.read(sheet._worksheet_path))
    return rows


def _repeat_merged(rows: list[Row], xml: bytes) -> None:
    """Repeat the text of merged cells, as in every format.

    openpyxl does not tell of them when it reads a stream, so they come from the sheet's XML. A cell
    over several columns that stands alone in its row is a caption, and stands once.
    """
    for match in _MERGED.finditer(xml):
        left, right = _column(match[1]), _column(match[3])
        top, bottom = int(match[2]) - 1, min(int(match[4]), len(rows))
        if (right - left + 1) * (bottom - top) > _MAX_MERGED_CELLS or top >= len(rows):
            continue
        text = rows[top][left] if left < len(rows[top]) else ""
        others = [cell for column, cell in enumerate(rows[top]) if column != left and cell]
        if text and (others or right == left):
            _fill(rows[top:bottom], text, columns=range(left, right + 1))


def _fill(rows: Sequence[Row], text: str, *, columns: range) -> None:
    for row in rows:
        row.extend([""] * (columns.stop - len(row)))
        for column in columns:
            row[column] = text


def _column(letters: bytes) -> int:
    """Return the 0-based number of a column: A is 0, AA is 26."""
    number = 0
    for letter in letters:
        number = number * _LETTERS + letter - ord("A") + 1
    return number - 1


def _regions(rows: Sequence[NumberedRow]) -> Iterator[list[NumberedRow]]:
    """Yield the tables of a sheet: an empty row ends one if the next row looks like a header."""
    region: list[NumberedRow] = []
    for number, row in rows:
        has_gap = bool(region) and number > region[-1][0] + 1
        if has_gap and _begins_table(row, [cells for _, cells in region]):
            yield region
            region = []
        region.append((number, row))
    if region:
        yield region


def _begins_table(row: Row, before: Sequence[Row]) -> bool:
    """Tell a header or caption after an empty row from rows that go on."""
    used = [column for column, cell in enumerate(row) if cell]
    is_text = not any(_is_number(row[column]) for column in used)
    header_used = [column for column, cell in enumerate(before[0]) if cell]
    is_like_rows = (
        len(before) > 1
        and any(_is_number(cell) for cell in before[-1]) is not is_text
        and used == header_used
    )
    return is_text and not is_like_rows


def _is_number(text: str) -> bool:
    return any(character.isdigit() for character in text) and not any(
        character.isalpha() for character in text
    )
