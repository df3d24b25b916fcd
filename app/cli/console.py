"""What the commands print with: results to stdout, everything else to stderr."""

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)

output = Console(soft_wrap=True)
errors = Console(stderr=True, soft_wrap=True)


def byte_progress() -> Progress:
    """Return a progress bar that counts bytes, with the time left."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=errors,
    )


def count_progress() -> Progress:
    """Return a progress bar that counts items, with the time left."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=errors,
    )
