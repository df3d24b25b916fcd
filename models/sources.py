"""What a source of weights must do, and the simplest of them: a folder of the user's own."""

from pathlib import Path
from typing import Protocol

from models.progress import Progress, Report, Step
from models.spec import ModelSpec, SourceKind


class SourceFailed(Exception):
    """A source cannot deliver; the message says why, and the next source is asked."""


class Source(Protocol):
    """A place that may have the weights of a spec."""

    @property
    def kind(self) -> SourceKind:
        """Which source it is."""

    def room_bytes(self, spec: ModelSpec, partial: Path) -> int:
        """Return the bytes that `fetch` still has to write below `partial`."""

    def fetch(self, spec: ModelSpec, partial: Path, report: Report) -> Path:
        """Return a file that should be the weights; the caller checks its hash.

        Whatever is written lies below `partial`, which is kept until the model is installed, so
        that a second call goes on where the first one was interrupted.

        Raises
        ------
        SourceFailed
            The source is not reachable or does not have the weights.
        WeightsCorrupt
            A piece had wrong bytes; it was thrown away.
        """


class FolderSource:
    """A folder that the user filled, e.g. on a machine without a network."""

    kind = SourceKind.FOLDER

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def room_bytes(self, spec: ModelSpec, partial: Path) -> int:
        """Return 0: the file is linked or copied when the model is installed."""
        return 0

    def fetch(self, spec: ModelSpec, partial: Path, report: Report) -> Path:
        """Return the user's own file."""
        if self._folder is None:
            raise SourceFailed("no folder of weights is configured")
        path = self._folder / spec.weights.name
        report(Progress(Step.LOOKING, str(path)))
        if not path.is_file():
            raise SourceFailed(f"{self._folder} has no {spec.weights.name}")
        return path
