"""What a document looks like in a file, so that files can be searched for what is left of it.

A needle is a piece of the document's text, of the bytes of its original, or of one of its vectors.
Pieces are short, because a store may break a long text at any page of its file, and there are many
of them, because one that lies on such a border is not found. A piece that any live document holds,
too, proves nothing: the same sentence stands in many documents.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

import numpy as np

from stores.index import DenseVector

_PIECE_BYTES = 32
"""11 Chinese characters, or 32 Latin letters."""
_SHORTEST_PIECE_BYTES = 18
"""6 Chinese characters, or 18 Latin letters; shorter blocks stand in any document."""
_MAX_PIECES = 10_000
_ORIGINAL_PIECE_BYTES = 64
_MAX_ORIGINAL_PIECES = 64
_VECTOR_PIECE_VALUES = 16
_CBOR_FLOAT32 = b"\xfa"
_MIN_DISTINCT_BYTES = 8
_MIN_DISTINCT_CHARACTERS = 4
"""Rulers and blanks have fewer, and stand in any document."""
_SHORTEST_TEXT_BYTES = 9
"""3 Chinese characters: of a document with nothing longer there is no telling."""

_Item = TypeVar("_Item")


class NeedleKind(StrEnum):
    """What a needle is a piece of."""

    TEXT = "text"
    ORIGINAL = "original"
    VECTOR = "vector"


@dataclass(frozen=True, slots=True)
class Needles:
    """The pieces of a document to search for, as bytes, by what they are pieces of."""

    kinds: Mapping[bytes, NeedleKind] = field(default_factory=dict)

    def count(self, kind: NeedleKind) -> int:
        """Return how many there are of a kind."""
        return sum(each is kind for each in self.kinds.values())


def needles_of(
    *, texts: Iterable[str], vectors: Iterable[DenseVector], original: bytes | None
) -> Needles:
    """Return what to search for once a document is to be gone.

    Of more than 10,000 pieces of text as many are taken evenly. Text is looked for in UTF-8 and as
    JSON writes it, vectors as the engine writes them.

    Parameters
    ----------
    texts
        Of its blocks and its title.
    vectors
        As the index keeps them.
    original
        The bytes of its file; None where they are not kept.
    """
    kinds: dict[bytes, NeedleKind] = {}
    for piece in original_pieces(original or b""):
        kinds[piece] = NeedleKind.ORIGINAL
    for vector in vectors:
        for piece in vector_pieces(vector):
            kinds[piece] = NeedleKind.VECTOR
    for text in _evenly(text_pieces(texts), _MAX_PIECES):
        for form in text_forms(text):
            kinds[form] = NeedleKind.TEXT
    return Needles(kinds)


def text_pieces(texts: Iterable[str]) -> list[str]:
    """Cut texts into pieces of about 32 bytes; where all are shorter, take the longest.

    The last piece of a text ends with it, so that nothing of it is left out.
    """
    every = [text.strip() for text in texts]
    pieces = dict.fromkeys(piece for text in every for piece in _pieces(text))
    longest = max(every, key=len, default="")
    if not pieces and len(longest.encode()) >= _SHORTEST_TEXT_BYTES:
        return [longest]
    return list(pieces)


def text_forms(text: str) -> tuple[bytes, ...]:
    """Return the bytes that stand for a text in a file."""
    plain, escaped = text.encode(), json.dumps(text)[1:-1].encode()
    return (plain,) if plain == escaped else (plain, escaped)


def vector_pieces(vector: DenseVector) -> Iterator[bytes]:
    """Yield the first and the last 16 values, if they are more than a few different bytes.

    In two forms: little-endian float32, as in the engine's segments, and CBOR, as in its log.
    """
    values = np.asarray(vector, dtype=np.float32)
    for part in (values[:_VECTOR_PIECE_VALUES], values[-_VECTOR_PIECE_VALUES:]):
        piece = part.astype("<f4").tobytes()
        if _is_distinct(piece):
            yield piece
            yield b"".join(_CBOR_FLOAT32 + each.tobytes() for each in part.astype(">f4"))


def original_pieces(data: bytes) -> Iterator[bytes]:
    """Yield pieces of 64 bytes, evenly over the file; of a shorter one all of it."""
    starts = range(0, max(1, len(data) - _ORIGINAL_PIECE_BYTES + 1), _ORIGINAL_PIECE_BYTES)
    for start in _evenly(list(starts), _MAX_ORIGINAL_PIECES):
        piece = data[start : start + _ORIGINAL_PIECE_BYTES]
        if len(piece) >= _SHORTEST_PIECE_BYTES and _is_distinct(piece):
            yield piece


def _pieces(text: str) -> Iterator[str]:
    """Yield the pieces of one text; none of one that is too short to be told from others."""
    if len(text.encode()) < _SHORTEST_PIECE_BYTES:
        return
    start = 0
    while start < len(text):
        end = _end_of_piece(text, start)
        piece = text[start:end]
        if len(piece.encode()) < _PIECE_BYTES and start:
            piece = _last_piece(text)
        if len(set(piece)) >= _MIN_DISTINCT_CHARACTERS:
            yield piece
        start = end


def _end_of_piece(text: str, start: int) -> int:
    size, end = 0, start
    while end < len(text) and size < _PIECE_BYTES:
        size += len(text[end].encode())
        end += 1
    return end


def _last_piece(text: str) -> str:
    size, start = 0, len(text)
    while start and size < _PIECE_BYTES:
        start -= 1
        size += len(text[start].encode())
    return text[start:]


def _is_distinct(piece: bytes) -> bool:
    return len(set(piece)) >= _MIN_DISTINCT_BYTES


def _evenly(items: list[_Item], most: int) -> list[_Item]:
    if len(items) <= most:
        return items
    return [items[number * len(items) // most] for number in range(most)]
