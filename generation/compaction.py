"""The sentences and table rows of the evidence that bear on the question, and what they stand in.

An extractive summary by relevance: every sentence has the reranker's score, read together with the
question (`retrieval.records.ScoredSpan`); the best of all passages are taken until the room is
used. A sentence also counts as its neighbour does, less `_CONTEXT_COST`: what it refers to, and
what it is bounded by, mostly stands next to it. A table keeps its header.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from models.encoder import TokenCounter
from retrieval.records import Evidence

_CONTEXT_COST: Final = 0.05
"""Of our own tuning questions .696 keep their whole answer in 240 tokens; without neighbours (0: as
good as the sentence itself) .675, at .02 and .1 .686."""
_TABLE_HEADER: Final = re.compile(r"^\|.*\n\|[\s:|-]+\|[ \t]*(?:\n|$)", re.MULTILINE)
_GAP: Final = "…\n"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A passage, and what of it the model is given."""

    passage: Evidence
    text: str


@dataclass(frozen=True, slots=True)
class _Piece:
    """A sentence or a row: which of the passages it is in, where, and what it is worth."""

    passage: int
    start: int
    end: int
    worth: float


def compact(
    passages: Sequence[Evidence], *, count_tokens: TokenCounter, most_tokens: int
) -> tuple[Excerpt, ...]:
    """Return the passages of which something is taken, in their order.

    The best sentence is taken however long it is. A passage whose sentences the reranker did not
    tell apart counts as one sentence as good as the best: it is taken whole, if it fits.
    """
    pieces = [piece for number, each in enumerate(passages) for piece in _pieces(number, each)]
    ranked = sorted(pieces, key=lambda piece: -piece.worth)
    taken: list[_Piece] = []
    left = most_tokens
    for piece in ranked:
        tokens = count_tokens(passages[piece.passage].quote[piece.start : piece.end])
        if tokens <= left or not taken:
            taken.append(piece)
            left -= tokens
    taken.sort(key=lambda piece: (piece.passage, piece.start))
    return tuple(
        Excerpt(passages[number], _text(passages[number], list(own)))
        for number, own in groupby(taken, key=lambda piece: piece.passage)
    )


def _pieces(number: int, passage: Evidence) -> Iterator[_Piece]:
    scores = [each.score for each in passage.sentences]
    if not scores:
        yield _Piece(number, 0, len(passage.quote), float("inf"))
    for i, each in enumerate(passage.sentences):
        beside = max(scores[max(0, i - 1) : i + 2])
        yield _Piece(number, each.start, each.end, max(each.score, beside - _CONTEXT_COST))


def _text(passage: Evidence, taken: Sequence[_Piece]) -> str:
    """Put pieces together with the headers of their tables; what is left out of prose is marked."""
    spans = {(piece.start, piece.end) for piece in taken}
    headers = [match.span() for match in _TABLE_HEADER.finditer(passage.quote)]
    for start, end in tuple(spans):
        above = [header for header in headers if header[0] <= start]
        holds_its_own = bool(above) and start <= above[-1][0] and end > above[-1][1]
        if passage.quote.startswith("|", start) and above and not holds_its_own:
            spans -= {(start, end)} if end <= above[-1][1] else set()
            spans.add(above[-1])
    text, last = "", 0
    for start, end in sorted(spans):
        if start > last:
            text = _closed(text) + ("" if passage.quote.startswith("|", start) else _GAP)
        text += passage.quote[start:end]
        last = end
    return text.strip()


def _closed(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text.rstrip()}\n"
