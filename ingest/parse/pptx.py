"""PPTX: a slide is a page, its title a heading; text, tables and notes."""

from collections.abc import Iterable, Iterator
from io import BytesIO
from zipfile import BadZipFile

from pptx import Presentation
from pptx.exc import PythonPptxError
from pptx.oxml.ns import qn
from pptx.shapes.autoshape import Shape
from pptx.shapes.base import BaseShape
from pptx.shapes.graphfrm import GraphicFrame
from pptx.shapes.group import GroupShape
from pptx.slide import Slide
from pptx.table import Table
from pptx.text.text import _Paragraph

from ingest.errors import UnreadableFile
from ingest.parse.builder import BlockBuilder
from ingest.parse.package import transitional
from ingest.parse.properties import office_properties
from ingest.parse.tables import Grid, markdown_table
from ingest.records import ParsedDocument
from stores.records import BlockKind

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
_ROW_HEIGHT = 100_000
"""Shapes whose tops differ by less (in EMU, about 3 mm) stand side by side."""
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
    shapes = [shape for shape in _shapes(slide.shapes) if shape.element is not _element(title)]
    for shape in sorted(shapes, key=_position):
        if isinstance(shape, GraphicFrame) and shape.has_table:
            builder.add(BlockKind.TABLE, _table(shape.table), page=page)
        elif isinstance(shape, Shape) and not _is_furniture(shape):
            kind, text = _text(shape)
            builder.add(kind, text, page=page)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        builder.add(BlockKind.TEXT, slide.notes_slide.notes_text_frame.text, page=page)


def _element(shape: BaseShape | None) -> object:
    return None if shape is None else shape.element


def _shapes(shapes: Iterable[BaseShape]) -> Iterator[BaseShape]:
    for shape in shapes:
        if isinstance(shape, GroupShape):
            yield from _shapes(shape.shapes)
        else:
            yield shape


def _position(shape: BaseShape) -> tuple[int, int]:
    return ((shape.top or 0) // _ROW_HEIGHT, shape.left or 0)


def _is_furniture(shape: BaseShape) -> bool:
    return shape.is_placeholder and shape.placeholder_format.type in _FURNITURE


def _text(shape: Shape) -> tuple[BlockKind, str]:
    """Return the paragraphs of a shape; in a body placeholder, or with bullets, they are a list."""
    paragraphs = [p for p in shape.text_frame.paragraphs if p.text.strip()]
    is_body = shape.is_placeholder and shape.placeholder_format.idx > 0
    if len(paragraphs) > 1 and (is_body or any(_has_bullet(p) for p in paragraphs)):
        lines = [f"{'  ' * p.level}- {' '.join(p.text.split())}" for p in paragraphs]
        return BlockKind.LIST, "\n".join(lines)
    return BlockKind.TEXT, "\n".join(p.text for p in paragraphs)


def _has_bullet(paragraph: _Paragraph) -> bool:
    properties = paragraph._p.pPr  # bullets have no public name
    names = ("a:buChar", "a:buAutoNum")
    return properties is not None and any(properties.find(qn(n)) is not None for n in names)


def _table(table: Table) -> str:
    grid = Grid()
    for row, cells in enumerate(table.rows):
        for column, cell in enumerate(cells.cells):
            if cell.is_spanned:
                continue
            height, width = (cell.span_height, cell.span_width) if cell.is_merge_origin else (1, 1)
            grid.place(cell.text_frame.text, row=row, column=column, rows=height, columns=width)
    return markdown_table(grid.rows())
