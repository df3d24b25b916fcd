"""Tables of sheets and delimited files, whose rows have numbers that a citation can name."""

from collections.abc import Sequence

from ingest.parse.builder import BlockBuilder
from ingest.parse.tables import markdown_table, split_captions
from ingest.text import clean_line
from stores.records import BlockKind

NumberedRow = tuple[int, list[str]]
"""A row behind its 1-based number in the sheet."""


def numbered(rows: Sequence[list[str]]) -> list[NumberedRow]:
    """Return rows with their numbers; those in which nothing is seen are left out."""
    return [(n, row) for n, row in enumerate(rows, start=1) if any(map(clean_line, row))]


def add_table(
    rows: Sequence[NumberedRow], builder: BlockBuilder, *, page: int | None = None
) -> None:
    """Add the captions above a table, and the table."""
    captions, table = split_captions([row for _, row in rows])
    builder.add(BlockKind.TEXT, "\n".join(captions), page=page)
    numbers = tuple(number for number, _ in rows[len(captions) :])
    builder.add(BlockKind.TABLE, markdown_table(table), page=page, rows=numbers)
