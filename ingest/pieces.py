"""From a block to the pieces that a chunk is made of: sentences, lines, rows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.sentences import split_sentences
from models.encoder import TokenCounter
from stores.records import Block, BlockKind

_CLAUSE_END = re.compile(r"[，,、；;：:]\s*|\s+")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_RULE = re.compile(r"\|(?: *:?-{3,}:? *\|)+")
_MAX_LEAD = 0.5
"""Share of the room that a repeated header row may take; a wider one stands only once."""

_Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """`text[start:end]` of the block with ordinal `block`.

    Attributes
    ----------
    tokens
        Length without `lead`.
    lead
        Header rows of the table, to be repeated where the piece does not follow the one before it.
    lead_tokens
        Length of `lead`.
    """

    block: int
    start: int
    end: int
    tokens: int
    lead: str = ""
    lead_tokens: int = 0


def split_block(
    block: Block, *, ordinal: int, count_tokens: TokenCounter, room: int
) -> list[Piece]:
    """Split a block into pieces of at most `room` tokens that together are its whole text.

    Prose is split into sentences, lists and code into lines, tables into rows. What is longer than
    `room` is split at commas and spaces, and at last anywhere.
    """
    splitter = _Splitter(block.text, ordinal, count_tokens=count_tokens, room=room)
    if block.kind is BlockKind.TABLE:
        return splitter.rows()
    if block.kind in {BlockKind.LIST, BlockKind.CODE}:
        return splitter.lines()
    return splitter.sentences()


class _Splitter:
    """Splits the text of one block."""

    def __init__(self, text: str, ordinal: int, *, count_tokens: TokenCounter, room: int) -> None:
        self._text = text
        self._ordinal = ordinal
        self._count_tokens = count_tokens
        self._room = room

    def sentences(self) -> list[Piece]:
        return self._pieces(split_sentences(self._text))

    def lines(self) -> list[Piece]:
        return self._pieces(_lines(self._text))

    def rows(self) -> list[Piece]:
        """Split a table: its header stays with the first row, and is repeated before others."""
        ranges = _lines(self._text)
        header = ranges[1][1] if len(ranges) > 1 and is_rule(self._text[slice(*ranges[1])]) else 0
        lead_tokens = self._count((0, header)) if header else 0
        if not header or lead_tokens > _MAX_LEAD * self._room:
            return self._pieces(ranges)
        body = self._pieces(ranges[2:], lead=self._text[:header], lead_tokens=lead_tokens)
        if body:  # a header without a row says nothing
            return [self._with_header(body[0]), *body[1:]]
        return self._pieces([(0, header)])

    def _with_header(self, row: Piece) -> Piece:
        return Piece(self._ordinal, 0, row.end, row.tokens + row.lead_tokens)

    def _pieces(self, ranges: list[_Range], *, lead: str = "", lead_tokens: int = 0) -> list[Piece]:
        room = self._room - lead_tokens
        return [
            Piece(self._ordinal, *piece, tokens, lead, lead_tokens)
            for span in ranges
            for piece, tokens in self._fitting(span, room=room)
        ]

    def _count(self, span: _Range) -> int:
        return self._count_tokens(self._text[slice(*span)].strip())

    def _fitting(self, span: _Range, *, room: int) -> Iterator[tuple[_Range, int]]:
        """Yield the span if it fits, else its clauses put together as far as they fit.

        With each comes its length; counting is what takes most of the time here.
        """
        tokens = self._count(span)
        if tokens <= room:
            yield span, tokens
            return
        start = end = span[0]
        for clause in _clauses(self._text, span):
            if end > start and self._count((start, clause[1])) > room:
                yield from self._halves((start, end), room=room)
                start = end
            end = clause[1]
        yield from self._halves((start, end), room=room)

    def _halves(self, span: _Range, *, room: int) -> Iterator[tuple[_Range, int]]:
        """Yield the span, halved until it fits: text without any comma or space."""
        tokens = self._count(span)
        if span[1] - span[0] <= 1 or tokens <= room:
            yield span, tokens
            return
        middle = (span[0] + span[1]) // 2
        yield from self._halves((span[0], middle), room=room)
        yield from self._halves((middle, span[1]), room=room)


def is_rule(line: str) -> bool:
    """Tell whether a line is the one below the header row of a Markdown table."""
    return _RULE.fullmatch(line.strip()) is not None


def _lines(text: str) -> list[_Range]:
    return [match.span() for match in _LINE.finditer(text)]


def _clauses(text: str, span: _Range) -> Iterator[_Range]:
    start = span[0]
    for match in _CLAUSE_END.finditer(text, *span):
        yield start, match.end()
        start = match.end()
    if start < span[1]:
        yield start, span[1]
