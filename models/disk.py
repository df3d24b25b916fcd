"""The models folder's disk: room, whole writes, and what its errors mean."""

import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from models.errors import ModelDiskFull, ModelFolderUnusable

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_UNUSABLE = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.EIO}
)
BLOCK_BYTES = 1 << 20


def is_full(error: OSError) -> bool:
    """Tell whether an error means that nothing more can be written."""
    return error.errno in _FULL


def free_bytes(folder: Path) -> int:
    """Return what is free on the disk of a folder that need not exist yet."""
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return shutil.disk_usage(existing).free


def require_room(folder: Path, needed_bytes: int, *, free: Callable[[Path], int]) -> None:
    """Raise `ModelDiskFull` before anything is written that would not fit."""
    available = free(folder)
    if available < needed_bytes:
        raise _full(folder, available, needed_bytes)


@contextmanager
def disk_errors(folder: Path, needed_bytes: int, *, free: Callable[[Path], int]) -> Iterator[None]:
    """Classify what goes wrong while `folder` is written to."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise _full(folder, free(folder), needed_bytes) from error
        if error.errno in _UNUSABLE:
            raise ModelFolderUnusable(
                f"Cannot write to the models folder {folder} ({error}): "
                "give it to your user, or choose another data folder in the settings"
            ) from error
        raise


def _full(folder: Path, available: int, needed_bytes: int) -> ModelDiskFull:
    return ModelDiskFull(
        f"The disk of {folder} is full: {needed_bytes:,} bytes are needed, {available:,} are "
        "free; make room and run the same command again, it goes on where it stopped"
    )


def sha256_of(path: Path, report: Callable[[int], None] | None = None) -> str:
    """Return the SHA-256 of a file in hex; `report` gets the bytes read so far."""
    digest = hashlib.sha256()
    done = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
            done += len(block)
            if report is not None:
                report(done)
    return digest.hexdigest()


def sync(path: Path) -> None:
    """Return once the file or folder is on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def swap_in(new: Path, target: Path, *, scratch: Path) -> None:
    """Put folder `new` in the place of `target`, which may exist; all on one file system."""
    for path in (*new.rglob("*"), new):
        sync(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    old = scratch / "replaced"
    if target.exists():
        target.rename(old)
    new.rename(target)
    sync(target.parent)
    shutil.rmtree(old, ignore_errors=True)
