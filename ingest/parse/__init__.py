"""From the bytes of a file to blocks of text: one module per format."""

from collections.abc import Callable, Mapping

from ingest.parse.csv import parse_csv
from ingest.parse.detect import detect_format
from ingest.parse.docx import parse_docx
from ingest.parse.eml import parse_eml
from ingest.parse.html import parse_html
from ingest.parse.markdown import parse_markdown
from ingest.parse.pdf import parse_pdf
from ingest.parse.plain import parse_plain
from ingest.parse.pptx import parse_pptx
from ingest.parse.xlsx import parse_xlsx
from ingest.records import ParsedDocument, Source

_PARSERS: Mapping[str, Callable[[bytes, str], ParsedDocument]] = {
    "csv": parse_csv,
    "docx": parse_docx,
    "eml": parse_eml,
    "html": parse_html,
    "markdown": parse_markdown,
    "pdf": parse_pdf,
    "plain": parse_plain,
    "pptx": parse_pptx,
    "xlsx": parse_xlsx,
}


def parse(source: Source) -> ParsedDocument:
    """Parse a document.

    Raises
    ------
    UnsupportedFormat
        There is no parser for it.
    UnreadableFile
        It is damaged, or protected with a password.
    EmptyDocument
        It holds no text.
    """
    kind = detect_format(source.data, filename=source.filename)
    return _PARSERS[kind](source.data, source.filename)
