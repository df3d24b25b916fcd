"""The vector index in this process: Qdrant's engine on a folder, without a server."""

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Lock
from uuid import UUID, uuid4

from qdrant_edge import EdgeShard

from stores import edge_folders, edge_shard
from stores.edge_index import EdgeIndex
from stores.edge_rewrite import ShardCopy, create_shard
from stores.errors import IndexLocked, IndexUnavailable, StorageFull
from stores.identity import claim_folder
from stores.index import DenseVector, IndexIdentity
from stores.names import check_name

_MIB = 1 << 20
# The engine maps its files into memory: a write that finds no room on the disk does not fail, it
# kills the process (SIGBUS), and opening the index afterwards does so again. So writing stops, and
# nothing is opened, while there still is room.
_WRITE_RESERVE_BYTES = 256 * _MIB
_OPEN_RESERVE_BYTES = 64 * _MIB
_TAKEN = {errno.ENOTEMPTY, errno.EEXIST}
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def _free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


class EdgeIndexStore:
    """One shard per tenant, at `root/<identity>/<tenant>`.

    One process at a time may have a shard open; what lies beside it is told in `edge_folders`.

    Parameters
    ----------
    root
        Folder of the indexes; made if it does not exist.
    identity
        What the vectors are made with; the folder is claimed for it.
    free_bytes
        Tells the free space on the disk of a folder.
    """

    def __init__(
        self,
        root: Path,
        identity: IndexIdentity,
        *,
        free_bytes: Callable[[Path], int] = _free_bytes,
    ) -> None:
        self._root = root
        self._identity = identity
        self._free_bytes = free_bytes
        self._lock = Lock()
        self._indexes: dict[str, EdgeIndex] = {}
        self._closed = False

    def open(self, tenant: str) -> EdgeIndex:
        """Return the tenant's index, created if it does not exist.

        Raises
        ------
        IndexLocked
            Another process has it open.
        IndexMismatch
            `root` holds vectors of another identity.
        StorageFull
            The disk has too little room for the engine to run safely.
        """
        check_name("tenant", tenant)
        with self._lock:
            self._require_open()
            if tenant not in self._indexes:
                with _file_errors(self._root):
                    folder = claim_folder(self._root, self._identity) / tenant
                    self._indexes[tenant] = self._load(folder)
            return self._indexes[tenant]

    def check(self) -> None:
        """Return if the shards that are open answer."""
        with self._lock:
            self._require_open()
            indexes = list(self._indexes.values())
        for index in indexes:
            index.count()

    def vectors(self, tenant: str, document_id: UUID | None = None) -> Iterator[DenseVector]:
        """Yield the dense vectors of a document, or of all of the tenant's, as they are kept."""
        return self.open(tenant).kept_vectors(document_id)

    def rewrite(self, tenant: str) -> bool:
        """Write the tenant's shard anew from its points, so that nothing of deleted ones is left.

        It takes about a second per 1,000 points, in which searches wait for some milliseconds, and
        for the search structures of each further 5,000 points about a second. True: they are gone.
        """
        index = self.open(tenant)
        folder = index.folder

        def begin(shard: EdgeShard) -> ShardCopy:
            edge_folders.discard_others(folder)
            self._require_free(folder, _WRITE_RESERVE_BYTES + edge_folders.used_bytes(folder))
            edge_folders.untidy_mark(folder).touch()
            beside = edge_folders.rewriting(folder)
            return ShardCopy(shard, beside, dimension=self._identity.dimension)

        def exchange() -> EdgeShard:
            with edge_folders.opening(folder):
                edge_folders.exchange(folder)
                return self._load_shard(folder)

        try:
            with _file_errors(folder):
                index.rewrite(begin, exchange)
        finally:
            if not index.is_open:
                self._forget(tenant, index)
        edge_folders.discard_others(folder)
        return True

    def close(self) -> None:
        """Tidy and flush the shards and let go of them.

        Tidying merges the segments that were made since the last time and drops deleted points,
        which stalls the whole process (3 s of processor time per 20,000 points): here nobody waits
        for an answer. Searching takes a little longer until it is done, and finds the same.
        """
        with self._lock, ExitStack() as closing:
            self._closed = True
            for index in self._indexes.values():
                closing.callback(self._close_one, index)
            self._indexes.clear()

    def _require_open(self) -> None:
        if self._closed:
            raise IndexUnavailable(f"the index {self._root} is closed: open it again")

    def _forget(self, tenant: str, index: EdgeIndex) -> None:
        """Let the next caller open the shard anew."""
        with self._lock:
            if self._indexes.get(tenant) is index:
                del self._indexes[tenant]

    def _load(self, folder: Path) -> EdgeIndex:
        owner_file = edge_folders.owner_file(folder)
        with (
            edge_folders.opening(folder),
            edge_shard.engine_errors(folder, owner_file=owner_file),
        ):
            edge_folders.recover(folder)
            if not folder.is_dir() or not any(folder.iterdir()):
                self._require_free(folder.parent, _WRITE_RESERVE_BYTES)
                _create(folder, dimension=self._identity.dimension)
            self._require_free(folder, _OPEN_RESERVE_BYTES)
            shard = self._load_shard(folder)
        edge_folders.discard_others(folder)
        owner_file.write_text(str(os.getpid()))
        return EdgeIndex(
            shard,
            folder,
            owner_file=owner_file,
            before_write=lambda: self._prepare_write(folder),
        )

    def _prepare_write(self, folder: Path) -> None:
        self._require_free(folder, _WRITE_RESERVE_BYTES)
        # Stays until a process has tidied, whichever it is.
        edge_folders.untidy_mark(folder).touch()

    def _load_shard(self, folder: Path, *, at_rest: bool = False) -> EdgeShard:
        config = edge_shard.shard_config(self._identity.dimension, at_rest=at_rest)
        return EdgeShard.load(str(folder), config)

    def _close_one(self, index: EdgeIndex) -> None:
        # Tidying writes new segments before it deletes the old ones.
        needed = _WRITE_RESERVE_BYTES + edge_folders.used_bytes(index.folder)
        index.close()
        if (
            edge_folders.untidy_mark(index.folder).exists()
            and self._free_bytes(index.folder) >= needed
        ):
            # Another process may have opened it in between: the mark stays for it.
            with suppress(IndexLocked):
                self._tidy(index.folder)

    def _tidy(self, folder: Path) -> None:
        owner_file = edge_folders.owner_file(folder)
        with edge_shard.engine_errors(folder, owner_file=owner_file):
            with edge_folders.opening(folder):
                shard = self._load_shard(folder, at_rest=True)
            owner_file.write_text(str(os.getpid()))
            try:
                shard.optimize()
                shard.flush()
                edge_folders.untidy_mark(folder).unlink()
            finally:
                owner_file.unlink(missing_ok=True)
                shard.close()

    def _require_free(self, folder: Path, needed: int) -> None:
        free = self._free_bytes(folder)
        if free < needed:
            raise StorageFull(
                f"the disk of the index {folder} has {free // _MIB} MiB left and the engine needs "
                f"{needed // _MIB}: free space on it; nothing was written"
            )


def _create(folder: Path, *, dimension: int) -> None:
    """Make a shard under another name and rename it: a crash leaves no half of one."""
    part = folder.with_name(f"{folder.name}.{uuid4().hex}.part")
    try:
        shard = create_shard(part, dimension=dimension)
        shard.flush()
        shard.close()
        part.rename(folder)
    except OSError as error:
        if error.errno not in _TAKEN:
            raise  # otherwise another process was faster; whoever opens it first owns it
    finally:
        shutil.rmtree(part, ignore_errors=True)


@contextmanager
def _file_errors(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull(
                f"the index {root} cannot be made ({error.strerror}): free space on its disk"
            ) from error
        raise IndexUnavailable(
            f"the index {root} cannot be opened ({error}): check the permissions of the folder"
        ) from error
