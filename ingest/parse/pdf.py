"""PDF: text with positions, put into reading order, paragraphs and headings."""

from collections.abc import Sequence

from ingest.parse.builder import BlockBuilder, is_title
from ingest.parse.pdf_aligned import with_aligned_tables
from ingest.parse.pdf_headings import heading_levels
from ingest.parse.pdf_layout import read_lines
from ingest.parse.pdf_paragraphs import Paragraph, paragraphs
from ingest.parse.pdf_recognised import together
from ingest.parse.pdf_text import OutlineEntry, PdfPage, read_pdf
from ingest.parse.properties import pdf_properties
from ingest.parse.scanned import with_readings
from ingest.records import NO_READINGS, ParsedDocument, Readings
from stores.records import BlockKind

_MIN_CHARACTERS = 5
"""Of a file; less is a stray page number."""


def parse_pdf(data: bytes, filename: str, readings: Readings = NO_READINGS) -> ParsedDocument:
    """Parse a PDF; `readings` stand in the place of its scanned pages."""
    pdf = read_pdf(data, filename=filename)
    pages = with_readings(pdf.pages, readings)
    scans = tuple(number for number, page in enumerate(pages, start=1) if page.needs_reading)
    builder = BlockBuilder()
    for page in pdf.pages:
        builder.look_through("\n".join(piece.text for line in page.lines for piece in line))
        for kind, text in page.hidden:
            builder.hide(kind, text)
    title = add_pages(pages, pdf.outline, builder)
    return builder.build(
        title=pdf.title if is_title(pdf.title) else title,
        filename=filename,
        media_type="application/pdf",
        properties=pdf_properties(subject=pdf.subject, keywords=pdf.keywords, created=pdf.created),
        scans=scans,
    )


def add_pages(
    pages: Sequence[PdfPage], outline: Sequence[OutlineEntry], builder: BlockBuilder
) -> str:
    """Add the text of pages, and return the title that stands on the first one, or ""."""
    found = [
        paragraph
        for number, (page, lines) in enumerate(zip(pages, read_lines(pages), strict=True), start=1)
        for paragraph in paragraphs(with_aligned_tables(lines, page.rules), page=number)
    ]
    if sum(len(paragraph.text) for paragraph in found) < _MIN_CHARACTERS:
        return ""
    levels = heading_levels(found, outline)
    _add_blocks(found, levels, builder)
    return _title_on_first_page(found, levels)


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
            builder.heading(
                paragraph.text,
                level=levels[position],
                page=paragraph.page,
                recognised=paragraph.recognised,
            )
        elif is_item:
            items.append(paragraph)
        else:
            builder.add(
                paragraph.kind,
                paragraph.text,
                page=paragraph.page,
                recognised=paragraph.recognised,
            )
    if items:
        _add_list(items, builder)


def _add_list(items: list[Paragraph], builder: BlockBuilder) -> None:
    builder.add(
        BlockKind.LIST,
        "\n".join(item.text for item in items),
        page=items[0].page,
        recognised=together([(item.text, item.recognised) for item in items]),
    )
