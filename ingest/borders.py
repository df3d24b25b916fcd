"""Where the chunks of the revision before began, found again in the new text."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from ingest.pieces import Piece, is_rule
from stores.records import Block, Chunk

_OPENING_CHARACTERS = 80
_HEADER_ROWS = 2

Path = tuple[str, ...]
Place = tuple[int, int]
"""Ordinal of a block, and a character in it."""


def former_starts(
    parts: Iterable[tuple[Path, Sequence[Piece]]], blocks: Sequence[Block], former: Sequence[Chunk]
) -> frozenset[Place]:
    """Return where those pieces stand that a chunk of the revision before began with.

    A place is known by its headings and the characters from there on. Where these stand more often
    than chunks began with them, none of the places counts: borders would come up that never were.

    Parameters
    ----------
    parts
        Headings and pieces of each section.
    former
        The chunks of the revision before; none for a new document.
    """
    if not former:
        return frozenset()
    known = Counter(_former_openings(former))
    found: defaultdict[tuple[Path, str], list[Place]] = defaultdict(list)
    for path, pieces in parts:
        texts = [blocks[piece.block].text[piece.start : piece.end] for piece in pieces]
        for i, piece in enumerate(pieces):
            found[path, _opening(texts, i)].append((piece.block, piece.start))
    return frozenset(
        place
        for opening, places in found.items()
        if len(places) <= known[opening]
        for place in places
    )


def _former_openings(former: Sequence[Chunk]) -> Iterator[tuple[Path, str]]:
    for path, chunks in groupby(former, key=lambda chunk: chunk.heading_path):
        texts = [chunk.text for chunk in chunks]
        yield from ((path, _opening(texts, i)) for i in range(len(texts)))


def _opening(texts: Sequence[str], first: int) -> str:
    """Return the first 80 characters from a text on, without spaces.

    Header rows that a text begins with are left out: they stand before every part of a table.
    """
    opening = ""
    for i in range(first, len(texts)):
        rows = texts[i].split("\n", _HEADER_ROWS)
        has_header = len(rows) > _HEADER_ROWS and is_rule(rows[1])
        opening += "".join((rows[-1] if has_header else texts[i]).split())
        if len(opening) >= _OPENING_CHARACTERS:
            break
    return opening[:_OPENING_CHARACTERS]
