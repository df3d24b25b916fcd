"""Charts and diagrams (SmartArt) in the paragraphs of a Word document."""

from collections.abc import Iterator, Mapping

from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from ingest.parse.drawings import chart_table, chart_title, diagram_lines
from stores.records import BlockKind

_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}chart"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"


def drawn(paragraph: BaseOxmlElement, parts: Mapping[str, Part]) -> Iterator[tuple[BlockKind, str]]:
    """Yield what the drawings of a paragraph show, each line of a diagram by itself.

    Parameters
    ----------
    parts
        The parts of the document by the ids under which its drawings name them.
    """
    for drawing in paragraph.iter(_CHART, _DIAGRAM):
        part = parts.get(drawing.get(qn("r:id" if drawing.tag == _CHART else "r:dm"), ""))
        if part is None:
            continue
        root = parse_xml(part.blob)
        if drawing.tag == _CHART:
            yield BlockKind.TEXT, chart_title(root)
            yield BlockKind.TABLE, chart_table(root)
        else:
            for line in diagram_lines(root).splitlines():
                yield BlockKind.LIST, line.removeprefix("- ")
