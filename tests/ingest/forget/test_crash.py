"""kill -9 at every step of an erasure: afterwards it is either not begun, or finished."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stores.catalog import Catalog
from stores.edge import EdgeIndexStore
from stores.index import IndexIdentity
from stores.receipt_records import ErasureState
from tests.fakes.encoder import FakeEncoder
from tests.ingest.builders import source
from tests.ingest.forget.forgetting import (
    ADMIN,
    COMMON,
    SECRET,
    SECRET_ZH,
    ForgettingWorld,
    secret,
    text_forms,
)

_STEPS = [
    "Receipts.begin",
    "Notes.write",
    "Receipts.remove_document",
    "EdgeIndex.delete",
    "FileStore.delete",
    "ShardCopy.next_batch",
    "edge_folders.exchange",
    "Catalog.empty_log",
    "Prover.prove",
    "Receipts.finish",
]
_FORGET = """
import os, signal, sys
from pathlib import Path
from ingest.forget.notes import Notes
from ingest.forget.prover import Prover
from stores import edge_folders
from stores.catalog import Catalog
from stores.edge_index import EdgeIndex
from stores.edge_rewrite import ShardCopy
from stores.files import FileStore
from stores.receipts import Receipts
from tests.ingest.forget.test_crash import opened

owner, name = sys.argv[2].split(".")
step = getattr(globals()[owner], name)

def step_and_die(*arguments, **options):
    step(*arguments, **options)
    os.kill(os.getpid(), signal.SIGKILL)

with opened(Path(sys.argv[1])) as world:
    setattr(globals()[owner], name, step_and_die)
    world.forget("severance.md")
"""


@contextmanager
def opened(data: Path) -> Iterator[ForgettingWorld]:
    """Open the stores of a folder, as each process does."""
    encoder = FakeEncoder()
    identity = IndexIdentity(encoder.name, encoder.weights_sha256, encoder.dimension, 1)
    catalog = Catalog(f"sqlite:///{data / 'catalog.db'}")
    indexes = EdgeIndexStore(data / "index", identity)
    yield ForgettingWorld(catalog, indexes, data)
    indexes.close()
    catalog.close()


@pytest.mark.parametrize("step", _STEPS)
def test_a_kill_after_any_step_is_made_up_for(tmp_path: Path, step: str) -> None:
    with opened(tmp_path) as world:
        world.run(secret(), source("leave.md", f"# Leave\n\n{COMMON}"))
        vectors = [vector.tobytes() for vector in world.vectors()]
    command = [sys.executable, "-c", _FORGET, str(tmp_path), step]
    child = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (child.returncode, child.stderr) == (-signal.SIGKILL, "")

    with opened(tmp_path) as world:
        world.forgetter.finish()

        (receipt,) = world.catalog.receipts.list(ADMIN, limit=5)
        assert (receipt.state, receipt.finds) == (ErasureState.PROVEN, ())
        assert receipt.searched is not None
        assert min(receipt.searched.text, receipt.searched.vectors) > 0
        needles = (SECRET[:24].encode(), *text_forms(SECRET_ZH[:8]), *vectors)
        assert world.files_with(*needles) == set()
        assert COMMON in " ".join(world.read("annual leave"))
        assert world.index.count() == 1
