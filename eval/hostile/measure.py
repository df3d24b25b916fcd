"""What a file takes of the process that reads it."""

import os
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import IngestError, QuarantinedFile
from ingest.records import Source
from ingest.sandbox.limits import Limits
from ingest.sandbox.parser import PARSE
from ingest.sandbox.process import Child

_POLL_SECONDS = 0.01
_KIBIBYTE = 1024


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
    """Read files as the pipeline does, and yield what each took; a child serves many."""
    child = Child(limits, entry=PARSE)
    try:
        for path in files:
            if not child.is_usable:
                child.close()
                child = Child(limits, entry=PARSE)
            yield _measured(child, path)
    finally:
        child.close()


def _measured(child: Child, path: Path) -> Measured:
    source = Source(uri=path.as_uri(), filename=path.name, data=path.read_bytes())
    outcome, reason, characters, hidden = "done", "", 0, False
    with _watched(child.pid) as usage:
        began = time.monotonic()
        try:
            document = child.parse(source)
            characters = sum(len(block.text) for block in document.blocks)
            hidden = bool(document.hidden)
            reason = ", ".join(f"{each.characters} {each.kind}" for each in document.hidden)
        except QuarantinedFile as error:
            outcome, reason = "quarantined", str(error)
        except IngestError as error:
            outcome, reason = "failed", str(error)
        seconds = time.monotonic() - began
    return Measured(
        folder=path.parent.name,
        name=path.name,
        outcome=outcome,
        reason=reason.removeprefix(f"{path.name}: "),
        seconds=seconds,
        processor_seconds=usage.processor_seconds,
        peak_bytes=usage.peak_bytes,
        characters=characters,
        has_hidden_text=hidden,
    )


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
