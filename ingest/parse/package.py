"""Office files are ZIP packages: what is in them, and whether they are safe to unpack."""

import re
from io import BytesIO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from ingest.errors import FileTooLarge, UnreadableFile

_CONTENT_TYPES = "[Content_Types].xml"
_MAIN_PARTS = (
    ("docx", re.compile(rb"(?:wordprocessingml|ms-word)\.(?:document|template)[\w.]*main\+xml")),
    ("pptx", re.compile(rb"(?:presentationml|ms-powerpoint)\.(?:presentation|slideshow|template)"
                        rb"[\w.]*main\+xml")),
    ("xlsx", re.compile(rb"(?:spreadsheetml|ms-excel)\.(?:sheet|template)[\w.]*main\+xml")),
)  # fmt: skip
_BOOK = "META-INF/container.xml"
_OPEN_DOCUMENT = "META-INF/manifest.xml"
_RELATIONS = "_rels/.rels"
_STRICT = b"http://purl.oclc.org/ooxml/"
_STRICT_NAME = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")
_TRANSITIONAL_NAME = rb"http://schemas.openxmlformats.org/\1/2006/"
_MAX_ENTRIES = 20_000
_SYMLINK = 0o120000
_FILE_TYPE = 0o170000
_ENCRYPTED = 0x1
_ABSOLUTE = re.compile(r"[/\\]|[A-Za-z]:")
_MAX_UNPACKED_BYTES = 1 << 30
_SMALL_BYTES = 64 << 20
_MAX_RATIO = 100
"""XML packs 5 to 30 times; beyond 100 it is an attack, or nothing but empty cells."""


def package_kind(data: bytes, *, filename: str) -> str | None:
    """Return `docx`, `pptx`, `xlsx` or `epub`, `zip` for any other ZIP file, None for OpenDocument.

    All that is refused is refused by the central directory, before anything is unpacked.

    Raises
    ------
    FileTooLarge
        It unpacks to far more than its size, or has very many parts.
    UnreadableFile
        The ZIP file is damaged, encrypted, or has parts that would be unpacked elsewhere.
    """
    try:
        with ZipFile(BytesIO(data)) as package:
            _check_size(package, filename=filename, packed=len(data))
            _check_entries(package, filename=filename)
            if _CONTENT_TYPES not in package.namelist():
                return _other_kind(package)
            content_types = package.read(_CONTENT_TYPES)
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise UnreadableFile(
            f"{filename}: is damaged or incomplete ({error}); open and save it again"
        ) from error
    return next((kind for kind, part in _MAIN_PARTS if part.search(content_types)), None)


def _check_entries(package: ZipFile, *, filename: str) -> None:
    for entry in package.infolist():
        if entry.flag_bits & _ENCRYPTED:
            raise UnreadableFile(
                f"{filename}: is encrypted (protected with a password); save it without one"
            )
        parts = re.split(r"[/\\]", entry.filename)
        is_link = (entry.external_attr >> 16) & _FILE_TYPE == _SYMLINK
        if is_link or ".." in parts or _ABSOLUTE.match(entry.filename):
            raise UnreadableFile(
                f"{filename}: has a part that leads out of it ({entry.filename[:100]!r}); no "
                "Office program writes that, so ask where it is from"
            )


def transitional(data: bytes) -> bytes:
    """Return an Office file with the usual names of its XML, if it was saved as "Strict".

    The libraries know the names of ISO 29500 Transitional only; the structure is the same.
    """
    with ZipFile(BytesIO(data)) as package:
        if _STRICT not in package.read(_RELATIONS):
            return data
        target = BytesIO()
        with ZipFile(target, "w", ZIP_DEFLATED) as changed:
            for entry in package.infolist():
                content = package.read(entry)
                if entry.filename.endswith((".xml", ".rels")):
                    content = _STRICT_NAME.sub(_TRANSITIONAL_NAME, content)
                changed.writestr(entry.filename, content)
    return target.getvalue()


def _other_kind(package: ZipFile) -> str | None:
    names = package.namelist()
    if _BOOK in names:
        return "epub"
    return None if _OPEN_DOCUMENT in names else "zip"


def _check_size(package: ZipFile, *, filename: str, packed: int) -> None:
    entries = package.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    is_bomb = unpacked > _SMALL_BYTES and unpacked > _MAX_RATIO * packed
    if len(entries) >= _MAX_ENTRIES or unpacked > _MAX_UNPACKED_BYTES or is_bomb:
        raise FileTooLarge(
            f"{filename}: unpacks to {unpacked / 2**20:.0f} MiB in {len(entries)} parts from "
            f"{packed / 2**20:.1f} MiB; no usual file does"
        )
