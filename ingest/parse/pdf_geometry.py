"""Boxes on the pages of a PDF, as they are shown."""

import ctypes
from collections.abc import Callable

import pypdfium2
import pypdfium2.raw as pdfium

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in points from the upper left corner of the page as it is shown."""


def to_shown(page: pypdfium2.PdfPage) -> Callable[[Box], Box]:
    """Return the function from PDF coordinates (left, bottom, right, top) to the page as shown."""
    left, bottom, right, top = page.get_bbox()
    turns: dict[int, Callable[[Box], Box]] = {
        0: lambda b: (b[0] - left, top - b[3], b[2] - left, top - b[1]),
        90: lambda b: (b[1] - bottom, b[0] - left, b[3] - bottom, b[2] - left),
        180: lambda b: (right - b[2], b[1] - bottom, right - b[0], b[3] - bottom),
        270: lambda b: (top - b[3], right - b[2], top - b[1], right - b[0]),
    }
    return turns[page.get_rotation()]


def object_bounds(handle: ctypes.c_void_p) -> Box:
    """Return left, bottom, right and top of an object in PDF coordinates; zeros if it has none."""
    edges = [ctypes.c_float() for _ in range(4)]
    if not pdfium.FPDFPageObj_GetBounds(handle, *map(ctypes.byref, edges)):
        return (0.0, 0.0, 0.0, 0.0)
    left, bottom, right, top = (edge.value for edge in edges)
    return left, bottom, right, top
