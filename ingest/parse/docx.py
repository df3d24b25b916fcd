"""DOCX: headings by outline level, tables, lists and clauses with their numbers, notes."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from io import BytesIO
from zipfile import BadZipFile

from docx import Document
from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn

from ingest.errors import UnreadableFile
from ingest.parse.builder import BlockBuilder
from ingest.parse.chinese_headings import chinese_heading_level
from ingest.parse.docx_body import TEXT_TAGS, BodyReader, Item
from ingest.parse.docx_hidden import HiddenRuns
from ingest.parse.docx_margins import has_page_number, margins, without_page_words
from ingest.parse.docx_notes import Notes, part_root
from ingest.parse.docx_styles import TITLE_LEVEL, read_styles
from ingest.parse.numbering import Numbering
from ingest.parse.package import transitional
from ingest.parse.properties import office_properties
from ingest.records import ParsedDocument
from stores.records import BlockKind

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def parse_docx(data: bytes, filename: str) -> ParsedDocument:
    """Parse a Word document.

    Deleted, hidden and repeated (contents) text is left out; headers and footers stand once, at the
    end.
    """
    builder = BlockBuilder()
    try:
        document = Document(BytesIO(transitional(data)))
        reader = _reader(document, builder)
    except (OpcError, KeyError, ValueError, SyntaxError, BadZipFile) as error:
        raise UnreadableFile(
            f"{filename}: is no complete Word document; open it in Word and save it as .docx again"
        ) from error
    items = list(reader.items(document.element.body))
    if not any(item.level is not None for item in items):
        items = [_with_chinese_heading(item) for item in items]
    title = next((item.text for item in items if item.level == TITLE_LEVEL), "")
    builder.look_through(
        "".join(each.text or "" for each in document.element.body.iter(*TEXT_TAGS))
    )
    _add_items(items, builder)
    _add_margins(_margin_lines(document, reader), items, builder)
    title = title or document.core_properties.title or ""
    return builder.build(
        title=title,
        filename=filename,
        media_type=MEDIA_TYPE,
        properties=office_properties(data),
    )


def _reader(document: WordDocument, builder: BlockBuilder) -> BodyReader:
    styles = document.styles.element
    return BodyReader(
        styles=read_styles(styles),
        hidden=HiddenRuns(styles, document.element),
        numbering=Numbering(styles, part_root(document, RELATIONSHIP_TYPE.NUMBERING)),
        notes=Notes(document),
        parts=document.part.related_parts,
        builder=builder,
    )


def _with_chinese_heading(item: Item) -> Item:
    level = chinese_heading_level(item.text) if item.kind is BlockKind.TEXT else None
    return item if level is None else Item(BlockKind.HEADING, item.text, level=level)


def _add_items(items: list[Item], builder: BlockBuilder) -> None:
    """Add blocks; the items of a list, and the lines of a listing, become one block."""
    gathered: list[str] = []
    notes: list[Item] = []
    kind = BlockKind.TEXT
    for item in items:
        if gathered and item.is_note:
            notes.append(item)
            continue
        if item.kind is not kind:
            _flush(kind, gathered, notes, builder)
        kind = item.kind
        if item.level is not None:
            builder.heading(item.text, level=item.level)
        elif kind is BlockKind.LIST:
            gathered.append(_list_line(item))
        elif kind is BlockKind.CODE:
            gathered.append(item.text)
        else:
            builder.add(kind, item.text)
    _flush(kind, gathered, notes, builder)


def _flush(kind: BlockKind, lines: list[str], notes: list[Item], builder: BlockBuilder) -> None:
    builder.add(kind, "\n".join(lines))
    for note in notes:
        builder.add(note.kind, note.text)
    lines.clear()
    notes.clear()


def _list_line(item: Item) -> str:
    label = item.label if item.label.text else replace(item.label, text="-")
    return f"{'  ' * item.depth}{label.before(' '.join(item.text.split()))}"


def _margin_lines(document: WordDocument, reader: BodyReader) -> Iterator[str]:
    for margin in margins(document):
        for paragraph in margin.iter(qn("w:p")):
            text = reader.text(paragraph)
            yield without_page_words(text) if has_page_number(paragraph) else text


def _add_margins(lines: Iterable[str], items: list[Item], builder: BlockBuilder) -> None:
    """Add what headers and footers say and the text does not, as one block without headings."""
    said = {" ".join(item.text.split()) for item in items}
    found = dict.fromkeys(" ".join(line.split()) for line in lines)
    builder.leave_headings()
    builder.add(BlockKind.TEXT, "\n".join(line for line in found if line not in said))
