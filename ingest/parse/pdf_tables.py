"""Tables on the pages of PDF files: where they are, and the text of their cells."""

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from ingest.parse.pdf_cells import FoundTable, cut_at, lines_of
from ingest.parse.pdf_columns import gutters, is_marked_list, is_parted, words_of
from ingest.parse.pdf_geometry import Box
from ingest.parse.pdf_grids import RuledArea, ruled_areas
from ingest.parse.pdf_ruled import ruled_rows
from ingest.parse.pdf_rules import Rules
from ingest.parse.pdf_text import Piece
from ingest.parse.tables import without_empty

_LEAST = 2
"""Rows, and columns, that a table has at least."""
_MIN_FILLED = 0.2
"""Share of the cells that hold text; a chart's grid holds less."""
_MAX_CELL = 300
"""Mean length of a cell's text from which on rules only lay out the page."""

_CURRENCY = re.compile(r"[$€£¥￥]|US\$|HK\$|RMB")
_PERCENT = re.compile(r"\)?[%％)]")

_Lines = Sequence[Sequence[Piece]]


def with_ruled_tables(lines: _Lines, rules: Rules) -> list[list[Piece]]:
    """Return the lines of a page; each drawn table is one piece, in the place of its first.

    Where rules part only the rows of a table, its pieces are put into lines across the columns:
    many programs write a cell with all its lines after the other.
    """
    found = [list(line) for line in lines]
    for area in ruled_areas(rules):
        inside = [piece for line in found for piece in line if _is_inside(piece, area.box)]
        table = _ruled_table(area, inside)
        if table is not None:
            piece = table.piece(median(piece.size for piece in inside))
            found = _replaced(found, [[piece]], table.members)
        elif _has_columns(rows := lines_of(inside)):
            found = _replaced(found, rows, frozenset(map(id, inside)))
    return found


def _is_inside(piece: Piece, box: Box) -> bool:
    left, top, right, bottom = box
    x, y = (piece.left + piece.right) / 2, (piece.top + piece.bottom) / 2
    return left < x < right and top < y < bottom


def _ruled_table(area: RuledArea, inside: list[Piece]) -> FoundTable | None:
    if not inside or not area.is_grid() or any(piece.rows for piece in inside):
        return None
    cut = [part for piece in inside for part in cut_at(piece, area.columns[1:-1])]
    return _table(area.box, ruled_rows(area, cut), inside)


def _table(box: Box, rows: list[list[str]], inside: list[Piece]) -> FoundTable | None:
    """Return a table unless it is too small, too empty or too full to be one."""
    kept = without_empty(rows)
    if len(kept) < _LEAST or len(kept[0]) < _LEAST:
        return None
    texts = [cell for row in kept for cell in row if cell]
    if len(texts) < _MIN_FILLED * len(kept) * len(kept[0]):
        return None
    if sum(map(len, texts)) > _MAX_CELL * len(texts):
        return None
    if (
        _has_lone_signs(kept)
        or _has_halves(kept)
        or is_marked_list([row[0] for row in kept], columns=len(kept[0]))
    ):
        return None
    return FoundTable(box, tuple(map(tuple, kept)), frozenset(map(id, inside)))


def _has_columns(rows: _Lines) -> bool:
    several = [words for row in rows if is_parted(words := words_of(row))]
    return len(several) > _LEAST and bool(gutters(several))


def _replaced(
    lines: _Lines, by: Sequence[list[Piece]], members: frozenset[int]
) -> list[list[Piece]]:
    """Return the lines with others in the place of the first of those pieces."""
    replaced: list[list[Piece]] = []
    is_placed = False
    for line in lines:
        rest = [piece for piece in line if id(piece) not in members]
        if len(rest) < len(line) and not is_placed:
            replaced += by
            is_placed = True
        if rest:
            replaced.append(rest)
    return replaced


def _has_lone_signs(rows: list[list[str]]) -> bool:
    """Tell boxes for looks alone from cells: in these a sign and its amount are one cell."""
    return any(
        (_CURRENCY.fullmatch(cell) and after[:1] in "(-–—0123456789" and after)
        or (_PERCENT.fullmatch(after) and cell[-1:].isdigit())
        for row in rows
        for cell, after in pairwise(row)
    )


def _has_halves(rows: list[list[str]]) -> bool:
    """Tell two columns that no row fills both: boxes that cut one column, for looks alone."""
    columns = [[bool(cell) for cell in column] for column in zip(*rows, strict=True)]
    return any(
        min(sum(first), sum(second)) > 1 and not any(map(bool.__and__, first, second))
        for first, second in pairwise(columns)
    )
