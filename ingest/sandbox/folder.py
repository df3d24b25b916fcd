"""Temporary folders of a process, which are removed after it, however it ended."""

import shutil
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout


class ProcessFolder:
    """A folder of this process below `root`; those of processes that have ended are removed.

    A process that is killed cannot remove what it has in the making, and that may be a copy of a
    document. So a lock is held beside the folder: where nobody holds it, the process has ended.

    Parameters
    ----------
    root
        Made if it does not exist.
    """

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        _discard_left(root)
        self.path = root / uuid4().hex
        self._lock = _lock(self.path)
        self._lock.acquire()
        self.path.mkdir(mode=0o700)

    def close(self) -> None:
        """Remove the folder with what is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.release()
        Path(self._lock.lock_file).unlink(missing_ok=True)


def _lock(folder: Path) -> FileLock:
    # Taken and released by whichever thread opens and closes.
    return FileLock(folder.with_suffix(".lock"), thread_local=False)


def _discard_left(root: Path) -> None:
    for file in root.glob("*.lock"):
        lock = _lock(file)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            continue
        shutil.rmtree(file.with_suffix(""), ignore_errors=True)
        lock.release()
        file.unlink(missing_ok=True)
