"""Which format a file has: by its content where that tells, else by its suffix."""

import re
from pathlib import PurePath

from ingest.errors import UnreadableFile, UnsupportedFormat
from ingest.parse.decode import looks_binary
from ingest.parse.package import package_kind

TEXT_SUFFIXES = {
    ".csv": "csv",
    ".eml": "eml",
    ".htm": "html",
    ".html": "html",
    ".markdown": "markdown",
    ".mbox": "mbox",
    ".md": "markdown",
    ".tab": "csv",
    ".text": "plain",
    ".tsv": "csv",
    ".txt": "plain",
    ".xhtml": "html",
}
BINARY_SUFFIXES = {
    ".docm": "docx",
    ".docx": "docx",
    ".epub": "epub",
    ".msg": "msg",
    ".pdf": "pdf",
    ".pptm": "pptx",
    ".pptx": "pptx",
    ".xlsm": "xlsx",
    ".xlsx": "xlsx",
    ".zip": "zip",
}
SUPPORTED = (
    "PDF, DOCX, PPTX, XLSX, HTML, Markdown, TXT, CSV, TSV, EML, MSG, MBOX, EPUB, RTF, ZIP, PNG, "
    "JPEG, TIFF, WebP, BMP, and where LibreOffice is installed DOC, PPT, XLS, ODT, ODP, ODS"
)
LEGACY = "legacy-"
_LEGACY_SUFFIXES = {
    ".doc": "docx", ".dot": "docx", ".wps": "docx", ".odt": "docx", ".ppt": "pptx", ".pps": "pptx",
    ".dps": "pptx", ".odp": "pptx", ".xls": "xlsx", ".et": "xlsx", ".xlsb": "xlsx", ".ods": "xlsx",
}  # fmt: skip
_COMPOUND_PARTS = {"WordDocument": "docx", "PowerPoint Document": "pptx", "Workbook": "xlsx",
                   "Book": "xlsx"}  # fmt: skip
_OUTLOOK = "__properties_version1.0".encode("utf-16-le")
_RICH_TEXT = b"{\\rtf"
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*")
_PICTURE_SUFFIXES = (".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_PDF_HEAD_BYTES = 1024
_SIGNATURE_BYTES = 64
_FOREIGN = (
    (b"\x7fELF", "a program"),
    *((bytes((0x80, protocol)), "a pickle of Python") for protocol in range(2, 6)),
    (b"SQLite format 3\0", "a database"),
    (b"%!PS", "a page description in PostScript (save it as .pdf)"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"PK\x05\x06", "a ZIP archive"),
    (b"\x1f\x8b", "an archive"),
    (b"\xfd7zXZ", "an archive"),
    (b"7z\xbc\xaf\x27\x1c", "an archive"),
    (b"Rar!\x1a\x07", "an archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
)
"""How files begin that are no documents whatever their name says."""
_HTML_START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html[\s>])",
    re.IGNORECASE | re.DOTALL,
)
_MAIL_START = re.compile(rb"(?:Return-Path|Received|Delivered-To|Message-ID): ", re.IGNORECASE)
"""How messages begin that a mail server keeps, in files that have no suffix."""


def detect_format(data: bytes, *, filename: str) -> str:
    """Return the name of the parser.

    It is `pdf`, `docx`, `pptx`, `xlsx`, `html`, `markdown`, `plain`, `csv`, `eml`, `mbox`, `msg`,
    `epub`, `rtf`, `zip` or `picture`, or `legacy-` before what LibreOffice is to make of the file.
    Content that shows its format wins over the suffix.

    Raises
    ------
    UnsupportedFormat
        There is no parser, or the content is not what the suffix says.
    UnreadableFile
        The file is empty, damaged, or protected with a password.
    """
    suffix = PurePath(filename).suffix.lower()
    if not data.strip():
        raise UnreadableFile(f"{filename}: is empty ({len(data)} bytes)")
    found = _by_signature(data, filename=filename, suffix=suffix)
    if found is not None:
        return found
    if suffix in BINARY_SUFFIXES or suffix in _PICTURE_SUFFIXES:
        raise UnsupportedFormat(
            f"{filename}: is not a {suffix[1:].upper()} file although its name says so; "
            f"supported are {SUPPORTED}"
        )
    if not suffix and _MAIL_START.match(data):
        return "eml"
    if suffix not in TEXT_SUFFIXES:
        raise UnsupportedFormat(f"{filename}: cannot be read; supported are {SUPPORTED}")
    foreign = _foreign(data)
    if foreign is not None:
        raise UnsupportedFormat(
            f"{filename}: is {foreign} although its name says {suffix[1:]}; supported are "
            f"{SUPPORTED}"
        )
    if looks_binary(data):
        raise UnsupportedFormat(
            f"{filename}: holds no text although its name says so; supported are {SUPPORTED}"
        )
    return _text_format(data, suffix)


def may_be_legacy(data: bytes, *, filename: str) -> bool:
    """Tell from name and first bytes whether `detect_format` could say `legacy-`."""
    return data.startswith(_COMPOUND_FILE) or PurePath(filename).suffix.lower() in _LEGACY_SUFFIXES


def _by_signature(data: bytes, *, filename: str, suffix: str) -> str | None:
    is_text = suffix in TEXT_SUFFIXES
    if data.startswith(b"%PDF-") or (b"%PDF-" in data[:_PDF_HEAD_BYTES] and not is_text):
        return "pdf"
    if data.startswith(_COMPOUND_FILE):
        return _compound_kind(data, filename=filename, suffix=suffix)
    if data.startswith(_RICH_TEXT):
        return "rtf"
    if not is_text and _is_picture(data, suffix=suffix):
        return "picture"
    if data.startswith(b"PK\x03\x04"):
        kind = package_kind(data, filename=filename)
        if kind != "zip" or suffix == ".zip":
            return kind or _legacy_kind(suffix)
    return None


def _is_picture(data: bytes, *, suffix: str) -> bool:
    is_webp = data.startswith(b"RIFF") and data[8:12] == b"WEBP"
    is_bitmap = data.startswith(b"BM") and suffix == ".bmp"  # two letters begin many a text
    return data.startswith(_PICTURES) or is_webp or is_bitmap


def _foreign(data: bytes) -> str | None:
    """Name what a file is that holds enough text to be taken for one.

    The model of Magika was measured in place of this list: `docs/ingest-safety.md` tells why not.
    """
    head = data.lstrip()[:_SIGNATURE_BYTES]
    if head.startswith(b"MZ") and (b"\0" in head or b"DOS mode" in data[:_PDF_HEAD_BYTES]):
        return "a program"
    return next((name for start, name in _FOREIGN if head.startswith(start)), None)


def _compound_kind(data: bytes, *, filename: str, suffix: str) -> str:
    """Return what a compound file is: by its suffix, or by the streams in it.

    A document of Word 97 may hold a message, so its suffix says more than such a stream in it.

    Raises
    ------
    UnreadableFile
        It is protected with a password.
    UnsupportedFormat
        It is of another program that writes such files.
    """
    if _ENCRYPTED in data:
        raise UnreadableFile(
            f"{filename}: is encrypted (protected with a password); save it without one"
        )
    if _OUTLOOK in data and suffix not in _LEGACY_SUFFIXES:
        return "msg"
    found = (k for part, k in _COMPOUND_PARTS.items() if part.encode("utf-16-le") in data)
    kind = _LEGACY_SUFFIXES.get(suffix) or next(found, None)
    if kind is None:
        raise UnsupportedFormat(f"{filename}: cannot be read; supported are {SUPPORTED}")
    return f"{LEGACY}{kind}"


def _legacy_kind(suffix: str) -> str | None:
    return f"{LEGACY}{_LEGACY_SUFFIXES[suffix]}" if suffix in _LEGACY_SUFFIXES else None


def _text_format(data: bytes, suffix: str) -> str:
    """Return the format of text; a page saved under another name is still HTML.

    In Markdown HTML is allowed, and a table cell may begin with a tag.
    """
    named = TEXT_SUFFIXES[suffix]
    return "html" if named == "plain" and _HTML_START.match(data) else named
