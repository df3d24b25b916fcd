"""Reading order: the lines of a page, column by column, without running headers."""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from ingest.parse.pdf_cells import is_same_line, lines_of
from ingest.parse.pdf_tables import with_ruled_tables
from ingest.parse.pdf_text import PdfPage, Piece
from ingest.text import is_wide

_CELL_GAP = 1.5
_WORD_GAP = 0.15
_MIN_COLUMN_PIECES = 6
_MIN_GUTTER = 0.7
"""Width of the gap between columns, in text sizes."""
_MAX_CROSSING = 0.5
_MIN_FILL = 0.4
"""Share of a column's width that its lines fill; the cells of a table fill less."""
_MAX_SCATTERED = 0.5
_MARGIN = 0.1
"""Share of the page's height in which headers and footers stand."""
_REPEATED = 0.4
"""Share of the pages from which on a line is a running one; odd and even pages may differ."""
_MIN_REPEATS = 3
_PAGE_NUMBER = re.compile(
    r"[-–—\s]*(?:\d{1,4}|[ivxlc]{1,6}|(?:page|p\.)\s*\d{1,4}|第\s*\d{1,4}\s*页)"
    r"(?:\s*(?:/|of|，|,)?\s*共?\s*\d{1,4}\s*页?)?[-–—\s]*",
    re.IGNORECASE,
)
_CONTENTS_LINE = re.compile(r"(?:(?:\.\s?){3,}|…{2,}|·{4,})\s*(\d{1,4})$")
_MIN_CONTENTS = 5
_LETTER_SPACED = 0.8
_MIN_RISING = 0.8


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a column. `cells` is 1 for prose, more where wide gaps make it a table's row."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    cells: int
    column: tuple[float, float]
    """Left and right edge of the column that it stands in."""
    rows: tuple[tuple[str, ...], ...] = ()
    """The cells of a table, where this is one."""
    pieces: tuple[Piece, ...] = ()
    """What it is made of, from left to right."""


def read_lines(pages: Sequence[PdfPage]) -> list[list[Line]]:
    """Return the lines of each page in reading order, running headers and footers left out."""
    lines = [_without_contents(_page_lines(page), pages=len(pages)) for page in pages]
    repeated = _running_keys(pages, lines)
    return [
        [line for line in of_page if not (_in_margin(line, page) and _is_running(line, repeated))]
        for page, of_page in zip(pages, lines, strict=True)
    ]


def _is_running(line: Line, repeated: set[str]) -> bool:
    return _PAGE_NUMBER.fullmatch(line.text) is not None or _key(line) in repeated


def _page_lines(page: PdfPage) -> list[Line]:
    found = with_ruled_tables(_without_stamps(page.lines), page.rules)
    pieces = [piece for line in found for piece in line]
    columns = _columns(pieces)
    if len(columns) > 1:
        return [line for column in columns for line in _to_lines(lines_of(column))]
    rows = lines_of(pieces)
    if _scattered(rows, pieces) > _MAX_SCATTERED:
        return _to_lines(rows)
    return _to_lines(_merge_neighbours(found))  # the file's own order keeps boxes together


def _scattered(rows: list[list[Piece]], pieces: list[Piece]) -> float:
    """Return the share of pieces whose neighbours on the page are elsewhere in the file.

    Programs that write tables column by column leave most of them so.
    """
    order = {id(piece): position for position, piece in enumerate(pieces)}
    torn = sum(
        len(row)
        for row in rows
        if any(order[id(after)] - order[id(before)] != 1 for before, after in pairwise(row))
    )
    return torn / len(pieces) if pieces else 0.0


def _without_stamps(lines: Sequence[Sequence[Piece]]) -> list[list[Piece]]:
    """Leave out text that runs in another direction, unless it is most of the page."""
    level = [[piece for piece in line if piece.is_level] for line in lines]
    count = sum(map(len, level))
    if count <= sum(map(len, lines)) / 2:
        return [list(line) for line in lines]
    return [line for line in level if line]


def _columns(pieces: list[Piece]) -> list[list[Piece]]:
    """Part pieces into columns in reading order, by the gap that fewest of them cross.

    Pieces that cross it, such as a title over two columns, part the columns into bands.
    """
    gutter = _find_gutter(pieces)
    if gutter is None:
        return [pieces]
    parts: list[list[Piece]] = []
    left: list[Piece] = []
    right: list[Piece] = []
    across: list[Piece] = []
    for piece in sorted(pieces, key=lambda piece: piece.top):
        if piece.left < gutter < piece.right:
            parts += [part for part in (left, right) if part]
            left, right = [], []
            across.append(piece)
            continue
        if across:
            parts.append(across)
            across = []
        (left if piece.right <= gutter else right).append(piece)
    parts += [part for part in (across, left, right) if part]
    return [column for part in parts for column in _inner_columns(part, pieces)]


def _inner_columns(part: list[Piece], whole: list[Piece]) -> list[list[Piece]]:
    return _columns(part) if len(part) < len(whole) else [part]


def _find_gutter(pieces: list[Piece]) -> float | None:
    """Return the middle of the gap between two columns of prose, None if there is none."""
    if len(pieces) < 2 * _MIN_COLUMN_PIECES:
        return None
    lefts = sorted(piece.left for piece in pieces)
    rights = sorted(piece.right for piece in pieces)
    width = _MIN_GUTTER * median(piece.size for piece in pieces)
    best: tuple[float, float] | None = None
    for edge in sorted({round(right, 1) + 0.1 for right in rights}):
        on_left, on_right = (
            bisect_right(rights, edge),
            len(lefts) - bisect_left(lefts, edge + width),
        )
        crossing = len(pieces) - on_left - on_right
        if min(on_left, on_right) < _MIN_COLUMN_PIECES or crossing > _MAX_CROSSING * len(pieces):
            continue
        gutter = edge + width / 2
        if (best is None or crossing < best[0]) and _is_between_prose(pieces, gutter):
            best = (crossing, gutter)
    return None if best is None else best[1]


def _is_between_prose(pieces: list[Piece], gutter: float) -> bool:
    """Tell columns of text from those of a table: lines fill their column, and are no numbers."""
    sides = (
        [piece for piece in pieces if piece.right <= gutter],
        [piece for piece in pieces if piece.left >= gutter],
    )
    widths = []
    for side in sides:
        width = max(piece.right for piece in side) - min(piece.left for piece in side)
        widths.append(width)
        if median(piece.right - piece.left for piece in side) < _MIN_FILL * width:
            return False
    return min(widths) >= _MIN_FILL * max(widths)


def _merge_neighbours(lines: Iterable[Sequence[Piece]]) -> list[list[Piece]]:
    """Join lines that follow each other in the file and stand on one line of the page."""
    rows: list[list[Piece]] = []
    for line in lines:
        if rows and is_same_line(rows[-1][-1], line[0]) and line[0].left > rows[-1][-1].left:
            rows[-1].extend(line)
        else:
            rows.append(list(line))
    return rows


def _to_lines(rows: list[list[Piece]]) -> list[Line]:
    if not rows:
        return []
    prose = [row for row in rows if not row[0].rows] or rows  # a table may reach beyond it
    column = (min(row[0].left for row in prose), max(row[-1].right for row in prose))
    return [_to_line(row, column) for row in rows]


def _to_line(row: list[Piece], column: tuple[float, float]) -> Line:
    text = row[0].text
    cells = 1
    for before, piece in pairwise(row):
        gap = piece.left - before.right
        cells += gap > _CELL_GAP * piece.size
        text += f" {piece.text}" if gap > _WORD_GAP * piece.size else piece.text
    return Line(
        text=_without_letter_spacing(text),
        left=row[0].left,
        top=min(piece.top for piece in row),
        right=row[-1].right,
        bottom=max(piece.bottom for piece in row),
        size=max(row, key=lambda piece: len(piece.text)).size,
        cells=cells,
        column=column,
        rows=row[0].rows,
        pieces=tuple(row),
    )


def _without_letter_spacing(text: str) -> str:
    """Return `关 于 红 军` as 关于红军; single spaces between words stay."""
    words = text.split(" ")
    single = sum(len(word) == 1 and is_wide(word) for word in words)
    return "".join(words) if len(words) > 1 and single >= _LETTER_SPACED * len(words) else text


def _without_contents(lines: list[Line], *, pages: int) -> list[Line]:
    """Leave out a table of contents: it has every heading's words and answers nothing.

    Its lines end in dots and the number of a page; prices and amounts do not go up like these.
    """
    numbers = {
        position: int(match[1])
        for position, line in enumerate(lines)
        if (match := _CONTENTS_LINE.search(line.text))
    }
    steps = [after >= before for before, after in pairwise(numbers.values())]
    is_contents = len(numbers) >= _MIN_CONTENTS and sum(steps) >= _MIN_RISING * len(steps)
    if not is_contents or max(numbers.values()) > 2 * pages + _MIN_CONTENTS:
        return lines
    return [line for position, line in enumerate(lines) if position not in numbers]


def _running_keys(pages: Sequence[PdfPage], lines: list[list[Line]]) -> set[str]:
    """Return the keys of lines that stand in the margin of many pages."""
    counts: Counter[str] = Counter()
    for page, of_page in zip(pages, lines, strict=True):
        counts.update({_key(line) for line in of_page if _in_margin(line, page)})
    least = max(_MIN_REPEATS, _REPEATED * len(pages))
    return {key for key, count in counts.items() if count >= least}


def _in_margin(line: Line, page: PdfPage) -> bool:
    return line.bottom < _MARGIN * page.height or line.top > (1 - _MARGIN) * page.height


def _key(line: Line) -> str:
    """Return the text without what changes from page to page, its number."""
    return re.sub(r"\d+|\s+", "#", line.text).casefold()
