"""What lies over the cells of a sheet: text boxes and the titles of charts."""

import posixpath
from collections.abc import Iterator
from zipfile import ZipFile

from lxml import etree

from ingest.parse.drawings import chart_title, paragraphs

_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def drawing_texts(package: ZipFile, sheet: str) -> Iterator[str]:
    """Yield the text of each shape over a sheet, then the titles of its charts.

    The figures of a chart stand in cells, which are read as such.

    Parameters
    ----------
    sheet
        The path of its part in the package.
    """
    for drawing in _related(package, sheet, "drawing"):
        root = _parsed(package, drawing)
        for shape in root.iter(f"{_DRAWING}txBody"):
            if not any(outer.tag == _FALLBACK for outer in shape.iterancestors()):
                yield "\n".join(paragraphs(shape))
        for chart in _related(package, drawing, "chart"):
            yield chart_title(_parsed(package, chart))


def _related(package: ZipFile, part: str, kind: str) -> Iterator[str]:
    """Yield the paths of the parts of a kind that a part refers to and that are there."""
    folder, name = posixpath.split(part)
    relations = f"{folder}/_rels/{name}.rels"
    if relations not in package.namelist():
        return
    for relation in _parsed(package, relations).iter(_RELATIONSHIP):
        target = posixpath.join("/", folder, relation.get("Target", ""))
        path = posixpath.normpath(target).lstrip("/")
        if relation.get("Type", "").endswith(f"/{kind}") and path in package.namelist():
            yield path


def _parsed(package: ZipFile, part: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    return etree.fromstring(package.read(part), parser)
