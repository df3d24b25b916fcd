"""Folders of parsing processes that ended without tidying up, as after a kill of the parent."""

import os
import time
from pathlib import Path

from ingest.sandbox.process import FOLDER_PREFIX

_YOUNGEST_SECONDS = 60.0
"""A folder is made a moment before its process is."""


def leftovers(temporary: Path) -> list[Path]:
    """Return this user's folders of parsing processes that no process works in, by name."""
    in_use = _working_folders()
    return [
        folder
        for folder in sorted(temporary.glob(f"{FOLDER_PREFIX}*"))
        if _is_old_and_ours(folder) and folder.resolve() not in in_use
    ]


def _is_old_and_ours(folder: Path) -> bool:
    try:
        found = folder.stat(follow_symlinks=False)
    except FileNotFoundError:  # removed in the meantime
        return False
    is_old = time.time() - found.st_mtime > _YOUNGEST_SECONDS
    return is_old and found.st_uid == os.getuid() and folder.is_dir()


def _working_folders() -> set[Path]:
    """Return the working folders of all processes of this user; those of others cannot be read."""
    found = set()
    for link in Path("/proc").glob("[0-9]*/cwd"):
        try:
            found.add(link.readlink())
        except OSError:  # it has just ended, or is somebody else's
            continue
    return found
