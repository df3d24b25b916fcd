"""The lines that were found in the picture of a page, on the page turned level."""

from collections.abc import Callable
from math import atan2, cos, hypot, radians, sin
from statistics import median
from typing import Final

import numpy as np

from ingest.records import PagePicture, PageReading, ReadLine
from models.ocr import FoundLine, FoundText, Picture, Point

_LONG: Final = 4.0
"""Widths of a line, in its heights, from which on its slope is that of the page."""
_MAX_SLOPE: Final = radians(20)


def read_picture(picture: PagePicture, read: Callable[[Picture], FoundText]) -> PageReading:
    """Return the lines of a page, turned upright and level, in the unit of `picture.scale`.

    Parameters
    ----------
    read
        `TextReader.read`.
    """
    shape = (picture.height, picture.width, 3)
    found = read(np.frombuffer(picture.pixels, np.uint8).reshape(shape))
    sides = (picture.width, picture.height)
    width, height = sides if found.quarter_turns % 2 == 0 else sides[::-1]
    slope = _slope(found.lines)
    middle = Point(width / 2, height / 2)
    return PageReading(
        width=width * picture.scale,
        height=height * picture.scale,
        lines=tuple(_level(line, slope, middle, picture.scale) for line in found.lines),
    )


def _slope(lines: tuple[FoundLine, ...]) -> float:
    """Return by which angle most lines go down to the right."""
    slopes = [_slope_of(line) for line in lines if _width(line) >= _LONG * _height(line)]
    slope = median(slopes) if slopes else 0.0
    return slope if abs(slope) <= _MAX_SLOPE else 0.0


def _slope_of(line: FoundLine) -> float:
    first, second = line.corners[:2]
    return atan2(second.y - first.y, second.x - first.x)


def _width(line: FoundLine) -> float:
    first, second = line.corners[:2]
    return hypot(second.x - first.x, second.y - first.y)


def _height(line: FoundLine) -> float:
    first, last = line.corners[0], line.corners[3]
    return hypot(last.x - first.x, last.y - first.y)


def _level(line: FoundLine, slope: float, middle: Point, scale: float) -> ReadLine:
    """Return a line with the edges that it has after the page is turned level about its middle.

    Its height is that of its box, not of the slanted box's outline, which is higher.
    """
    corners = [_turned(corner, slope, middle) for corner in line.corners]
    across = sum(corner.y for corner in corners) / len(corners)
    half = _height(line) / 2
    return ReadLine(
        text=line.text,
        left=scale * min(corner.x for corner in corners),
        top=scale * (across - half),
        right=scale * max(corner.x for corner in corners),
        bottom=scale * (across + half),
        confidence=line.confidence,
    )


def _turned(corner: Point, angle: float, middle: Point) -> Point:
    x, y = corner.x - middle.x, corner.y - middle.y
    return Point(
        middle.x + x * cos(angle) + y * sin(angle), middle.y - x * sin(angle) + y * cos(angle)
    )
