"""What a file takes of the process that reads it."""

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, Self, TypeVar

from ingest.errors import IngestError, QuarantinedFile
from ingest.ocr.pages import RENDER
from ingest.records import PagePicture, ParsedDocument, Source
from ingest.sandbox.limits import Limits
from ingest.sandbox.parser import PARSE
from ingest.sandbox.process import Child
from ingest.sandbox.wire import decode_document, decode_picture

_POLL_SECONDS = 0.01
_KIBIBYTE = 1024
_DRAWN = 3
"""Pages of a scan that are drawn."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One file.

    Attributes
    ----------
    outcome
        `done`, `failed` or `quarantined`.
    seconds
        Of wall time, the way to the process and back included.
    processor_seconds
        That the process spent on it; as of the last look, 10 ms before its end, if it was killed.
    peak_bytes
        The most that the process held, in the same way.
    characters
        Of text that came back.
    """

    folder: str
    name: str
    outcome: str
    reason: str
    seconds: float
    processor_seconds: float
    peak_bytes: int
    characters: int
    has_hidden_text: bool


def measure(files: Iterable[Path], limits: Limits) -> Iterator[Measured]:
    """Read files as the pipeline does, and yield what each took; a child serves many.

    Of a scan or a picture the first pages are drawn, too: that is where its pictures are decoded.
    """
    with _Reader(limits, PARSE) as parser, _Reader(limits, RENDER) as drawer:
        for path in files:
            source = Source(uri=path.as_uri(), filename=path.name, data=path.read_bytes())
            parsed = parser.ask(source, decode_document)
            scans = parsed.answer.scans[:_DRAWN] if parsed.answer else ()
            drawn = [drawer.ask(replace(source, page=page), decode_picture) for page in scans]
            yield _measured(path, parsed, drawn)


def _measured(
    path: Path, parsed: "_Step[ParsedDocument]", drawn: Sequence["_Step[PagePicture]"]
) -> Measured:
    """Return the most that a step took; a file of which no page can be drawn ends as these do."""
    is_lost = bool(drawn) and all(step.answer is None for step in drawn)
    end = drawn[0] if is_lost else parsed
    document = parsed.answer
    hidden = document.hidden if document else ()
    found = ", ".join(f"{each.characters} {each.kind}" for each in hidden)
    steps: list[_Step[ParsedDocument] | _Step[PagePicture]] = [parsed, *drawn]
    return Measured(
        folder=path.parent.name,
        name=path.name,
        outcome=end.outcome,
        reason=end.reason.removeprefix(f"{path.name}: ") or found,
        seconds=max(step.seconds for step in steps),
        processor_seconds=max(step.processor_seconds for step in steps),
        peak_bytes=max(step.peak_bytes for step in steps),
        characters=sum(len(block.text) for block in document.blocks) if document else 0,
        has_hidden_text=bool(hidden),
    )


_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class _Step(Generic[_Answer]):
    """What a child was asked, how that ended and what it took; no answer where it failed."""

    answer: _Answer | None
    outcome: str
    reason: str
    seconds: float
    processor_seconds: float
    peak_bytes: int


class _Reader:
    """A child, and the next one once it is no longer usable."""

    def __init__(self, limits: Limits, entry: str) -> None:
        self._limits = limits
        self._entry = entry
        self._child = Child(limits, entry=entry)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._child.close()

    def ask(self, source: Source, decode: Callable[[bytes], _Answer]) -> _Step[_Answer]:
        """Ask, and measure."""
        if not self._child.is_usable:
            self._child.close()
            self._child = Child(self._limits, entry=self._entry)
        answer, outcome, reason = None, "done", ""
        with _watched(self._child.pid) as usage:
            began = time.monotonic()
            try:
                answer = self._child.ask(source, decode)
            except QuarantinedFile as error:
                outcome, reason = "quarantined", str(error)
            except IngestError as error:
                outcome, reason = "failed", str(error)
            seconds = time.monotonic() - began
        return _Step(answer, outcome, reason, seconds, usage.processor_seconds, usage.peak_bytes)


class _Usage:
    """What a process used since this was made; it is looked at while it lives."""

    def __init__(self, pid: int) -> None:
        self._folder = Path(f"/proc/{pid}")
        (self._folder / "clear_refs").write_text("5", encoding="ascii")  # forget the peak so far
        self._before = self._spent()
        self.processor_seconds = 0.0
        self.peak_bytes = 0

    def look(self) -> None:
        with suppress(OSError, StopIteration, IndexError):  # it has ended
            status = (self._folder / "status").read_text(encoding="ascii")
            line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
            self.peak_bytes = int(line.split()[1]) * _KIBIBYTE
            self.processor_seconds = self._spent() - self._before

    def _spent(self) -> float:
        fields = (self._folder / "stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _watched(pid: int) -> Iterator[_Usage]:
    """Look at a process again and again while the block runs, and once at its end."""
    usage = _Usage(pid)
    over = threading.Event()

    def look_again() -> None:
        while not over.wait(_POLL_SECONDS):
            usage.look()

    watcher = threading.Thread(target=look_again)
    watcher.start()
    try:
        yield usage
    finally:
        over.set()
        watcher.join()
        usage.look()
