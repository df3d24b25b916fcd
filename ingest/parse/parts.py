"""Files in files: attachments of e-mails and members of archives, within one allowance."""

from collections.abc import Callable
from dataclasses import replace

from ingest.errors import EmptyDocument, FileTooLarge, UnsupportedFormat
from ingest.records import ParsedDocument

MAX_DEPTH = 2
"""A container may lie in a container, such as an archive attached to an e-mail, and no deeper."""
_MAX_PARTS = 2000
_MAX_BYTES = 512 << 20


class Parts:
    """Parses what lies in a file; all that is in it, at any depth, shares one allowance."""

    def __init__(self, parse: Callable[[bytes, str, "Parts"], ParsedDocument]) -> None:
        self._parse = parse
        self._depth = 0
        self._count = 0
        self._bytes = 0

    def parse(self, data: bytes, name: str) -> ParsedDocument:
        """Parse a part.

        Raises
        ------
        IngestError
            It cannot be parsed, or is nothing but scans.
        """
        self._depth += 1
        try:
            return _without_scans(self._parse(data, name, self), name)
        finally:
            self._depth -= 1

    def check_depth(self, filename: str) -> None:
        """Refuse a container that lies too deep.

        Raises
        ------
        UnsupportedFormat
            It is in a container that is in a container.
        """
        if self._depth >= MAX_DEPTH:
            raise UnsupportedFormat(f"{filename}: is packed too deep in other files; unpack it")

    def take(self, size: int, *, filename: str) -> None:
        """Take the bytes of a part off the allowance, before they are unpacked.

        Raises
        ------
        FileTooLarge
            There are too many parts, or they are too large together.
        """
        self._count += 1
        self._bytes += size
        if self._count > _MAX_PARTS or self._bytes > _MAX_BYTES:
            raise FileTooLarge(
                f"{filename}: holds more than {_MAX_PARTS} files or {_MAX_BYTES >> 20} MiB; "
                "unpack it and load its files"
            )


def _without_scans(parsed: ParsedDocument, name: str) -> ParsedDocument:
    """Return a part without its scanned pages: those are read of files that come by themselves."""
    if not parsed.scans:
        return parsed
    if not parsed.blocks:
        raise EmptyDocument(f"{name}: is scanned; load it by itself to have it read")
    pages = ", ".join(map(str, parsed.scans))
    left_out = f"page {pages}: scanned; load the file by itself to have them read"
    return replace(parsed, scans=(), unread=(*parsed.unread, left_out))
