"""Statements whose figure is exchanged for one of the same row or column of a table."""

import random
from collections.abc import Iterator, Sequence

from generation.checking.values import Value, values
from generation.tables import Table, split_tables


def from_another_cell(
    sentence: str, passages: Sequence[str], question: str, chance: random.Random
) -> str | None:
    """Return the sentence with a figure of a table wrong, None if there is none to exchange.

    The other figure has the same unit and stands in no cell with the right one; figures that the
    question says stay.
    """
    asked = set(values(question))
    found = [
        (value.text, other.text)
        for value in dict.fromkeys(values(sentence))
        if value not in asked and value.number is not None
        for passage in passages
        for table in split_tables(passage)
        if isinstance(table, Table)
        for other in _beside(value, table)
        if sentence.count(value.text) == 1
    ]
    if not found:
        return None
    right, wrong = chance.choice(found)
    return sentence.replace(right, wrong)


def _beside(value: Value, table: Table) -> Iterator[Value]:
    """Yield the other values with its unit in the row and the column of a value."""
    cells = {
        (r, c): values(cell) for r, row in enumerate(table.rows) for c, cell in enumerate(row) if c
    }
    for (row, column), held in cells.items():
        if value not in held:
            continue
        for (r, c), others in cells.items():
            if (r == row) != (c == column) and value not in others:
                yield from (o for o in others if o.unit == value.unit and o.number is not None)
