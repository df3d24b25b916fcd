"""Text in the cells of a table on a PDF page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ingest.parse.pdf_geometry import Box
from ingest.parse.pdf_text import Piece
from ingest.text import wrapped

_SAME_LINE = 0.5
"""Share of the smaller height by which pieces of one line overlap."""
_WORD_GAP = 0.15
_SLACK = 2.0
"""Points by which text reaches over the border of its cell."""


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table with the pieces of text that stand in it.

    Attributes
    ----------
    box
        Its outer edges.
    rows
        The text of its cells, as many in each row.
    members
        The pieces of the page that stand in it, by `id`.
    """

    box: Box
    rows: tuple[tuple[str, ...], ...]
    members: frozenset[int]

    def piece(self, size: float) -> Piece:
        """Return the piece that stands for the table among the others of the page."""
        left, top, right, bottom = self.box
        text = "\n".join(" ".join(filter(None, row)) for row in self.rows)
        return Piece(text, left, top, right, bottom, size, rows=self.rows)


def cut_at(piece: Piece, walls: Sequence[float]) -> list[Piece]:
    """Cut a piece at those gaps between its words in which a wall stands."""
    for gap in piece.gaps:
        if any(gap.left - _SLACK <= wall <= gap.right + _SLACK for wall in walls):
            first, second = cut_at_gap(piece, gap.place)
            return [first, *cut_at(second, walls)]
    return [piece]


def cut_at_gap(piece: Piece, place: int) -> tuple[Piece, Piece]:
    """Cut a piece at the gap before the character at `place`."""
    gap = next(gap for gap in piece.gaps if gap.place == place)
    later = tuple(
        other._replace(place=other.place - place) for other in piece.gaps if other.place > place
    )
    first = replace(
        piece,
        text=piece.text[:place].rstrip(),
        right=gap.left,
        gaps=tuple(other for other in piece.gaps if other.place < place),
    )
    return first, replace(piece, text=piece.text[place:], left=gap.right, gaps=later)


def lines_of(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """Group pieces to lines, top to bottom and left to right."""
    lines: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: (piece.top + piece.bottom) / 2):
        if lines and is_same_line(lines[-1][-1], piece):
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return [sorted(line, key=lambda piece: piece.left) for line in lines]


def is_same_line(first: Piece, second: Piece) -> bool:
    """Tell whether two pieces stand on one line; a table stands by itself."""
    if first.rows or second.rows:
        return False
    overlap = min(first.bottom, second.bottom) - max(first.top, second.top)
    height = min(first.bottom - first.top, second.bottom - second.top)
    return overlap > _SAME_LINE * height


def line_text(line: Sequence[Piece]) -> str:
    """Return the text of pieces on one line, with a space where there is a gap."""
    text = line[0].text
    for before, piece in pairwise(line):
        is_apart = piece.left - before.right > _WORD_GAP * piece.size
        text += f" {piece.text}" if is_apart else piece.text
    return text


def cell_text(pieces: Iterable[Piece]) -> str:
    """Return the text of a cell: its lines, joined as those of a paragraph are."""
    return wrapped([line_text(line) for line in lines_of(pieces)])
