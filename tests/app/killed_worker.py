"""A process that takes uploads and ingests them until it is killed; run by `test_kills`.

`python -m tests.app.killed_worker FOLDER submit [STEP [CALL]]` uploads new versions of a few
documents and writes `JOB URI VERSION` once the worker has taken one; at a call of a step of the
stores it kills itself. With `finish` it works off what is left and ends in good order.
"""

import os
import signal
import sys
import time
from itertools import count
from pathlib import Path

from app.ingestion import IngestionWorker, Upload
from stores.access import Principal, Scope
from stores.catalog import Catalog
from stores.edge import EdgeIndexStore
from stores.files import FileStore
from stores.index import IndexIdentity
from tests.fakes.encoder import FakeEncoder
from tests.ingest.world import GROUPS, TENANT, World

OWNER = Principal(TENANT, "u1", frozenset(GROUPS), frozenset({Scope.READ, Scope.WRITE}))
DOCUMENTS = 3
_MAX_WAITING = 4


def content(number: int, version: int) -> str:
    """Return a document of some chunks, of which one tells its version."""
    facts = [f"Rule {n} of house {number} is about matter {n * 7919 % 1009}." for n in range(40)]
    facts[20] = f"This is version {version} of house {number}."
    return f"# House {number}\n\n{' '.join(facts)}"


def open_stores(folder: Path) -> tuple[Catalog, EdgeIndexStore]:
    """Open what the process writes to."""
    encoder = FakeEncoder()
    identity = IndexIdentity(encoder.name, encoder.weights_sha256, encoder.dimension, 1)
    return Catalog(f"sqlite:///{folder / 'catalog.db'}"), EdgeIndexStore(folder / "index", identity)


def files(folder: Path) -> list[Path]:
    """Return the files below a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _submit(worker: IngestionWorker, catalog: Catalog) -> None:
    for version in count(time.time_ns()):
        while len(catalog.jobs.unfinished()) >= _MAX_WAITING:
            time.sleep(0.01)
        number = version % DOCUMENTS
        uri = f"upload://{number}.md"
        data = content(number, version).encode()
        job = worker.submit(OWNER, Upload(f"{number}.md", uri, GROUPS, data))
        sys.stdout.write(f"{job.id} {uri} {version}\n")
        sys.stdout.flush()


def _main(folder: Path, task: str, step: str = "", call: str = "0") -> None:
    catalog, indexes = open_stores(folder)
    world = World(catalog.documents, indexes, folder / "files")
    if step:
        world.scripted.script[step] = [*[lambda: None] * int(call), _die]
    waiting = FileStore(folder / "uploads")
    worker = IngestionWorker(catalog=catalog, waiting=waiting, pipeline=world.pipeline)
    worker.start()
    if task == "submit":
        _submit(worker, catalog)
    while catalog.jobs.unfinished() or files(folder / "uploads"):
        time.sleep(0.01)
    worker.stop()
    indexes.close()
    catalog.close()


if __name__ == "__main__":
    _main(Path(sys.argv[1]), *sys.argv[2:])
