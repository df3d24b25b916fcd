"""Parsing for the pipeline: a few children, kept for the next file as long as they are sound."""

from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Final

from ingest.parse.legacy import convert_legacy
from ingest.records import ParsedDocument, Source
from ingest.sandbox.folder import ProcessFolder
from ingest.sandbox.limits import Limits
from ingest.sandbox.process import Child

PARSE: Final = "ingest.parse:parse"


class SandboxedParser:
    """Parses files in child processes; `ingest.sandbox` says what that guarantees.

    What LibreOffice has to convert is converted before: no child may start a program.

    The first file starts a child. Threads may share it: each file has a child for itself, so there
    are as many children as files at the same time.

    Parameters
    ----------
    entry
        `module:function` that parses in the child.
    temporary
        The folder for temporary ones; what processes left there that were killed is removed. None:
        that of the system.
    """

    def __init__(
        self, limits: Limits, *, entry: str = PARSE, temporary: Path | None = None
    ) -> None:
        self._limits = limits
        self._own = None if temporary is None else ProcessFolder(temporary)
        self._folder = None if self._own is None else self._own.path
        self._entry = entry
        self._idle: list[Child] = []
        self._lock = Lock()
        self._is_closed = False

    def parse(self, source: Source) -> ParsedDocument:
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
            return self._parse(source)
        parsed = self._parse(replace(source, data=converted.data))
        return replace(parsed, media_type=converted.media_type)

    def _parse(self, source: Source) -> ParsedDocument:
        child = self._take()
        try:
            return child.parse(source)
        finally:
            self._give_back(child)

    def close(self) -> None:
        """End the children, and remove their temporary files."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for child in idle:
            child.close()
        if self._own is not None:
            self._own.close()

    def _take(self) -> Child:
        while True:
            with self._lock:
                child = self._idle.pop() if self._idle else None
            if child is None:
                return Child(self._limits, entry=self._entry, folder=self._folder)
            if child.is_usable:
                return child
            child.close()

    def _give_back(self, child: Child) -> None:
        if child.is_usable:
            with self._lock:
                if not self._is_closed:
                    self._idle.append(child)
                    return
        child.close()
