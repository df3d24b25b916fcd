"""The original files, kept under the hash of their bytes."""

import errno
import hashlib
import os
import re
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from stores.errors import StorageFull
from stores.names import check_name

_SHA256 = re.compile(r"[0-9a-f]{64}")
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class FileStore:
    """Files below `root/<tenant>/<first two digits>/<sha256>`; each tenant has its own copy."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, tenant: str, data: bytes) -> str:
        """Keep the bytes and return their SHA-256 in hex, once they are safely on disk.

        Raises
        ------
        StorageFull
            The disk is full; nothing is left of the attempt.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.path(tenant, sha256)
        if not path.exists():
            with self._full_disk_named(path):
                path.parent.mkdir(parents=True, exist_ok=True)
                write_atomically(path, data)
        return sha256

    def path(self, tenant: str, sha256: str) -> Path:
        """Return where a file is, if it is kept."""
        if not _SHA256.fullmatch(sha256):
            raise ValueError(f"{sha256!r} is no SHA-256 in lower-case hex")
        return self._root / check_name("tenant", tenant) / sha256[:2] / sha256

    def delete(self, tenant: str, sha256: str) -> None:
        """Delete a file; one that is not there is no error."""
        self.path(tenant, sha256).unlink(missing_ok=True)

    def keep_only(self, needed: Collection[tuple[str, str]]) -> None:
        """Delete all but these files, by tenant and hash; what a kill left half written goes, too.

        Nothing may be put at the same time.
        """
        kept = {self.path(tenant, sha256) for tenant, sha256 in needed}
        for path in self._root.glob("*/*/*"):
            if path not in kept:
                path.unlink(missing_ok=True)

    @contextmanager
    def _full_disk_named(self, path: Path) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno not in _FULL:
                raise
            raise StorageFull(
                f"the file store {self._root} cannot take {path.name} ({error.strerror}): "
                "free space on its disk, or raise the quota; nothing was written"
            ) from error


def write_atomically(path: Path, data: bytes) -> None:
    """Write beside, sync and rename: a reader sees all of the file or none of it."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    # The name of a new file is data of its folder.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
