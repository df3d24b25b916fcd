"""DOCX: headings by outline level, tables with merged cells, lists, text boxes."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from zipfile import BadZipFile

from docx import Document
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from ingest.errors import UnreadableFile
from ingest.parse.builder import BlockBuilder
from ingest.parse.chinese_headings import chinese_heading_level
from ingest.parse.docx_hidden import HiddenRuns
from ingest.parse.docx_styles import (
    PLAIN,
    TITLE_LEVEL,
    Style,
    list_depth,
    outline_level,
    read_styles,
)
from ingest.parse.package import transitional
from ingest.parse.properties import office_properties
from ingest.parse.tables import Grid, markdown_table
from ingest.records import ParsedDocument
from stores.records import BlockKind

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_TEXT = {qn("w:t"), f"{_MATH}t"}
_BREAKS = {
    qn("w:br"): "\n",
    qn("w:cr"): "\n",
    qn("w:tab"): "\t",
    qn("w:ptab"): "\t",
    qn("w:noBreakHyphen"): "-",
}
_UNSEEN = {qn("w:del"), qn("w:moveFrom"), qn("w:pPr"), qn("w:rPr"), qn("w:instrText"), _FALLBACK}
_PARAGRAPH, _TABLE, _BOX = qn("w:p"), qn("w:tbl"), qn("w:txbxContent")


@dataclass(frozen=True, slots=True)
class _Item:
    """A paragraph or table; `level` is that of a heading, `depth` that of a list item."""

    kind: BlockKind
    text: str
    level: int | None = None
    depth: int = 0


def parse_docx(data: bytes, filename: str) -> ParsedDocument:
    """Parse a Word document. Deleted, hidden and repeated (contents, headers) text is left out."""
    try:
        document = Document(BytesIO(transitional(data)))
    except (OpcError, KeyError, ValueError, SyntaxError, BadZipFile) as error:
        raise UnreadableFile(
            f"{filename}: is no complete Word document; open it in Word and save it as .docx again"
        ) from error
    builder = BlockBuilder()
    styles = document.styles.element
    hidden = HiddenRuns(styles, document.element)
    items = list(_Reader(read_styles(styles), hidden, builder).items(document.element.body))
    if not any(item.level is not None for item in items):
        items = [_with_chinese_heading(item) for item in items]
    title = next((item.text for item in items if item.level == TITLE_LEVEL), "")
    builder.look_through("".join(each.text or "" for each in document.element.body.iter(*_TEXT)))
    _add_items(items, builder)
    title = title or document.core_properties.title or ""
    return builder.build(
        title=title,
        filename=filename,
        media_type=MEDIA_TYPE,
        properties=office_properties(data),
    )


class _Reader:
    """Goes through the body of a document in the order of its XML."""

    def __init__(self, styles: dict[str, Style], hidden: HiddenRuns, builder: BlockBuilder) -> None:
        self._styles = styles
        self._hidden = hidden
        self._builder = builder

    def items(self, parent: BaseOxmlElement) -> Iterator[_Item]:
        for child in parent:
            if child.tag == _PARAGRAPH:
                yield from self._paragraph(child)
            elif child.tag == _TABLE:
                yield from self._table(child)
            elif child.tag not in _UNSEEN and isinstance(child.tag, str):
                yield from self.items(child)

    def _paragraph(self, paragraph: BaseOxmlElement) -> Iterator[_Item]:
        properties = paragraph.find(qn("w:pPr"))
        style = self._style(properties)
        text = "".join(self._run_texts(paragraph))
        if text.strip() and not style.is_contents:
            yield _item(text, style, properties)
        for box in paragraph.iter(_BOX):
            if not any(parent.tag in _UNSEEN | {_BOX} for parent in box.iterancestors()):
                yield from self.items(box)

    def _style(self, properties: BaseOxmlElement) -> Style:
        node = properties.find(qn("w:pStyle")) if properties is not None else None
        return self._styles.get(node.get(qn("w:val")), PLAIN) if node is not None else PLAIN

    def _table(self, table: BaseOxmlElement) -> Iterator[_Item]:
        rows = [list(_cells(row)) for row in _children(table, qn("w:tr"))]
        if len(rows) == 1 and len(rows[0]) == 1:  # a frame around text, not data
            yield from self.items(rows[0][0])
            return
        text = markdown_table(self._fill(rows).rows())
        if text:
            yield _Item(BlockKind.TABLE, text)

    def _fill(self, rows: list[list[BaseOxmlElement]]) -> Grid:
        """Lay out cells; a vertically merged one takes the text of the cell above it."""
        grid = Grid()
        above: dict[int, str] = {}
        for number, cells in enumerate(rows):
            column = _skipped(cells)
            for cell in cells:
                properties = cell.find(qn("w:tcPr"))
                width = _value(properties, "w:gridSpan")
                text = self._cell_text(cell)
                if _goes_on(properties):
                    text = text or above.get(column, "")
                above[column] = text
                grid.place(text, row=number, column=column, columns=width)
                column += width
        return grid

    def _cell_text(self, cell: BaseOxmlElement) -> str:
        paragraphs = ("".join(self._run_texts(each)) for each in cell.iter(_PARAGRAPH))
        return "\n".join(text for text in paragraphs if text.strip())

    def _run_texts(self, node: BaseOxmlElement) -> Iterator[str]:
        """Yield the visible text of a paragraph, without that of text boxes in it."""
        for child in node:
            if child.tag in _TEXT:
                yield child.text or ""
            elif child.tag in _BREAKS:
                yield _BREAKS[child.tag]
            elif child.tag not in _UNSEEN and child.tag != _BOX:
                kind = self._hidden.kind(child)
                if kind is None:
                    yield from self._run_texts(child)
                else:
                    self._builder.hide(
                        kind, "".join(each.text or "" for each in child.iter(*_TEXT))
                    )


def _item(text: str, style: Style, properties: BaseOxmlElement) -> _Item:
    stated = outline_level(properties)
    level = style.level if stated is None else stated
    depth = list_depth(properties)
    if level is not None and level <= 9:  # noqa: PLR2004 - level 10 is body text
        return _Item(BlockKind.HEADING, text, level=level)
    if style.is_code:
        return _Item(BlockKind.CODE, text)
    if depth is not None or style.is_list:
        return _Item(BlockKind.LIST, text, depth=depth or 0)
    return _Item(BlockKind.TEXT, text)


def _with_chinese_heading(item: _Item) -> _Item:
    level = chinese_heading_level(item.text) if item.kind is BlockKind.TEXT else None
    return item if level is None else _Item(BlockKind.HEADING, item.text, level=level)


def _add_items(items: list[_Item], builder: BlockBuilder) -> None:
    """Add blocks; the items of a list, and the lines of a listing, become one block."""
    gathered: list[str] = []
    kind = BlockKind.TEXT
    for item in items:
        if gathered and item.kind is not kind:
            builder.add(kind, "\n".join(gathered))
            gathered = []
        kind = item.kind
        if item.level is not None:
            builder.heading(item.text, level=item.level)
        elif kind is BlockKind.LIST:
            gathered.append(f"{'  ' * item.depth}- {' '.join(item.text.split())}")
        elif kind is BlockKind.CODE:
            gathered.append(item.text)
        else:
            builder.add(kind, item.text)
    builder.add(kind, "\n".join(gathered))


def _children(node: BaseOxmlElement, tag: str) -> Iterator[BaseOxmlElement]:
    """Yield the children with a tag, those inside content controls too."""
    for child in node:
        if child.tag == tag:
            yield child
        elif child.tag in {qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:customXml")}:
            yield from _children(child, tag)


def _cells(row: BaseOxmlElement) -> Iterator[BaseOxmlElement]:
    return _children(row, qn("w:tc"))


def _skipped(cells: list[BaseOxmlElement]) -> int:
    """Return how many columns a row leaves out before its first cell."""
    if not cells:
        return 0
    properties = cells[0].getparent().find(qn("w:trPr"))
    return _value(properties, "w:gridBefore", default=0)


def _value(properties: BaseOxmlElement, name: str, *, default: int = 1) -> int:
    node = properties.find(qn(name)) if properties is not None else None
    value = node.get(qn("w:val"), "") if node is not None else ""
    return min(int(value), 100) if value.isascii() and value.isdigit() else default


def _goes_on(properties: BaseOxmlElement) -> bool:
    merge = properties.find(qn("w:vMerge")) if properties is not None else None
    return merge is not None and merge.get(qn("w:val")) != "restart"
