"""The properties that Office files and PDFs carry beside their text."""

import re
from collections.abc import Iterable
from datetime import date
from io import BytesIO
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

from ingest.records import FileProperties

_CORE = re.compile(r"(?:^|/)core\d*\.xml$", re.IGNORECASE)
_MAX_CORE_BYTES = 1 << 20
_PDF_DAY = re.compile(r"(?:D:)?(\d{4})(\d\d)(\d\d)")
_ISO_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")


def office_properties(data: bytes) -> FileProperties:
    """Return subject and keywords of an Office file and the day that it was last saved.

    Read from its XML: the libraries put in a default where the file says nothing.
    """
    values = _core_values(data)
    day = _day(_ISO_DAY, values.get("modified", "")) or _day(_ISO_DAY, values.get("created", ""))
    return FileProperties(
        subject="\n".join(_present([values.get("subject", ""), values.get("description", "")])),
        keywords=_present([values.get("keywords", "")]),
        written=day,
    )


def pdf_properties(*, subject: str, keywords: str, created: str) -> FileProperties:
    """Return the properties of a PDF from the values of its information dictionary."""
    return FileProperties(
        subject=subject, keywords=_present([keywords]), written=_day(_PDF_DAY, created)
    )


def _core_values(data: bytes) -> dict[str, str]:
    try:
        with ZipFile(BytesIO(data)) as package:
            names = [entry for entry in package.infolist() if _CORE.search(entry.filename)]
            if not names or names[0].file_size > _MAX_CORE_BYTES:
                return {}
            root = ElementTree.fromstring(package.read(names[0]))
    except (BadZipFile, ElementTree.ParseError):
        return {}
    return {node.tag.rpartition("}")[2]: node.text or "" for node in root}


def _present(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(text for text in texts if text.strip())


def _day(pattern: re.Pattern[str], text: str) -> date | None:
    match = pattern.match(text.strip())
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None
