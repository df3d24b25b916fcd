"""From the bytes of a file to blocks of text: one module per format."""

from collections.abc import Callable, Mapping

from ingest.errors import UnsupportedFormat
from ingest.parse.archive import parse_archive
from ingest.parse.csv import parse_csv
from ingest.parse.detect import LEGACY, detect_format
from ingest.parse.docx import parse_docx
from ingest.parse.eml import parse_eml
from ingest.parse.epub import parse_epub
from ingest.parse.html import parse_html
from ingest.parse.markdown import parse_markdown
from ingest.parse.mbox import parse_mbox
from ingest.parse.msg import parse_msg
from ingest.parse.parts import Parts
from ingest.parse.pdf import parse_pdf
from ingest.parse.picture import parse_picture
from ingest.parse.plain import parse_plain
from ingest.parse.pptx import parse_pptx
from ingest.parse.rtf import parse_rtf
from ingest.parse.xlsx import parse_xlsx
from ingest.records import NO_READINGS, ParsedDocument, Readings, Source

_PARSERS: Mapping[str, Callable[[bytes, str], ParsedDocument]] = {
    "csv": parse_csv,
    "docx": parse_docx,
    "epub": parse_epub,
    "html": parse_html,
    "markdown": parse_markdown,
    "plain": parse_plain,
    "pptx": parse_pptx,
    "rtf": parse_rtf,
    "xlsx": parse_xlsx,
}
_SCANNED: Mapping[str, Callable[[bytes, str, Readings], ParsedDocument]] = {
    "pdf": parse_pdf,
    "picture": parse_picture,
}
_CONTAINERS: Mapping[str, Callable[[bytes, str, Parts], ParsedDocument]] = {
    "eml": parse_eml,
    "mbox": parse_mbox,
    "msg": parse_msg,
    "zip": parse_archive,
}


def parse(source: Source) -> ParsedDocument:
    """Parse a document; its `scans` are left to be read, and then it is parsed again.

    Raises
    ------
    UnsupportedFormat
        There is no parser for it, or `ingest.parse.legacy` has to convert it first.
    UnreadableFile
        It is damaged, or protected with a password.
    EmptyDocument
        It holds no text.
    FileTooLarge
        It unpacks to far more than its size.
    """
    return _parse(source.data, source.filename, Parts(_parse), source.readings)


def _parse(
    data: bytes, filename: str, parts: Parts, readings: Readings = NO_READINGS
) -> ParsedDocument:
    kind = detect_format(data, filename=filename)
    if kind.startswith(LEGACY):
        raise UnsupportedFormat(
            f"{filename}: is in an old or foreign format that has to be converted first; save it "
            f"as .{kind.removeprefix(LEGACY)}, or load it by itself where LibreOffice is installed"
        )
    if kind in _CONTAINERS:
        parts.check_depth(filename)
        return _CONTAINERS[kind](data, filename, parts)
    if kind in _SCANNED:
        return _SCANNED[kind](data, filename, readings)
    return _PARSERS[kind](data, filename)
