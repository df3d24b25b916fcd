"""Boxes on the pages of a PDF, as they are shown."""

from collections.abc import Callable

import pypdfium2

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
