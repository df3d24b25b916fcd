"""Rewriting a shard: what is left of deleted points in its files, and what a crash does."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from stores.edge import EdgeIndexStore
from stores.errors import IndexUnavailable, StorageFull
from stores.index import IndexPoint
from tests.contracts.index import IDENTITY, TENANT, dense_of, make_point, random_points, readers

_MIB = 1 << 20


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def store(root: Path) -> Iterator[EdgeIndexStore]:
    opened = EdgeIndexStore(root, IDENTITY)
    yield opened
    opened.close()


def _bytes_of(store: EdgeIndexStore, point: IndexPoint) -> bytes:
    (vector,) = store.vectors(TENANT, point.document_id)
    return vector.tobytes()


def _files_with(needle: bytes, folder: Path) -> list[Path]:
    return [
        file for file in sorted(folder.rglob("*")) if file.is_file() and needle in file.read_bytes()
    ]


def test_the_bytes_of_deleted_vectors_go_only_with_the_rewriting(
    store: EdgeIndexStore, root: Path
) -> None:
    index = store.open(TENANT)
    kept, gone = random_points(2, groups=lambda _: ("everyone",))
    index.upsert([kept, gone])
    vectors = {point.chunk_id: _bytes_of(store, point) for point in (kept, gone)}
    index.delete(gone.document_id)
    index.flush()
    assert _files_with(vectors[gone.chunk_id], root)
    assert _files_with(gone.chunk_id.bytes, root)

    assert store.rewrite(TENANT)

    index.flush()
    assert _files_with(vectors[gone.chunk_id], root) == []
    for form in (gone.chunk_id.bytes, gone.document_id.bytes, str(gone.document_id).encode()):
        assert _files_with(form, root) == []
    assert _files_with(vectors[kept.chunk_id], root)
    assert sorted(each.name for each in (root / IDENTITY.name).iterdir()) == [
        TENANT,
        f"{TENANT}.pid",
        f"{TENANT}.untidy",
        "identity.json",
    ]


_CRASH = """
import os, signal, sys
from pathlib import Path
from uuid import UUID
from stores import edge_folders, edge_rewrite
from stores.edge import EdgeIndexStore
from tests.contracts.index import IDENTITY, TENANT

step, renames = sys.argv[2], 0
rename, next_batch = Path.rename, edge_rewrite.ShardCopy.next_batch

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def next_batch_or_die(copy):
    more = next_batch(copy)
    if step == "copying":
        die()
    return more

def rename_or_die(self, target):
    global renames
    if step == f"before rename {renames}":
        die()
    renames += 1
    return rename(self, target)

edge_rewrite.ShardCopy.next_batch = next_batch_or_die
store = EdgeIndexStore(Path(sys.argv[1]), IDENTITY)
index = store.open(TENANT)
index.delete(UUID(sys.argv[3]))
Path.rename = rename_or_die
if step == "before discarding":
    edge_folders.discard_others = lambda folder: die() if renames else None
store.rewrite(TENANT)
"""


@pytest.mark.parametrize(
    "step", ["copying", "before rename 0", "before rename 1", "before discarding"]
)
def test_a_kill_loses_nothing_and_the_next_rewriting_leaves_nothing(root: Path, step: str) -> None:
    points = random_points(250, groups=lambda _: ("everyone",))
    first = EdgeIndexStore(root, IDENTITY)
    first.open(TENANT).upsert(points)
    vector = _bytes_of(first, points[7])
    first.close()
    child = subprocess.run(
        [sys.executable, "-c", _CRASH, str(root), step, str(points[7].document_id)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (child.returncode, child.stderr) == (-signal.SIGKILL, "")
    assert _files_with(vector, root), "the old files are still there"

    again = EdgeIndexStore(root, IDENTITY)
    index = again.open(TENANT)
    assert index.count() == 249
    for point in (points[0], points[249]):
        (hit,) = index.search(dense_of(point), readers("everyone"), limit=1)
        assert hit.chunk_id == point.chunk_id
    folders = {each.name for each in (root / IDENTITY.name).iterdir() if each.is_dir()}
    assert folders == {TENANT}
    again.rewrite(TENANT)
    index.flush()
    assert _files_with(vector, root) == []
    assert index.count() == 249
    again.close()


def test_too_little_room_for_a_second_shard_is_said_before_anything_is_done(root: Path) -> None:
    free = 10_000 * _MIB
    store = EdgeIndexStore(root, IDENTITY, free_bytes=lambda _folder: free)
    index = store.open(TENANT)
    index.upsert([make_point()])
    free = 256 * _MIB
    with pytest.raises(StorageFull, match="has 256 MiB left"):
        store.rewrite(TENANT)
    assert index.count() == 1
    assert len(index.search({1: 1.0}, readers("everyone"), limit=2)) == 1
    store.close()


def test_a_shard_that_could_not_be_exchanged_is_opened_again(
    store: EdgeIndexStore, root: Path
) -> None:
    index = store.open(TENANT)
    points = random_points(3, groups=lambda _: ("everyone",))
    index.upsert(points)
    # What cannot be replaced: a folder that is in the way, with something in it.
    in_the_way = root / IDENTITY.name / f"{TENANT}.old"

    def block() -> None:
        while not (root / IDENTITY.name / f"{TENANT}.rewriting").exists():
            time.sleep(0.0005)
        (in_the_way / "full").mkdir(parents=True)

    thread = threading.Thread(target=block)
    thread.start()
    with pytest.raises(IndexUnavailable, match="cannot be opened"):
        store.rewrite(TENANT)
    thread.join()
    with pytest.raises(IndexUnavailable, match="closed: open it again"):
        index.count()
    assert store.open(TENANT).count() == 3


@pytest.mark.real
def test_searches_go_on_while_a_large_shard_is_rewritten(root: Path) -> None:
    identity = replace(IDENTITY, dimension=384)
    random = np.random.default_rng(3)
    vectors = random.normal(size=(10_000, 384)).astype(np.float32)
    store = EdgeIndexStore(root, identity)
    index = store.open(TENANT)
    document = uuid4()
    index.upsert([make_point(document_id=document, dense=vector) for vector in vectors])
    waits: list[float] = []
    done = threading.Event()

    def search() -> None:
        while not done.is_set():
            begun = time.monotonic()
            assert index.search(vectors[0], readers("everyone"), limit=5)
            waits.append(time.monotonic() - begun)

    searching = threading.Thread(target=search)
    searching.start()
    begun = time.monotonic()
    store.rewrite(TENANT)
    took = time.monotonic() - begun
    done.set()
    searching.join()
    store.close()
    assert len(waits) > 50, f"in {took:.1f} s"
    assert max(waits) < took / 2, f"of {len(waits)} searches in {took:.1f} s"
