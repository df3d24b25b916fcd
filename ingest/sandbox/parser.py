"""Parsing for the pipeline: in children with limits, and scans through those that recognise."""

from dataclasses import replace
from typing import Final

from ingest.errors import EmptyDocument
from ingest.ocr.pages import PageCallback, PageReader, ReadPages
from ingest.parse.legacy import convert_legacy
from ingest.records import ParsedDocument, Source
from ingest.sandbox.folder import ProcessFolder
from ingest.sandbox.limits import Limits
from ingest.sandbox.pool import ChildPool
from ingest.sandbox.wire import decode_document

PARSE: Final = "ingest.parse:parse"
_MAX_NAMED: Final = 10
"""Pages that are named one by one where they could not be read."""


def _tell_nobody(done: int, total: int) -> None:
    """Take no notice of pages."""


class SandboxedParser:
    """Parses files in child processes; `ingest.sandbox` says what that guarantees.

    What LibreOffice has to convert is converted before: no child may start a program.

    The first file starts a child. Threads may share it: see `ChildPool`.

    Parameters
    ----------
    entry
        `module:function` that parses in the child.
    scans
        What reads pages that are pictures of text; None leaves them out, and says so.
    temporary
        The folder of its processes, removed with them; None: they use that of the system.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        entry: str = PARSE,
        scans: PageReader | None = None,
        temporary: ProcessFolder | None = None,
    ) -> None:
        self._temporary = temporary
        self._folder = None if temporary is None else temporary.path
        self._children = ChildPool(limits, entry=entry, folder=self._folder)
        self._scans = scans

    def parse(self, source: Source, on_page: PageCallback = _tell_nobody) -> ParsedDocument:
        """Parse a document.

        Raises
        ------
        QuarantinedFile
            It went beyond the limits, or the child ended on it.
        IngestError
            It is damaged, empty, protected or of another format; or no child can be started.
        """
        converted = convert_legacy(source.data, source.filename, folder=self._folder)
        if converted is None:
            return self._parse(source, on_page)
        parsed = self._parse(replace(source, data=converted.data), on_page)
        return replace(parsed, media_type=converted.media_type)

    def close(self) -> None:
        """End the children, and remove their temporary files."""
        self._children.close()
        if self._scans is not None:
            self._scans.close()
        if self._temporary is not None:
            self._temporary.close()

    def _parse(self, source: Source, on_page: PageCallback) -> ParsedDocument:
        parsed = self._children.ask(source, decode_document)
        if not parsed.scans:
            return parsed
        if self._scans is None:
            return _without_scans(parsed, source.filename)
        read = self._scans.read(source, parsed.scans, on_page)
        if any(reading.lines for reading in read.readings.values()):
            parsed = self._children.ask(replace(source, readings=read.readings), decode_document)
        return _with_failures(parsed, read, source.filename, max_pages=self._scans.max_pages)


def _without_scans(parsed: ParsedDocument, filename: str) -> ParsedDocument:
    """Return what there is beside scans, and name these.

    Raises
    ------
    EmptyDocument
        There is nothing beside them.
    """
    if not parsed.blocks:
        raise EmptyDocument(
            f"{filename}: has {len(parsed.scans)} page(s) but no text, so it looks scanned, and "
            "text recognition (OCR) is switched off; set ocr.enabled to true, or add a text layer "
            "with another program"
        )
    left_out = f"{_named(parsed.scans)}: scanned, and text recognition is off (ocr.enabled)"
    return replace(parsed, scans=(), unread=(*parsed.unread, left_out))


def _with_failures(
    parsed: ParsedDocument, read: ReadPages, filename: str, *, max_pages: int
) -> ParsedDocument:
    """Return the document and name the pages that could not be read.

    Raises
    ------
    IngestError
        There is no text; of the first page, if that could not be read.
    """
    if not parsed.blocks:
        if read.failures:
            raise read.failures[min(read.failures)]
        raise EmptyDocument(
            f"{filename}: no text can be recognised in it; if it shows some, scan it again, "
            "sharper and with at least 200 dots per inch"
        )
    failed = sorted(read.failures)
    beyond = [page for page in parsed.scans if page not in read.failures | read.readings]
    unread = list(parsed.unread)
    if failed:
        unread.append(f"{_named(failed)}: cannot be read ({read.failures[failed[0]]})")
    if beyond:
        unread.append(f"{_named(beyond)}: beyond the {max_pages} of ocr.max_pages")
    return replace(parsed, scans=(), unread=tuple(unread))


def _named(pages: list[int] | tuple[int, ...]) -> str:
    named = ", ".join(map(str, pages[:_MAX_NAMED]))
    more = f" and {len(pages) - _MAX_NAMED} more" if len(pages) > _MAX_NAMED else ""
    return f"page {named}{more}"
