"""Which rows of their sheet the pieces of a table are, so that a citation can name them."""

from bisect import bisect_left
from collections.abc import Sequence

from stores.records import Block, Span

_RULE_LINE = 1
"""The second line of a Markdown table stands for no row."""


class TableRows:
    """Looks up rows; the line breaks of each table are found once, however many pieces it has."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = blocks
        self._breaks: dict[int, list[int]] = {}

    def span(self, block: int, start: int, end: int) -> Span:
        """Return `text[start:end]` of a block as a span, with its rows where they are known."""
        rows = self._blocks[block].rows
        if not rows:
            return Span(block, start, end)
        first, last = (self._row(block, position) for position in (start, max(start, end - 1)))
        return Span(block, start, end, (rows[first], rows[last]))

    def _row(self, block: int, position: int) -> int:
        """Return the index of the row that a position of the text stands in."""
        if block not in self._breaks:
            text = self._blocks[block].text
            self._breaks[block] = [i for i, character in enumerate(text) if character == "\n"]
        line = bisect_left(self._breaks[block], position)
        return line - 1 if line >= _RULE_LINE else 0
