"""CSV and TSV: one table, with the delimiter found out."""

import csv
from collections import Counter
from itertools import islice

from ingest.errors import UnreadableFile
from ingest.parse.builder import BlockBuilder
from ingest.parse.decode import decode
from ingest.parse.sheet_tables import add_table, numbered
from ingest.records import ParsedDocument

_DELIMITERS = (",", "\t", ";", "|", "，")
_SAMPLE_ROWS = 50


def parse_csv(data: bytes, filename: str) -> ParsedDocument:
    """Parse comma, tab, semicolon or pipe separated text; its first row is the header.

    Rows have the numbers that a spreadsheet gives them: one for each record, also of several lines.
    """
    text = decode(data, filename=filename)
    declared = text[:6].strip() if text.lower().startswith("sep=") else ""
    if declared:  # Excel's own way to name the delimiter, in a line of its own
        text = text.partition("\n")[2]
    delimiter = declared[4:5] or _find_delimiter(text)
    try:
        rows = list(csv.reader(text.splitlines(keepends=True), delimiter=delimiter))
    except csv.Error as error:
        raise UnreadableFile(f"{filename}: is not a readable table ({error})") from error
    builder = BlockBuilder()
    builder.look_through(text)
    add_table(numbered(rows), builder)
    media_type = "text/tab-separated-values" if delimiter == "\t" else "text/csv"
    return builder.build(title="", filename=filename, media_type=media_type)


def _find_delimiter(text: str) -> str:
    """Return the delimiter that gives most rows the same number of cells, two at least."""
    lines = list(islice(text.splitlines(keepends=True), _SAMPLE_ROWS))
    return max(_DELIMITERS, key=lambda delimiter: _agreement(lines, delimiter))


def _agreement(lines: list[str], delimiter: str) -> tuple[int, int]:
    try:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
    except csv.Error:
        return (0, 0)
    return max(((rows, width) for width, rows in widths.items() if width > 1), default=(0, 0))
