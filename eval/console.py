"""What the commands of `zhiku eval` share: settings, folder, progress bars."""

import os
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.progress import Progress, TaskID

from app.cli.console import count_progress
from app.errors import ConfigurationError
from app.settings import Settings, load_settings


def measured_settings(system: Path | None) -> Settings:
    """Read the settings of the system that is measured."""
    if system is not None:
        if not system.is_file():
            raise ConfigurationError(f"--system names {system}, which does not exist: correct it")
        os.environ["ZHIKU_CONFIG"] = str(system)
    return load_settings()


def eval_folder(settings: Settings) -> Path:
    """Return where runs and indexes are kept."""
    return settings.data_dir / "eval"


class Bars:
    """A progress bar for each task that is told of."""

    def __init__(self) -> None:
        self._bars: Progress = count_progress()
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def __call__(self, task: str, done: int, total: int) -> None:
        """Show how far a task is."""
        if task not in self._tasks:
            self._tasks[task] = self._bars.add_task(task, total=total)
        self._bars.update(self._tasks[task], completed=done, total=total)
