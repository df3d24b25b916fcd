"""PPTX: a slide is a page, its title a heading; text, tables, charts, diagrams, notes."""

from collections.abc import Iterable, Iterator
from io import BytesIO
from zipfile import BadZipFile

from pptx import Presentation
from pptx.exc import PythonPptxError
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.shapes.autoshape import Shape
from pptx.shapes.base import BaseShape
from pptx.shapes.graphfrm import GraphicFrame
from pptx.shapes.group import GroupShape
from pptx.slide import Slide
from pptx.table import Table

from ingest.errors import UnreadableFile
from ingest.parse.builder import BlockBuilder
from ingest.parse.drawings import chart_table, chart_title, diagram_lines
from ingest.parse.package import transitional
from ingest.parse.pptx_text import shape_text
from ingest.parse.properties import office_properties
from ingest.parse.tables import Grid, markdown_table
from ingest.records import ParsedDocument
from stores.records import BlockKind

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
_ROW_HEIGHT = 100_000
"""Shapes whose tops differ by less (in EMU, about 3 mm) stand side by side."""
_DIAGRAM_RELATIONS = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"
_FURNITURE = frozenset({13, 15, 16})
"""Placeholder types: slide number, footer, date."""


def parse_pptx(data: bytes, filename: str) -> ParsedDocument:
    """Parse a presentation. Hidden slides, footers and slide numbers are left out."""
    try:
        presentation = Presentation(BytesIO(transitional(data)))
        slides = list(presentation.slides)
    except (PythonPptxError, KeyError, ValueError, SyntaxError, BadZipFile) as error:
        raise UnreadableFile(
            f"{filename}: is no complete presentation; open it in PowerPoint and save it as .pptx"
            " again"
        ) from error
    builder = BlockBuilder()
    for page, slide in enumerate(slides, start=1):
        if slide.element.get("show") not in {"0", "false"}:
            _add_slide(slide, builder, page=page)
    title = presentation.core_properties.title or ""
    return builder.build(
        title=title,
        filename=filename,
        media_type=MEDIA_TYPE,
        properties=office_properties(data),
    )


def _add_slide(slide: Slide, builder: BlockBuilder, *, page: int) -> None:
    builder.leave_headings()
    builder.look_through("".join(each.text or "" for each in slide.element.iter(qn("a:t"))))
    title = slide.shapes.title
    if title is not None:
        builder.heading(title.text_frame.text, level=1, page=page)
    for shape in _shapes(slide.shapes):
        if shape.element is _element(title):
            continue
        if isinstance(shape, GraphicFrame):
            _add_frame(shape, builder, page=page)
        elif isinstance(shape, Shape) and not _is_furniture(shape):
            kind, text = shape_text(shape)
            builder.add(kind, text, page=page)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        builder.add(BlockKind.TEXT, slide.notes_slide.notes_text_frame.text, page=page)


def _add_frame(frame: GraphicFrame, builder: BlockBuilder, *, page: int) -> None:
    """Add what a frame holds: a table, a chart or a diagram."""
    if frame.has_table:
        builder.add(BlockKind.TABLE, _table(frame.table), page=page)
    elif frame.has_chart:
        chart = frame.chart_part._element  # the XML of a chart has no public name
        builder.add(BlockKind.TEXT, chart_title(chart), page=page)
        builder.add(BlockKind.TABLE, chart_table(chart), page=page)
    else:
        for relations in frame.element.iter(_DIAGRAM_RELATIONS):
            relation = frame.part.rels.get(relations.get(qn("r:dm"), ""))
            if relation is not None and not relation.is_external:
                root = parse_xml(relation.target_part.blob)
                builder.add(BlockKind.LIST, diagram_lines(root), page=page)


def _element(shape: BaseShape | None) -> object:
    return None if shape is None else shape.element


def _shapes(shapes: Iterable[BaseShape]) -> Iterator[BaseShape]:
    """Yield shapes as they are read; those of a group, which has its own measure, together."""
    for shape in sorted(shapes, key=_position):
        if isinstance(shape, GroupShape):
            yield from _shapes(shape.shapes)
        else:
            yield shape


def _position(shape: BaseShape) -> tuple[int, int]:
    return ((shape.top or 0) // _ROW_HEIGHT, shape.left or 0)


def _is_furniture(shape: BaseShape) -> bool:
    return shape.is_placeholder and shape.placeholder_format.type in _FURNITURE


def _table(table: Table) -> str:
    grid = Grid()
    for row, cells in enumerate(table.rows):
        for column, cell in enumerate(cells.cells):
            if cell.is_spanned:
                continue
            height, width = (cell.span_height, cell.span_width) if cell.is_merge_origin else (1, 1)
            grid.place(cell.text_frame.text, row=row, column=column, rows=height, columns=width)
    return markdown_table(grid.rows())
