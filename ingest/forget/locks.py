"""One writer of a tenant's documents at a time, in whichever thread or process."""

from pathlib import Path

from filelock import FileLock

from stores.names import check_name


class WritingLocks:
    """A lock for each tenant, held while documents are written to the stores or leave them.

    Without it, points that are written for a revision could be deleted with those of the document
    that is being erased, just before the revision becomes current.

    Parameters
    ----------
    folder
        Of the files that are locked; made if it does not exist.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, tenant: str) -> FileLock:
        """Return the lock of a tenant; the same thread may take it again."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return FileLock(self._folder / f"{check_name('tenant', tenant)}.lock", is_singleton=True)
