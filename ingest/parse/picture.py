"""Files of pictures: their pages are recognised as those of scans are."""

from PIL import Image

from ingest.parse.builder import BlockBuilder
from ingest.parse.pdf import add_pages
from ingest.parse.pdf_text import PdfPage
from ingest.parse.pictures import opened_picture, page_count
from ingest.parse.scanned import with_readings
from ingest.records import NO_READINGS, ParsedDocument, Readings


def parse_picture(data: bytes, filename: str, readings: Readings = NO_READINGS) -> ParsedDocument:
    """Parse a picture; a TIFF may have several pages."""
    with opened_picture(data, filename=filename) as picture:
        media_type = Image.MIME[picture.format or ""]
        blank = PdfPage(width=0, height=0, lines=(), needs_reading=True)
        pages = with_readings([blank] * page_count(picture), readings)
    builder = BlockBuilder()
    title = add_pages(pages, (), builder)
    return builder.build(
        title=title,
        filename=filename,
        media_type=media_type,
        scans=tuple(n for n, page in enumerate(pages, start=1) if page.needs_reading),
    )
