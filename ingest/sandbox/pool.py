"""A few children of one kind, kept for the next file as long as they are sound."""

from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TypeVar

from ingest.records import Source
from ingest.sandbox.limits import Limits
from ingest.sandbox.process import Child

_Answer = TypeVar("_Answer")


class ChildPool:
    """Children that are started when they are needed.

    Threads may share it: each file has a child for itself, so there are as many children as files
    at the same time.

    Parameters
    ----------
    entry
        `module:function` that answers in the child.
    folder
        In which each has a folder of its own; None: that of the system.
    """

    def __init__(self, limits: Limits, *, entry: str, folder: Path | None = None) -> None:
        self._limits = limits
        self._entry = entry
        self._folder = folder
        self._idle: list[Child] = []
        self._lock = Lock()
        self._is_closed = False

    def ask(self, source: Source, decode: Callable[[bytes], _Answer]) -> _Answer:
        """Ask a child; raises as `Child.ask` does, and where no child can be started."""
        child = self._take()
        try:
            return child.ask(source, decode)
        finally:
            self._give_back(child)

    def close(self) -> None:
        """End the children."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for child in idle:
            child.close()

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
