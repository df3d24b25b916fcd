"""Markdown tables: read, and rewritten for a small model."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_RULE = re.compile(r"\|[\s:|-]+\|")


@dataclass(frozen=True, slots=True)
class Table:
    """A table's header and its rows, cell by cell; a row may be shorter than the header."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def spelt_out(self, row: int) -> str:
        """Write a row as `header: cell; header: cell`; empty cells are left out."""
        pairs = zip(self.header, self.rows[row], strict=False)
        return "; ".join(f"{name}: {cell}" if name else cell for name, cell in pairs if cell)


def split_tables(text: str) -> Iterator[str | Table]:
    """Yield what a text consists of, in order: lines that are in no table, and tables."""
    lines = text.split("\n")
    header: tuple[str, ...] | None = None
    rows: list[tuple[str, ...]] = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        is_row = line.startswith("|")
        if header is not None and not is_row:
            yield Table(header, tuple(rows))
            header, rows = None, []
        if not is_row or (header is None and not _RULE.fullmatch(following)):
            yield line
        elif header is None:
            header = _cells(line)
        elif not _RULE.fullmatch(line):
            rows.append(_cells(line))
    if header is not None:
        yield Table(header, tuple(rows))


def spell_out_tables(text: str) -> str:
    """Write every row of a Markdown table as `- header: cell; header: cell`.

    A model of 1.5 billion parameters loses the column under the header: with rows spelt out it
    named the right one of five tiers where it had not with the table. Only the prompt is written
    this way; what is shown and cited stays the table.
    """
    return "\n".join(line for part in split_tables(text) for line in _spelt_out(part))


def _spelt_out(part: str | Table) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    else:
        yield from (f"- {part.spelt_out(row)}" for row in range(len(part.rows)))


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip().strip("|").split("|"))
