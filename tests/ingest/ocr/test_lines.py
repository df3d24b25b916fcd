"""Lines keep their place on a page that lies askew, and on one that was turned."""

from math import cos, radians, sin

import pytest

from ingest.ocr.lines import read_picture
from ingest.records import PagePicture, PageReading
from models.ocr import FoundLine, FoundText, Picture, Point

PAGE = PagePicture(400, 600, 0.5, bytes(400 * 600 * 3))
TOPS = (100, 140, 180)


def line(top: float, *, left: float = 50, right: float = 350, tilt: float = 0.0) -> FoundLine:
    """Return a line of 20 pixels that goes down to the right by an angle about the middle."""
    first, second, third, fourth = (
        tilted(Point(x, y), tilt)
        for x, y in [(left, top), (right, top), (right, top + 20), (left, top + 20)]
    )
    return FoundLine("text", (first, second, third, fourth), 0.95)


def tilted(point: Point, degrees: float) -> Point:
    angle, x, y = radians(degrees), point.x - 200, point.y - 300
    return Point(200 + x * cos(angle) - y * sin(angle), 300 + x * sin(angle) + y * cos(angle))


def read(*lines: FoundLine, quarter_turns: int = 0) -> PageReading:
    def found(picture: Picture) -> FoundText:
        assert picture.shape == (600, 400, 3)
        return FoundText(lines, quarter_turns)

    return read_picture(PAGE, found)


def test_edges_are_in_the_unit_of_the_page() -> None:
    reading = read(line(100))
    (found,) = reading.lines
    assert (reading.width, reading.height) == (200, 300)
    assert (found.left, found.top, found.right, found.bottom) == (25, 50, 175, 60)
    assert found.confidence == 0.95


@pytest.mark.parametrize("tilt", [-8.0, -2.0, 3.0, 8.0])
def test_a_page_that_lies_askew_is_turned_level(tilt: float) -> None:
    level, askew = read(*map(line, TOPS)), read(*(line(top, tilt=tilt) for top in TOPS))
    for one, other in zip(level.lines, askew.lines, strict=True):
        assert other.left == pytest.approx(one.left)
        assert other.top == pytest.approx(one.top)
        assert other.right == pytest.approx(one.right)
        assert other.bottom == pytest.approx(one.bottom)


def test_a_short_line_does_not_tilt_the_page() -> None:
    crooked = line(300, left=50, right=90, tilt=15)
    assert read(*map(line, TOPS), crooked).lines[:3] == read(*map(line, TOPS)).lines


def test_a_page_that_was_turned_has_its_sides_exchanged() -> None:
    assert read(quarter_turns=1).width == 300
    assert read(quarter_turns=2).width == 200
    assert read(quarter_turns=3).height == 200
