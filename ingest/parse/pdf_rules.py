"""The straight lines that a page of a PDF draws: rules, borders and edges of filled boxes."""

import ctypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from ingest.parse.pdf_geometry import Box

_THIN = 3.0
"""Points up to which a filled box is a rule; tables are drawn with both."""
_SHORTEST = 4.0
_STRAIGHT = 0.5
_RECTANGLE = frozenset({4, 5})
"""Corners of a box, of which the first may be told again."""
_MAX_PATHS = 10_000
"""A page that draws more is a map or a chart."""
_MAX_SEGMENTS = 4_000
_MAX_DEPTH = 2
_WHOLE_PAGE = 0.9
"""Share of the page's width and height from which on a box is its background or its frame."""

_Matrix = tuple[float, float, float, float, float, float]
_Point = tuple[float, float]
_Handle = ctypes.c_void_p
_UNMOVED: _Matrix = (1, 0, 0, 1, 0, 0)


class Rule(NamedTuple):
    """A horizontal or vertical line, in points: where it stands across, and from where to where."""

    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a page as it is shown, from its upper left corner, in the file's order."""

    horizontal: tuple[Rule, ...] = ()
    vertical: tuple[Rule, ...] = ()


NO_RULES = Rules()


def read_rules(page: pypdfium2.PdfPage, to_shown: Callable[[Box], Box]) -> Rules:
    """Return the rules of a page; none where it draws so much that it is no table."""
    count = pdfium.FPDFPage_CountObjects(page.raw)
    objects = (pdfium.FPDFPage_GetObject(page.raw, index) for index in range(count))
    horizontal: list[Rule] = []
    vertical: list[Rule] = []
    for number, path in enumerate(_paths(objects, _UNMOVED, depth=0)):
        if number >= _MAX_PATHS:
            return NO_RULES
        for box in _edges(path, page.get_size(), to_shown):
            left, top, right, bottom = box
            if right - left >= max(_SHORTEST, bottom - top):
                horizontal.append(Rule((top + bottom) / 2, left, right))
            elif bottom - top >= _SHORTEST:
                vertical.append(Rule((left + right) / 2, top, bottom))
    return Rules(tuple(horizontal), tuple(vertical))


class _Path(NamedTuple):
    """A path object with the matrix of the form that it stands in."""

    handle: _Handle
    matrix: _Matrix


def _paths(objects: Iterator[_Handle], matrix: _Matrix, *, depth: int) -> Iterator[_Path]:
    """Yield the paths that are drawn, those in forms too."""
    for handle in objects:
        kind = pdfium.FPDFPageObj_GetType(handle)
        if kind == pdfium.FPDF_PAGEOBJ_PATH and _is_drawn(handle):
            yield _Path(handle, matrix)
        elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _MAX_DEPTH:
            inside = range(pdfium.FPDFFormObj_CountObjects(handle))
            children = (pdfium.FPDFFormObj_GetObject(handle, index) for index in inside)
            yield from _paths(children, _times(_matrix(handle), matrix), depth=depth + 1)


def _is_drawn(handle: _Handle) -> bool:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(handle, ctypes.byref(fill), ctypes.byref(stroke))
    return bool(fill.value or stroke.value)


def _edges(path: _Path, page: tuple[float, float], to_shown: Callable[[Box], Box]) -> Iterator[Box]:
    """Yield the thin boxes that a path is made of, as they are shown."""
    edges = [ctypes.c_float() for _ in range(4)]
    if not pdfium.FPDFPageObj_GetBounds(path.handle, *map(ctypes.byref, edges)):
        return
    left, bottom, right, top = (edge.value for edge in edges)
    box = to_shown(_moved((left, bottom, right, top), path.matrix))
    width, height = box[2] - box[0], box[3] - box[1]
    if min(width, height) <= _THIN:
        yield box
        return
    if width > _WHOLE_PAGE * page[0] and height > _WHOLE_PAGE * page[1]:
        return
    count = pdfium.FPDFPath_CountSegments(path.handle)
    if count in _RECTANGLE:
        left, top, right, bottom = box
        yield from ((left, top, right, top), (left, bottom, right, bottom))
        yield from ((left, top, left, bottom), (right, top, right, bottom))
    if count in _RECTANGLE or count > _MAX_SEGMENTS:
        return
    yield from (to_shown(edge) for edge in _segments(path, count))


def _segments(path: _Path, count: int) -> Iterator[Box]:
    """Yield the horizontal and vertical segments of a path as boxes in PDF coordinates."""
    matrix = _times(_matrix(path.handle), path.matrix)
    for points in _subpaths(path.handle, count):
        moved = [_point(point, matrix) for point in points]
        for (x0, y0), (x1, y1) in pairwise(moved):
            if min(abs(x1 - x0), abs(y1 - y0)) <= _STRAIGHT:
                yield min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _subpaths(handle: _Handle, count: int) -> Iterator[list[_Point]]:
    """Yield the corners of each part of a path; curves end a part."""
    x, y = ctypes.c_float(), ctypes.c_float()
    points: list[_Point] = []
    for index in range(count):
        segment = pdfium.FPDFPath_GetPathSegment(handle, index)
        pdfium.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        if pdfium.FPDFPathSegment_GetType(segment) != pdfium.FPDF_SEGMENT_LINETO:
            yield points
            points = []
        points.append((x.value, y.value))
        if pdfium.FPDFPathSegment_GetClose(segment):
            points.append(points[0])
    yield points


def _matrix(handle: _Handle) -> _Matrix:
    matrix = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(handle, matrix):
        return _UNMOVED
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _times(first: _Matrix, second: _Matrix) -> _Matrix:
    """Return the matrix that applies `first`, then `second`."""
    a, b, c, d, e, f = first
    s, t, u, v, x, y = second
    return (
        a * s + b * u, a * t + b * v, c * s + d * u, c * t + d * v,
        e * s + f * u + x, e * t + f * v + y,
    )  # fmt: skip


def _point(point: _Point, matrix: _Matrix) -> _Point:
    x, y = point
    return (
        matrix[0] * x + matrix[2] * y + matrix[4],
        matrix[1] * x + matrix[3] * y + matrix[5],
    )


def _moved(box: Box, matrix: _Matrix) -> Box:
    if matrix == _UNMOVED:
        return box
    (x0, y0), (x1, y1) = _point((box[0], box[1]), matrix), _point((box[2], box[3]), matrix)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
