"""Charts and diagrams (SmartArt) of Office files: the text and the figures that they show."""

from collections.abc import Iterator, Mapping

from lxml import etree

from ingest.parse.cells import shown
from ingest.parse.tables import markdown_table

_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_TEXT = "{http://schemas.openxmlformats.org/drawingml/2006/main}t"
_PARAGRAPH = "{http://schemas.openxmlformats.org/drawingml/2006/main}p"
_MOST_POINTS = 5_000
"""Categories of one series that are read; a chart with more is a curve, not a table."""


def chart_title(root: etree._Element) -> str:
    """Return the title of a chart and those of its axes, one a line."""
    titles = (" ".join(paragraphs(title)) for title in root.iter(f"{_CHART}title"))
    return "\n".join(title for title in titles if title)


def chart_table(root: etree._Element) -> str:
    """Return what a chart shows as a Markdown table: a row per category, a column per series.

    The figures are those that the program kept with the chart, in their number formats.
    """
    series = [each for each in root.iter(f"{_CHART}ser") if each.find(f"{_CHART}tx") is not None]
    series = series or list(root.iter(f"{_CHART}ser"))
    columns = [_points(each, "val", "yVal") for each in series]
    categories: Mapping[int, str] = {}
    for each in series:
        categories = categories or _points(each, "cat", "xVal")
    places = sorted({place for column in columns for place in column})[:_MOST_POINTS]
    header = ["", *(_name(each) for each in series)]
    rows = [
        [categories.get(place, ""), *(column.get(place, "") for column in columns)]
        for place in places
    ]
    return markdown_table([header, *rows]) if rows else ""


def diagram_lines(root: etree._Element) -> str:
    """Return the texts of a diagram's data, one a line, in the order in which they were entered."""
    texts = (" ".join(paragraphs(point)) for point in root.iter(f"{_DIAGRAM}t"))
    return "\n".join(f"- {text}" for text in texts if text)


def paragraphs(node: etree._Element) -> Iterator[str]:
    """Yield the paragraphs of DrawingML below a node, without those in which nothing stands."""
    for paragraph in node.iter(_PARAGRAPH):
        text = "".join(run.text or "" for run in paragraph.iter(_TEXT)).strip()
        if text:
            yield text


def _name(series: etree._Element) -> str:
    title = series.find(f"{_CHART}tx")
    values = () if title is None else title.iter(f"{_CHART}v")
    return " ".join(value.text or "" for value in values)


def _points(series: etree._Element, *names: str) -> Mapping[int, str]:
    """Return the values of a series or its categories by their places.

    Categories of several levels are put together, the outermost first.
    """
    node = next((n for name in names if (n := series.find(f"{_CHART}{name}")) is not None), None)
    if node is None:
        return {}
    levels = list(node.iter(f"{_CHART}lvl")) or [node]
    found: dict[int, str] = {}
    for level in reversed(levels):
        for point in level.iter(f"{_CHART}pt"):
            place = int(point.get("idx", "0"))
            parts = (found.get(place, ""), _value(point, level))
            found[place] = " ".join(part for part in parts if part)
    return found


def _value(point: etree._Element, level: etree._Element) -> str:
    text = point.findtext(f"{_CHART}v") or ""
    number_format = point.get("formatCode") or next(
        (node.text for node in level.iter(f"{_CHART}formatCode")), "General"
    )
    try:
        return shown(float(text), number_format)
    except ValueError:
        return text
