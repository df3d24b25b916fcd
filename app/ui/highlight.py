"""Showing the blocks of a document with a quote marked in them, as Markdown."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.ui.markup import escape, escape_piece, join_lines

Interval = tuple[int, int]
"""Offsets of a marked piece within a block's text: start, and end exclusive."""

_RULE_ROW = re.compile(r"^[\s|:-]*-[\s|:-]*$")
_ROWS_SHOWN = 40
_ROWS_AROUND = 3


class Span(Protocol):
    """A piece of a block: `text[start:end]` of the block with ordinal `block`."""

    @property
    def block(self) -> int:
        """0-based ordinal of the block."""

    @property
    def start(self) -> int:
        """Offset of the first character."""

    @property
    def end(self) -> int:
        """Offset after the last character."""


@dataclass(frozen=True, slots=True)
class Row:
    """A table row: its cells with their offsets in the block's text."""

    cells: tuple[tuple[int, str], ...]
    marked: bool


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a table that are shown; `left_out` counts those that are not."""

    header: Row
    rows: tuple[Row, ...]
    left_out: int


def intervals(spans: Iterable[Span], ordinal: int) -> list[Interval]:
    """Return the marked pieces of one block, ascending, overlapping ones joined."""
    merged: list[Interval] = []
    for start, end in sorted((s.start, s.end) for s in spans if s.block == ordinal):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif end > start:
            merged.append((start, end))
    return merged


def mark(text: str, marked: Sequence[Interval], *, offset: int = 0) -> str:
    """Return Markdown of one line, literal, its marked pieces with a coloured background.

    `offset` is where the line begins in the text that `marked` counts in.
    """
    pieces: list[str] = []
    position = 0
    for start, end in marked:
        first, last = max(start - offset, position), min(end - offset, len(text))
        if first >= last:
            continue
        pieces.append(escape_piece(text[position:first]))
        pieces.append(_coloured(text[first:last]))
        position = last
    pieces.append(escape_piece(text[position:]))
    return "".join(pieces).strip()


def _coloured(text: str) -> str:
    shown = escape_piece(text)
    inner = shown.strip()
    return shown.replace(inner, f":orange-background[{inner}]", 1) if inner else shown


def mark_lines(text: str, marked: Sequence[Interval]) -> str:
    """Return Markdown of a block, line by line: colours cannot run over a line break."""
    lines: list[str] = []
    offset = 0
    for line in text.split("\n"):
        lines.append(mark(line, marked, offset=offset))
        offset += len(line) + 1
    return join_lines(lines)


def parse_table(text: str, marked: Sequence[Interval]) -> Table:
    """Read a GitHub-flavoured table; of a long one, keep the rows at the marked ones."""
    rows: list[Row] = []
    offset = 0
    for line in text.split("\n"):
        if line.strip() and not _RULE_ROW.match(line):
            rows.append(_parse_row(line, offset, marked))
        offset += len(line) + 1
    header, body = rows[0], rows[1:]
    kept = _rows_to_show(body)
    return Table(header, tuple(body[index] for index in kept), len(body) - len(kept))


def _parse_row(line: str, offset: int, marked: Sequence[Interval]) -> Row:
    inner_start = len(line) - len(line.lstrip(" |"))
    cells = []
    position = 0
    for piece in re.split(r"(?<!\\)\|", line):
        cells.append((offset + position, piece))
        position += len(piece) + 1
    if line.lstrip().startswith("|"):
        cells = cells[1:]
    if line.rstrip().endswith("|"):
        cells = cells[:-1]
    hit = any(
        start < offset + len(line.rstrip()) and end > offset + inner_start for start, end in marked
    )
    return Row(tuple(cells), hit)


def _rows_to_show(rows: Sequence[Row]) -> list[int]:
    if len(rows) <= _ROWS_SHOWN:
        return list(range(len(rows)))
    hits = [index for index, row in enumerate(rows) if row.marked]
    if not hits:
        return list(range(_ROWS_SHOWN))
    near = {
        index
        for hit in hits[:_ROWS_SHOWN]
        for index in range(hit - _ROWS_AROUND, hit + _ROWS_AROUND + 1)
    }
    return sorted(index for index in near if 0 <= index < len(rows))


def table_markdown(table: Table, marked: Sequence[Interval]) -> str:
    """Return a Markdown table whose cells show their text literally."""
    width = max(len(row.cells) for row in (table.header, *table.rows))
    header = _row_markdown(table.header, marked, width)
    rule = "|" + " --- |" * width
    return "\n".join([header, rule, *(_row_markdown(row, marked, width) for row in table.rows)])


def _row_markdown(row: Row, marked: Sequence[Interval], width: int) -> str:
    cells = [_cell_markdown(text, marked, offset) for offset, text in row.cells]
    return "| " + " | ".join(cells + [""] * (width - len(cells))) + " |"


def _cell_markdown(text: str, marked: Sequence[Interval], offset: int) -> str:
    if "\\|" not in text:
        return mark(text, marked, offset=offset)
    shown = escape(text.replace("\\|", "|"))
    touched = any(start < offset + len(text) and end > offset for start, end in marked)
    return f":orange-background[{shown}]" if touched and shown else shown
