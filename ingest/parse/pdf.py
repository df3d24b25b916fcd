"""PDF: text with positions, put into reading order, paragraphs and headings."""

from ingest.errors import EmptyDocument
from ingest.parse.builder import BlockBuilder, is_title
from ingest.parse.pdf_aligned import with_aligned_tables
from ingest.parse.pdf_headings import heading_levels
from ingest.parse.pdf_layout import read_lines
from ingest.parse.pdf_paragraphs import Paragraph, paragraphs
from ingest.parse.pdf_text import read_pdf
from ingest.parse.properties import pdf_properties
from ingest.records import ParsedDocument
from stores.records import BlockKind

_MIN_CHARACTERS = 5
"""Scans often carry a stamp or a page number as text; that is no text layer."""


def parse_pdf(data: bytes, filename: str) -> ParsedDocument:
    """Parse a PDF that has a text layer."""
    pdf = read_pdf(data, filename=filename)
    found = [
        paragraph
        for number, (page, lines) in enumerate(
            zip(pdf.pages, read_lines(pdf.pages), strict=True), start=1
        )
        for paragraph in paragraphs(with_aligned_tables(lines, page.rules), page=number)
    ]
    if sum(len(paragraph.text) for paragraph in found) < _MIN_CHARACTERS:
        raise EmptyDocument(
            f"{filename}: has {len(pdf.pages)} page(s) but no text, so it looks scanned; text "
            "recognition (OCR) is not available yet, so add a text layer with another program"
        )
    levels = heading_levels(found, pdf.outline)
    builder = BlockBuilder()
    for page in pdf.pages:
        builder.look_through("\n".join(piece.text for line in page.lines for piece in line))
        for kind, text in page.hidden:
            builder.hide(kind, text)
    _add_blocks(found, levels, builder)
    title = pdf.title if is_title(pdf.title) else _title_on_first_page(found, levels)
    return builder.build(
        title=title,
        filename=filename,
        media_type="application/pdf",
        properties=pdf_properties(subject=pdf.subject, keywords=pdf.keywords, created=pdf.created),
    )


def _title_on_first_page(found: list[Paragraph], levels: dict[int, int]) -> str:
    """Return the largest heading of page 1; above a title stand logos and series."""
    headings = [found[position] for position in levels if found[position].page == 1]
    return max(headings, key=lambda heading: heading.size).text if headings else ""


def _add_blocks(found: list[Paragraph], levels: dict[int, int], builder: BlockBuilder) -> None:
    """Add the paragraphs; the items of a list on one page become one block."""
    items: list[Paragraph] = []
    for position, paragraph in enumerate(found):
        is_item = paragraph.kind is BlockKind.LIST and position not in levels
        if items and not (is_item and paragraph.page == items[-1].page):
            _add_list(items, builder)
            items = []
        if position in levels:
            builder.heading(paragraph.text, level=levels[position], page=paragraph.page)
        elif is_item:
            items.append(paragraph)
        else:
            builder.add(paragraph.kind, paragraph.text, page=paragraph.page)
    if items:
        _add_list(items, builder)


def _add_list(items: list[Paragraph], builder: BlockBuilder) -> None:
    builder.add(BlockKind.LIST, "\n".join(item.text for item in items), page=items[0].page)
