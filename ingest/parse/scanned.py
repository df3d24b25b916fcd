"""What was recognised on pictures of pages, as pages with lines like those of a PDF."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import median

from ingest.parse.pdf_cells import lines_of
from ingest.parse.pdf_rules import NO_RULES
from ingest.parse.pdf_text import PdfPage, Piece
from ingest.records import PageReading, Readings, ReadLine

_TEXT_SIZE = 0.75
"""Size of letters in heights of their line: its box reaches over and under them."""
_LONG = 8
"""Characters of a line whose height is that of its letters; short ones may lack tall letters."""
_ALIKE = (0.7, 1.4)
"""Heights, in usual heights, that differ by their letters and not by their size."""
_STEPS = 4
"""Larger and smaller letters are told apart by quarters of the usual height."""


def with_readings(pages: Sequence[PdfPage], readings: Readings) -> tuple[PdfPage, ...]:
    """Return the pages with what was recognised on them in the place of their own text.

    Heights of lines waver with their letters, so most are taken as the usual one of their page.
    """
    heights = [_usual_height(reading) for reading in readings.values() if reading.lines]
    usual = median(heights) if heights else 0.0
    return tuple(
        _with_reading(page, readings[number], usual) if number in readings else page
        for number, page in enumerate(pages, start=1)
    )


def _with_reading(page: PdfPage, reading: PageReading, usual: float) -> PdfPage:
    if not reading.lines:
        return replace(page, needs_reading=False)
    return replace(
        page,
        width=reading.width,
        height=reading.height,
        lines=tuple(map(tuple, lines_of(_pieces(reading, usual)))),
        rules=NO_RULES,
        needs_reading=False,
    )


def _pieces(reading: PageReading, usual: float) -> Iterator[Piece]:
    own = _usual_height(reading)
    for line in reading.lines:
        yield Piece(
            text=line.text,
            left=line.left,
            top=line.top,
            right=line.right,
            bottom=line.bottom,
            size=_TEXT_SIZE * usual * _relative(_height(line) / own),
            confidence=line.confidence,
        )


def _relative(height: float) -> float:
    if _ALIKE[0] <= height <= _ALIKE[1]:
        return 1.0
    return max(round(height * _STEPS), 1) / _STEPS


def _usual_height(reading: PageReading) -> float:
    long = [line for line in reading.lines if len(line.text) >= _LONG]
    return median(_height(line) for line in long or reading.lines)


def _height(line: ReadLine) -> float:
    return max(line.bottom - line.top, 1.0)
