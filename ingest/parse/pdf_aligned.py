"""Tables without a drawn grid: lines of a page whose words stand in the same columns."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from ingest.parse.pdf_aligned_rows import Row, rows_of
from ingest.parse.pdf_columns import (
    Words,
    column_of,
    gutters,
    is_amount,
    is_crossing,
    is_marked_list,
    is_parted,
    words_of,
)
from ingest.parse.pdf_layout import Line
from ingest.parse.pdf_rules import Rules

_MIN_ROWS = 3
_MAX_STEP = 3.5
"""Step between the lines of a table in text sizes."""
_MAX_SINGLE = 2
"""Lines with one cell that may follow each other in a table: wrapped cells, names of groups."""
_PROSE_WIDTH = 0.75
"""Share of its column that a single line fills, from which on it is prose."""
_CONSISTENT = 0.8
_ALIGNED = 0.7
"""Share of a column's cells that have an edge in common; headers and totals may stand out."""
_AMOUNTS = 0.6
_TOLERANCE = 0.6
_WIDE_GAP = 1.5
_MAX_TORN = 0.1
_LONG = 60
"""Usual length of a cell from which on columns are those of prose."""
_PAGE = re.compile(r"\d{1,4}")
_MAX_LABELS = 0.35
"""Share of the cells that end in a colon; a form has more."""


def with_aligned_tables(lines: Sequence[Line], rules: Rules) -> list[Line]:
    """Return the lines of a page with one line in the place of those of each clear table."""
    found: list[Line] = []
    for run in _runs(lines):
        for part in _tables(run, rules):
            found += part
    return found


def _tables(run: list[Line], rules: Rules) -> Iterator[list[Line]]:
    """Yield the run as a table, or its parts between single lines as far as they are tables."""
    table = _table(run, rules)
    if table is not None:
        yield [table]
        return
    singles = [place for place, line in enumerate(run) if _is_single(line)]
    if not singles:
        yield run
        return
    start = 0
    for place in [*singles, len(run)]:
        part = _table(run[start:place], rules)
        yield run[start:place] if part is None else [part]
        yield run[place : place + 1]
        start = place + 1


def _is_single(line: Line) -> bool:
    return line.cells == 1 or bool(line.rows)


def _runs(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Yield all lines, those that follow each other as rows may in one run."""
    run: list[Line] = []
    singles: list[Line] = []
    for line in lines:
        before = (singles or run)[-1:]
        is_next = bool(run) and _follows(before[0], line)
        if is_next and line.cells > 1 and not line.rows:
            run += [*singles, line]
            singles = []
        elif is_next and len(singles) < _MAX_SINGLE and not _is_prose(line):
            singles.append(line)
        else:
            yield from _nonempty(run, [*singles])
            singles = []
            run = [line]
            if _is_single(line):
                yield run
                run = []
    yield from _nonempty(run, singles)


def _nonempty(run: list[Line], singles: list[Line]) -> Iterator[list[Line]]:
    """Yield a run, and the lines after it one by one."""
    if run:
        yield run
    yield from ([line] for line in singles)


def _follows(before: Line, line: Line) -> bool:
    step = line.bottom - before.bottom
    return line.column == before.column and 0 < step <= _MAX_STEP * max(line.size, before.size)


def _is_prose(line: Line) -> bool:
    left, right = line.column
    return bool(line.rows) or line.right - line.left >= _PROSE_WIDTH * (right - left)


@dataclass(frozen=True, slots=True)
class _Grid:
    """The words of a run of lines and the places where its columns part."""

    lines: list[Words]
    parts: list[float]

    def cells(self, line: Words) -> list[Words]:
        """Return a line's words by column."""
        cells: list[Words] = [[] for _ in range(len(self.parts) + 1)]
        for word in line:
            cells[column_of(word, self.parts)].append(word)
        return cells

    def column(self, number: int) -> list[Words]:
        """Return the cells of a column that hold text."""
        return [
            cell for line in self.lines if is_parted(line) if (cell := self.cells(line)[number])
        ]


def _table(run: Sequence[Line], rules: Rules) -> Line | None:
    rows = [line for line in run if line.cells > 1]
    if len(rows) < _MIN_ROWS:
        return None
    lines = [words_of(line.pieces) for line in run]
    several = [line for line in lines if is_parted(line)]
    parts = gutters(several) if len(several) >= _MIN_ROWS else []
    grid = _Grid(lines, parts)
    if not parts or not _is_clear(grid):
        return None
    return _line(run, rows_of([Row(grid.cells(line)) for line in lines], rules))


def _line(run: Sequence[Line], rows: list[tuple[str, ...]]) -> Line:
    return Line(
        text="\n".join(line.text for line in run),
        left=min(line.left for line in run),
        top=min(line.top for line in run),
        right=max(line.right for line in run),
        bottom=max(line.bottom for line in run),
        size=median(line.size for line in run),
        cells=1,
        column=run[0].column,
        rows=tuple(rows),
        pieces=tuple(piece for line in run for piece in line.pieces),
    )


def _is_clear(grid: _Grid) -> bool:
    """Tell a table from lists, contents, forms and columns of prose."""
    several = [line for line in grid.lines if is_parted(line)]
    fitting = sum(not any(is_crossing(word, grid.parts) for word in line) for line in several)
    filled = sum(sum(map(bool, grid.cells(line))) > 1 for line in several)
    torn = sum(any(map(_is_torn, grid.cells(line))) for line in several)
    columns = [grid.column(number) for number in range(len(grid.parts) + 1)]
    return (
        all(columns)
        and fitting >= _CONSISTENT * len(several)
        and filled >= max(_MIN_ROWS, _CONSISTENT * len(several))
        and torn <= _MAX_TORN * len(several)
        and all(map(_is_aligned, columns[1:]))
        and not is_marked_list([_text(cell) for cell in columns[0]], columns=len(columns))
        and not _is_contents(columns)
        and not _is_form_or_prose(columns)
    )


def _is_torn(cell: Words) -> bool:
    return any(
        after.left - before.right > _WIDE_GAP * after.size for before, after in pairwise(cell)
    )


def _is_aligned(column: list[Words]) -> bool:
    """Tell whether most cells have an edge or their centre in common, or are amounts.

    Signs of percent and brackets hang over the edge of amounts.
    """
    if sum(is_amount(_text(cell)) for cell in column) >= _AMOUNTS * len(column):
        return True
    lefts = [cell[0].left for cell in column]
    rights = [cell[-1].right for cell in column]
    centres = [(left + right) / 2 for left, right in zip(lefts, rights, strict=True)]
    tolerance = _TOLERANCE * median(word.size for cell in column for word in cell)
    return any(
        sum(abs(edge - median(edges)) <= tolerance for edge in edges) >= _ALIGNED * len(edges)
        for edges in (lefts, rights, centres)
    )


def _text(cell: Words) -> str:
    return " ".join(word.text for word in cell)


def _is_contents(columns: list[list[Words]]) -> bool:
    """Tell a table of contents: the last column are numbers of pages, which go up."""
    texts = [_text(cell) for cell in columns[-1]]
    numbers = [int(text) for text in texts if _PAGE.fullmatch(text)]
    rising = sum(after >= before for before, after in pairwise(numbers))
    return (
        len(columns) <= 3  # noqa: PLR2004 - number, title, page
        and len(numbers) >= _CONSISTENT * len(texts)
        and rising >= len(numbers) - 1
        and len(numbers) > _MIN_ROWS
    )


def _is_form_or_prose(columns: list[list[Words]]) -> bool:
    texts = [_text(cell) for column in columns for cell in column]
    labels = sum(text.endswith((":", "：")) for text in texts)
    usual = [median(len(_text(cell)) for cell in column) for column in columns]
    return labels > _MAX_LABELS * len(texts) or min(usual) > _LONG / len(columns)
