"""The folders of one shard: how one takes the place of another so that a crash does no harm.

Beside the folder of a shard lie `<tenant>.pid`, which names the process that has it open,
`<tenant>.untidy`, which is there from the first write until the shard was tidied, and while it is
written anew `<tenant>.rewriting`, the new one, and for a moment `<tenant>.old`.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_DISK_BLOCK_BYTES = 512


def owner_file(folder: Path) -> Path:
    """Return the file that names the process that has the shard open."""
    return folder.with_name(f"{folder.name}.pid")


def untidy_mark(folder: Path) -> Path:
    """Return the file that is there as long as points were written and not tidied."""
    return folder.with_name(f"{folder.name}.untidy")


def rewriting(folder: Path) -> Path:
    """Return the folder of the shard that is to take the place of the one in `folder`."""
    return folder.with_name(f"{folder.name}.rewriting")


def used_bytes(folder: Path) -> int:
    """Return the space that the files take; the engine's have holes."""
    return sum(file.stat().st_blocks for file in folder.rglob("*")) * _DISK_BLOCK_BYTES


@contextmanager
def opening(folder: Path) -> Iterator[None]:
    """Let no other process open or exchange a shard beside `folder` meanwhile.

    In an exchange the shard is closed for a moment, in which another process could open it.
    """
    descriptor = os.open(folder.parent, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def exchange(folder: Path) -> None:
    """Put the rewritten shard in the place of `folder`; both are closed.

    Whenever it breaks off, either is whole: between the two steps the old one is at hand, and
    `recover` puts it back.
    """
    folder.rename(_old(folder))
    rewriting(folder).rename(folder)
    _sync(folder.parent)


def recover(folder: Path) -> None:
    """Undo half an exchange that a crash left."""
    if not folder.exists() and _old(folder).exists():
        _old(folder).rename(folder)
        _sync(folder.parent)


def discard_others(folder: Path) -> None:
    """Remove what a rewriting left; only for who has the shard open and is at none."""
    for other in (_old(folder), rewriting(folder)):
        shutil.rmtree(other, ignore_errors=True)


def _old(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.old")


def _sync(folder: Path) -> None:
    # The names in a folder are data of it.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
