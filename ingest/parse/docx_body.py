"""The paragraphs and tables of a Word document, in the order of its XML."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from docx.opc.part import Part
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from ingest.parse.builder import BlockBuilder
from ingest.parse.docx_drawings import drawn
from ingest.parse.docx_hidden import HiddenRuns
from ingest.parse.docx_notes import Notes
from ingest.parse.docx_styles import PLAIN, Style, list_depth, outline_level
from ingest.parse.numbering import NO_LABEL, Numbering, NumberLabel
from ingest.parse.tables import Grid, markdown_table
from stores.records import BlockKind

_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
TEXT_TAGS: Final = frozenset({qn("w:t"), f"{_MATH}t"})
_BREAKS = {
    qn("w:br"): "\n",
    qn("w:cr"): "\n",
    qn("w:tab"): "\t",
    qn("w:ptab"): "\t",
    qn("w:noBreakHyphen"): "-",
}
_UNSEEN = {qn("w:del"), qn("w:moveFrom"), qn("w:pPr"), qn("w:rPr"), qn("w:instrText"), _FALLBACK}
_PARAGRAPH, _TABLE, _BOX = qn("w:p"), qn("w:tbl"), qn("w:txbxContent")
_BODY_TEXT_LEVEL = 10
_GONE = (qn("w:del"), qn("w:moveFrom"), qn("w:vanish"))


@dataclass(frozen=True, slots=True)
class Item:
    """A paragraph or table.

    Attributes
    ----------
    level
        That of a heading; None for anything else.
    depth
        How deep a list item is, 0 for the outermost.
    label
        The number before it; list items without one have a bullet.
    is_note
        It is a footnote or endnote, and may stand behind the list that refers to it.
    """

    kind: BlockKind
    text: str
    level: int | None = None
    depth: int = 0
    label: NumberLabel = NO_LABEL
    is_note: bool = False


class BodyReader:
    """Goes through the body of a document."""

    def __init__(
        self,
        *,
        styles: dict[str, Style],
        hidden: HiddenRuns,
        numbering: Numbering,
        notes: Notes,
        parts: Mapping[str, Part],
        builder: BlockBuilder,
    ) -> None:
        self._styles = styles
        self._hidden = hidden
        self._numbering = numbering
        self._notes = notes
        self._parts = parts
        self._builder = builder

    def items(self, parent: BaseOxmlElement) -> Iterator[Item]:
        """Yield what stands in an element: the body, a cell, a text box."""
        for child in parent:
            if child.tag == _PARAGRAPH:
                yield from self._paragraph(child)
            elif child.tag == _TABLE:
                yield from self._table(child)
            elif child.tag not in _UNSEEN and isinstance(child.tag, str):
                yield from self.items(child)

    def text(self, paragraph: BaseOxmlElement) -> str:
        """Return the visible text of a paragraph, without that of text boxes in it."""
        return "".join(self._run_texts(paragraph))

    def _paragraph(self, paragraph: BaseOxmlElement) -> Iterator[Item]:
        properties = paragraph.find(qn("w:pPr"))
        style = self._style(properties)
        text = self.text(paragraph)
        if not style.is_contents:
            label = self._label(text, properties)
            if text.strip():
                yield _item(text, label, style, properties)
        yield from self._noted()
        yield from (Item(kind, shown) for kind, shown in drawn(paragraph, self._parts) if shown)
        for box in paragraph.iter(_BOX):
            if not any(parent.tag in _UNSEEN | {_BOX} for parent in box.iterancestors()):
                yield from self.items(box)

    def _label(self, text: str, properties: BaseOxmlElement | None) -> NumberLabel:
        """Return the number of a paragraph; an empty one counts too, unless it is not there."""
        of_mark = properties.find(qn("w:rPr")) if properties is not None else None
        is_gone = of_mark is not None and any(of_mark.find(tag) is not None for tag in _GONE)
        return NO_LABEL if is_gone and not text else self._numbering.count(properties)

    def _noted(self) -> Iterator[Item]:
        for mark, note in self._notes.take():
            texts = (self.text(paragraph) for paragraph in note.iter(_PARAGRAPH))
            text = "\n".join(each.strip() for each in texts if each.strip())
            if text:
                yield Item(BlockKind.TEXT, f"{mark} {text}".strip(), is_note=True)

    def _style(self, properties: BaseOxmlElement) -> Style:
        node = properties.find(qn("w:pStyle")) if properties is not None else None
        return self._styles.get(node.get(qn("w:val")), PLAIN) if node is not None else PLAIN

    def _table(self, table: BaseOxmlElement) -> Iterator[Item]:
        rows = [list(_cells(row)) for row in _children(table, qn("w:tr"))]
        if len(rows) == 1 and len(rows[0]) == 1:  # a frame around text, not data
            yield from self.items(rows[0][0])
            return
        text = markdown_table(self._fill(rows).rows())
        if text:
            yield Item(BlockKind.TABLE, text)
        yield from self._noted()

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
        lines = []
        for paragraph in cell.iter(_PARAGRAPH):
            text = self.text(paragraph)
            lines.append(self._label(text, paragraph.find(qn("w:pPr"))).before(text))
        return "\n".join(line for line in lines if line.strip())

    def _run_texts(self, node: BaseOxmlElement) -> Iterator[str]:
        for child in node:
            if child.tag in TEXT_TAGS:
                yield child.text or ""
            elif child.tag in _BREAKS:
                yield _BREAKS[child.tag]
            elif mark := self._notes.mark(child):
                yield mark
            elif child.tag not in _UNSEEN and child.tag != _BOX:
                kind = self._hidden.kind(child)
                if kind is None:
                    yield from self._run_texts(child)
                else:
                    self._builder.hide(
                        kind, "".join(each.text or "" for each in child.iter(*TEXT_TAGS))
                    )


def _item(text: str, label: NumberLabel, style: Style, properties: BaseOxmlElement) -> Item:
    stated = outline_level(properties)
    level = style.level if stated is None else stated
    depth = list_depth(properties)
    if level is not None and level < _BODY_TEXT_LEVEL:
        return Item(BlockKind.HEADING, label.before(text), level=level)
    if style.is_code:
        return Item(BlockKind.CODE, text)
    if label.is_clause:
        return Item(BlockKind.TEXT, label.before(text))
    if depth is not None or style.is_list:
        return Item(BlockKind.LIST, text, depth=depth or 0, label=label)
    return Item(BlockKind.TEXT, label.before(text))


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
