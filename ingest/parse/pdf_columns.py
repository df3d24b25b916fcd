"""The columns that lines of a PDF page have in common, by the white between their words."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from ingest.parse.pdf_cells import cut_at_gap
from ingest.parse.pdf_text import Piece

_SIGN_BEFORE = re.compile(r"[$€£¥￥(]|US\$|HK\$|RMB")
_SIGN_AFTER = re.compile(r"\)?[%％)]|\)?\s?(?:pts|bps)\.?")
_BULLET = re.compile(r"[•●▪■◆◇○➢▶►·–*-]|\(?(?:\d{1,2}|[a-zA-Z]|[ivx]{1,4})[.)]|[（(].{1,3}[）)]")
_AMOUNT = re.compile(
    r"[-–—(]?\s?(?:US|HK)?[$€£¥￥]?\s?[-–(]?\s?\d[\d,.\s]*\)?\s?[%％]?\)?|[$€£¥￥]?\s?[-–—]\s?[%％]?"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_MIN_MARKS = 0.8
_MIN_GUTTER = 0.6
"""Width of the white between columns, in text sizes."""
_CLEAR_GUTTER = 1.0
"""Usual gap between neighbours of two columns, in text sizes; between words it is less."""
_MAX_CROSSING = 0.1
"""Share of the lines with text in a gutter, such as headings over several columns."""

Words = list[Piece]
"""A line's pieces, cut wherever two columns may part, from left to right."""


def words_of(pieces: Sequence[Piece]) -> Words:
    """Return the pieces of a line, cut at their gaps; signs stay with their numbers."""
    words: Words = []
    cut = [word for piece in sorted(pieces, key=lambda p: p.left) for word in _cut(piece)]
    for word in cut:
        is_after = words and _SIGN_AFTER.fullmatch(word.text)
        if is_after or (words and _SIGN_BEFORE.fullmatch(words[-1].text)):
            words[-1] = _joined(words[-1], word)
        else:
            words.append(word)
    return words


def _cut(piece: Piece) -> Iterator[Piece]:
    while piece.gaps:
        first, piece = cut_at_gap(piece, piece.gaps[0].place)
        yield first
    yield piece


def _joined(first: Piece, second: Piece) -> Piece:
    return replace(
        first,
        text=f"{first.text} {second.text}",
        right=second.right,
        top=min(first.top, second.top),
        bottom=max(first.bottom, second.bottom),
    )


def is_parted(line: Words) -> bool:
    """Tell whether a line has a gap as wide as those between columns."""
    return any(
        after.left - before.right >= _CLEAR_GUTTER * after.size for before, after in pairwise(line)
    )


def gutters(lines: Sequence[Words]) -> list[float]:
    """Return where columns part, from left to right, of lines that have several words."""
    size = median(word.size for line in lines for word in line)
    found = []
    for left, right in _whites(lines):
        middle = (left + right) / 2
        gaps = list(_gaps_at(lines, middle))
        if (
            right - left >= _MIN_GUTTER * size
            and len(gaps) > 1
            and median(gaps) >= _CLEAR_GUTTER * size
        ):
            found.append(middle)
    return _parting(lines, found)


def _parting(lines: Sequence[Words], parts: list[float]) -> list[float]:
    """Leave out parts whose two columns no line fills both: amounts that hang to either side."""
    kept = list(parts)
    for part in parts:
        number = kept.index(part)
        filled = [{column_of(word, kept) for word in line} for line in lines]
        if not any({number, number + 1} <= columns for columns in filled):
            kept.remove(part)
    return kept


def _whites(lines: Sequence[Words]) -> Iterator[tuple[float, float]]:
    """Yield the left and right edges of the white that nearly all lines leave between words."""
    most = _MAX_CROSSING * len(lines)
    edges = sorted(
        [(word.left, 1) for line in lines for word in line]
        + [(word.right, -1) for line in lines for word in line]
    )
    covering = 0
    start = None
    for (place, step), (following, _) in pairwise(edges):
        covering += step
        if covering > most:
            if start is not None:
                yield start, place
            start = None
        elif start is None and following > place:
            start = place


def _gaps_at(lines: Sequence[Words], place: float) -> Iterator[float]:
    for line in lines:
        for before, after in pairwise(line):
            if before.right <= place <= after.left:
                yield after.left - before.right


def column_of(word: Piece, parts: Sequence[float]) -> int:
    """Return the column of a word from 0; one that spans several is of the first.

    Amounts end in their column; their signs may stand far to the left.
    """
    inside = min(word.size, (word.right - word.left) / 2)
    if is_amount(word.text):
        return bisect_right(parts, word.right - inside)
    return bisect_right(parts, word.left + inside)


def is_crossing(word: Piece, parts: Sequence[float]) -> bool:
    """Tell whether a word stands in several columns."""
    return any(word.left < part < word.right for part in parts)


def is_amount(text: str) -> bool:
    """Tell whether a cell is a number; a year may be a heading."""
    return _AMOUNT.fullmatch(text) is not None and not _YEAR.fullmatch(text)


def is_marked_list(first: Sequence[str], *, columns: int) -> bool:
    """Tell marks or numbers with their text from cells, by the texts of the first column."""
    marks = sum(_BULLET.fullmatch(text) is not None for text in first)
    return columns == 2 and marks >= _MIN_MARKS * len(first)  # noqa: PLR2004 - mark and text
