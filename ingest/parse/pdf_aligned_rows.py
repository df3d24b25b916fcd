"""The rows of a table without a drawn grid: which lines are one row."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.parse.pdf_cells import cell_text
from ingest.parse.pdf_columns import Words, is_amount
from ingest.parse.pdf_grids import merged_rules
from ingest.parse.pdf_rules import Rules

_TIGHT = 1.5
"""Step between the lines of one cell in text sizes."""
_CLOSE = 1.9
_STEP_UP = 1.15
"""How many times a step between rows is that between the lines of one row at least."""
_FULL = 0.7
"""Share of its column that a cell's first line fills at least if it was broken."""
_MIN_BANDS = 3
_MIN_WIDTH = 0.6
"""Share of the table's width of a rule that parts rows."""


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row, or of one line of it: the words of each column."""

    cells: list[Words]

    @property
    def filled(self) -> set[int]:
        """Return the columns with text."""
        return {number for number, cell in enumerate(self.cells) if cell}

    @property
    def middle(self) -> float:
        """Return how far down the page it stands."""
        words = [word for cell in self.cells for word in cell]
        return sum(word.top + word.bottom for word in words) / 2 / len(words)

    @property
    def size(self) -> float:
        """Return the size of its largest letters."""
        return max(word.size for cell in self.cells for word in cell)

    def is_number(self, column: int) -> bool:
        """Tell whether a cell is an amount; a year may be a heading."""
        text = cell_text(self.cells[column]) if self.cells[column] else ""
        return is_amount(text)

    def has_numbers(self) -> bool:
        """Tell whether any cell is an amount."""
        return any(map(self.is_number, self.filled))


def rows_of(lines: Sequence[Row], rules: Rules) -> list[tuple[str, ...]]:
    """Return the text of the cells; lines that are one row are joined.

    The rules between rows tell it where there are such; else a line goes on with the row above if
    its first cell is empty, it holds no amount and it stands close below. Where the lines of a row
    stand closer than rows do, these steps tell.
    """
    groups = _by_rules(lines, rules) or _by_steps(lines) or _by_text(lines)
    return [
        tuple(cell_text(word for line in group for word in line.cells[column])
              for column in range(len(lines[0].cells)))
        for group in groups
    ]  # fmt: skip


def _by_rules(lines: Sequence[Row], rules: Rules) -> list[list[Row]]:
    """Return the lines between each two rules, none where rules do not part every row."""
    floors = _floors(lines, rules)
    groups: list[list[Row]] = []
    for line in lines:
        above = groups[-1][-1].middle if groups else line.middle
        if groups and not any(above < floor < line.middle for floor in floors):
            groups[-1].append(line)
        else:
            groups.append([line])
    inside = [line.middle - before.middle for group in groups for before, line in pairwise(group)]
    between = [after[0].middle - before[-1].middle for before, after in pairwise(groups)]
    is_parted = len(groups) >= _MIN_BANDS and (not inside or max(inside) < min(between))
    return groups if is_parted and not any(map(_has_two_amounts, groups)) else []


def _by_steps(lines: Sequence[Row]) -> list[list[Row]]:
    """Return the lines that stand close together, none where this does not show clear rows."""
    steps = [line.middle - before.middle for before, line in pairwise(lines)]
    jumps = [(after - before, before, after) for before, after in pairwise(sorted(steps))]
    _, close, apart = max(jumps, default=(0.0, 0.0, 0.0))
    if close > _CLOSE * lines[0].size or apart < _STEP_UP * close:
        return []
    groups = [[lines[0]]]
    for line, step in zip(lines[1:], steps, strict=True):
        if step <= close:
            groups[-1].append(line)
        else:
            groups.append([line])
    goes_on = all(line.filled < group[0].filled for group in groups for line in group[1:])
    return groups if goes_on and not any(map(_has_two_amounts, groups)) else []


def _has_two_amounts(group: Sequence[Row]) -> bool:
    """Tell whether two lines have amounts in one column: these are rows of their own."""
    columns = range(len(group[0].cells))
    return any(sum(line.is_number(column) for line in group) > 1 for column in columns)


def _floors(lines: Sequence[Row], rules: Rules) -> list[float]:
    words = [word for line in lines for cell in line.cells for word in cell]
    left, right = min(word.left for word in words), max(word.right for word in words)
    return [
        rule.at
        for rule in merged_rules(rules.horizontal)
        if min(right, rule.end) - max(left, rule.start) >= _MIN_WIDTH * (right - left)
    ]


def _by_text(lines: Sequence[Row]) -> list[list[Row]]:
    widths = _widths(lines)
    groups: list[list[Row]] = []
    is_head = True
    for line in lines:
        before = groups[-1][-1] if groups else None
        is_head = is_head and not line.has_numbers()
        if before is not None and _goes_on(before, line, groups[-1][0], widths, is_head=is_head):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _goes_on(before: Row, line: Row, first: Row, widths: Sequence[float], *, is_head: bool) -> bool:
    if line.middle - before.middle > _TIGHT * line.size:
        return False
    if before.filled == {0} and 0 in line.filled:
        return _is_full(before, 0, widths) and line.cells[0][0].text[0].islower()
    if 0 in line.filled or line.has_numbers():
        return False
    if is_head and len(before.filled) > 1:
        return True
    is_part = line.filled < first.filled and line.filled <= before.filled
    return is_part and all(_is_full(before, column, widths) for column in line.filled)


def _widths(lines: Sequence[Row]) -> list[float]:
    """Return the width of each column's widest cell."""
    return [
        max((line.cells[column][-1].right - line.cells[column][0].left
             for line in lines if line.cells[column]), default=0.0)
        for column in range(len(lines[0].cells))
    ]  # fmt: skip


def _is_full(line: Row, column: int, widths: Sequence[float]) -> bool:
    cell = line.cells[column]
    return bool(cell) and cell[-1].right - cell[0].left >= _FULL * widths[column]
