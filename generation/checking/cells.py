"""Values that a sentence takes from another row or column of a table than it speaks of."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from generation.checking.values import KnownValues, Value, values
from generation.tables import Table, split_tables
from models.language import detect_language
from models.terms import terms

_CLEARLY_MORE: Final = 0.5
"""Of the words of a row's or column's name that are said."""
_MOST_WORDS: Final = 10
"""Terms of a cell that is a place in a table; one with more is a text of its own."""
_REMEMBERED: Final = 256


@dataclass(frozen=True, slots=True)
class Misreading:
    """A value that was taken from the wrong place of a table.

    Attributes
    ----------
    row
        The row that the sentence speaks of, as `header: cell; header: cell`.
    """

    value: Value
    row: str


@dataclass(frozen=True, slots=True)
class _Grid:
    """A table as it is compared.

    Attributes
    ----------
    columns, rows
        The terms that name each; the first cell names a row.
    cells
        By row and column the values of what is no name of a row.
    """

    table: Table
    columns: tuple[frozenset[str], ...]
    rows: tuple[frozenset[str], ...]
    cells: Mapping[tuple[int, int], KnownValues]

    def places(self, value: Value) -> Iterator[tuple[int, int]]:
        """Yield the cells that hold a value."""
        return (place for place, known in self.cells.items() if known.agrees(value))

    def row_meant(
        self, place: tuple[int, int], said: Set[str], used: Set[tuple[int, int]]
    ) -> int | None:
        """Return the row of what is named better than a cell; None if nothing is.

        Of several rows that are, it is the one that is named best.
        """
        row, column = place
        others = self.cells.keys() - used - {place}
        rows = {r for r, c in others if c == column}
        columns = {c for r, c in others if r == row}
        better = [each for each in rows if _names_better(self.rows[each], self.rows[row], said)]
        if better:
            return max(better, key=lambda each: (_share_said(self.rows[each], said), -each))
        is_other_column = any(
            _names_better(self.columns[other], self.columns[column], said) for other in columns
        )
        return row if is_other_column else None


@dataclass(frozen=True, slots=True)
class _Read:
    """The tables of a passage, and the values of the rest."""

    grids: tuple[_Grid, ...]
    prose: KnownValues


def misreadings(sentence: str, passages: Sequence[str], *, question: str) -> Iterator[Misreading]:
    """Yield the numbers that stand in a table only, where sentence and question name another place.

    A value is misread if in each place where it stands another row of its column, or another column
    of its row, holds values, too, is named by clearly more of the words that the two names do not
    share, and nothing else of the sentence is taken from there. Names are compared within a
    language only. A cell with many words is a text of its own, not a place in a table.
    """
    asked = KnownValues.of([question], headings=passages)
    numbers = (value for value in dict.fromkeys(values(sentence)) if value.number is not None)
    taken = [value for value in numbers if not asked.agrees(value)]
    languages = {detect_language(sentence), detect_language(question)}
    read = [_read(each, compared=detect_language(each) in languages) for each in passages]
    said = _words(sentence) | _words(question)
    for value in taken:
        if any(each.prose.agrees(value) for each in read):
            continue
        others = [other for other in taken if other != value]
        meant = [
            row for each in read for grid in each.grids for row in _meant(grid, value, others, said)
        ]
        if meant and all(meant):
            yield Misreading(value, meant[0])


def _meant(grid: _Grid, value: Value, others: Sequence[Value], said: Set[str]) -> Iterator[str]:
    """Yield, for each place of a value, the row that is meant instead; empty if it is that one."""
    used = {place for other in others for place in grid.places(other)}
    for place in grid.places(value):
        row = grid.row_meant(place, said, used)
        yield "" if row is None else grid.table.spelt_out(row)


def _names_better(other: Set[str], own: Set[str], said: Set[str]) -> bool:
    """Tell whether what two names do not share is said of the other one."""
    if other < own:
        return other <= said and not own - other & said
    return _share_said(other - own, said) - _share_said(own - other, said) >= _CLEARLY_MORE


def _share_said(name: Set[str], said: Set[str]) -> float:
    return len(name & said) / len(name) if name else 0.0


@lru_cache(_REMEMBERED)
def _read(passage: str, *, compared: bool) -> _Read:
    parts = tuple(split_tables(passage)) if compared else (passage,)
    prose = "\n".join(line for part in parts for line in _prose(part))
    grids = tuple(_grid(part) for part in parts if isinstance(part, Table))
    return _Read(grids, KnownValues.of([prose]))


def _prose(part: str | Table) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    else:
        yield from (cell for row in part.rows for cell in row if _is_prose(cell))


def _is_prose(cell: str) -> bool:
    return len(terms(cell)) > _MOST_WORDS


def _grid(table: Table) -> _Grid:
    cells = {
        (r, c): KnownValues.of([cell], headings=[table.header[c]])
        for r, row in enumerate(table.rows)
        for c, cell in enumerate(row[: len(table.header)])
        if c and values(cell) and not _is_prose(cell)
    }
    return _Grid(table, _names(table.header), _names(row[0] for row in table.rows), cells)


def _names(cells: Iterable[str]) -> tuple[frozenset[str], ...]:
    return tuple(map(_words, cells))


def _words(text: str) -> frozenset[str]:
    """Return terms and values, the latter since `五年` is `5 年`."""
    return frozenset((*terms(text), *(value.text for value in values(text))))
