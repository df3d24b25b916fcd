"""Tables whose rows and columns are drawn: text by the cell that it stands in."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from ingest.parse.pdf_cells import cell_text, lines_of
from ingest.parse.pdf_grids import RuledArea
from ingest.parse.pdf_text import Piece

_SLACK = 2.0
_FAR = 1.5
"""Gap in text sizes from which on words, or lines, in a merged cell are of cells of their own."""
_MIN_LINES = 3
_MIN_REGULAR = 0.8
_WRAPPED = 0.7
"""Share of a column that most lines of wrapped text fill."""

_Place = tuple[int, int]


def ruled_rows(area: RuledArea, pieces: Sequence[Piece]) -> list[list[str]]:
    """Return the text of the cells of a drawn grid.

    A merged cell's text stands in its first place. A row that holds several lines across its
    columns, because only the columns are drawn, is as many rows.
    """
    cells = _place(area, pieces)
    rows: list[list[str]] = []
    for row in range(len(area.rows) - 1):
        of_row = [cells[row, column] for column in range(len(area.columns) - 1)]
        rows += _split_row(of_row, area.columns) or [[cell_text(cell) for cell in of_row]]
    return rows


def _place(area: RuledArea, pieces: Sequence[Piece]) -> defaultdict[_Place, list[Piece]]:
    """Return the pieces of each cell, by row and column from 0."""
    merged: defaultdict[_Place, list[tuple[_Place, Piece]]] = defaultdict(list)
    for piece in pieces:
        place = _place_of(area, piece)
        merged[_first(area, place)].append((place, piece))
    cells: defaultdict[_Place, list[Piece]] = defaultdict(list)
    for first, members in merged.items():
        is_one = _is_one([piece for _, piece in members])
        for place, piece in members:
            cells[first if is_one else place].append(piece)
    return cells


def _place_of(area: RuledArea, piece: Piece) -> _Place:
    """Return row and column by the piece's centre; text that is too wide begins in its cell."""
    y = (piece.top + piece.bottom) / 2
    inner = area.columns[1:-1]
    is_wide = any(
        piece.left + _SLACK < wall < piece.right - _SLACK and area.has_wall(wall, y)
        for wall in inner
    )
    x = piece.left + _SLACK if is_wide else (piece.left + piece.right) / 2
    return sum(y > floor for floor in area.rows[1:-1]), sum(x > wall for wall in inner)


def _first(area: RuledArea, place: _Place) -> _Place:
    """Return the upper left place of the merged cell that covers a place."""
    row, column = place
    rows, columns = area.rows, area.columns
    while column and not area.has_wall(columns[column], (rows[row] + rows[row + 1]) / 2):
        column -= 1
    while row and not area.has_floor(rows[row], (columns[column] + columns[column + 1]) / 2):
        row -= 1
    return row, column


def _is_one(pieces: list[Piece]) -> bool:
    """Tell the text of one merged cell from that of cells whose borders are not drawn."""
    lines = lines_of(pieces)
    beside = (pair for line in lines for pair in pairwise(line))
    below = pairwise(lines)
    return all(after.left - before.right <= _FAR * after.size for before, after in beside) and all(
        after[0].top - before[0].bottom <= _FAR * after[0].size for before, after in below
    )


def _split_row(cells: list[list[Piece]], columns: list[float]) -> list[list[str]]:
    """Return the rows of a band in which only the columns are drawn, none if it is one row."""
    lines = lines_of(piece for cell in cells for piece in cell)
    homes = {id(piece): column for column, cell in enumerate(cells) for piece in cell}
    filled = [{homes[id(piece)] for piece in line} for line in lines]
    regular = sum(len(line) > 1 for line in filled)
    if len(lines) < _MIN_LINES or regular < _MIN_REGULAR * len(lines):
        return []
    if any(_is_wrapped(*column) for column in zip(cells, pairwise(columns), strict=True)):
        return []
    return [
        [
            cell_text(piece for piece in line if homes[id(piece)] == column)
            for column in range(len(cells))
        ]
        for line in lines
    ]


def _is_wrapped(cell: list[Piece], edges: tuple[float, float]) -> bool:
    widths = [line[-1].right - line[0].left for line in lines_of(cell)]
    return len(widths) > 1 and median(widths) > _WRAPPED * (edges[1] - edges[0])
