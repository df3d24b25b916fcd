"""RTF: its text in paragraphs; styles and headings are not kept."""

from striprtf.striprtf import rtf_to_text

from ingest.parse.builder import BlockBuilder
from ingest.parse.plain import add_paragraphs
from ingest.records import ParsedDocument

MEDIA_TYPE = "application/rtf"


def parse_rtf(data: bytes, filename: str) -> ParsedDocument:
    """Parse Rich Text; the code page that it names is that of its bytes."""
    text: str = rtf_to_text(data.decode("latin-1"), errors="replace")
    builder = BlockBuilder()
    builder.look_through(text)
    add_paragraphs(builder, text)
    return builder.build(title="", filename=filename, media_type=MEDIA_TYPE)
