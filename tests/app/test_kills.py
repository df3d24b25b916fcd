"""What kill -9 leaves of uploads under way: nothing lost, nothing twice, nothing to do by hand."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from ingest.chunk import passage
from stores.catalog import Catalog
from stores.edge import EdgeIndexStore
from stores.jobs import JobState
from tests.app.killed_worker import DOCUMENTS, OWNER, content, files, open_stores
from tests.fakes.encoder import FakeEncoder
from tests.ingest.world import ACCESS, TENANT

pytestmark = [pytest.mark.real, pytest.mark.timeout(3600)]
_STEPS = ("open", "vectors", "delete", "upsert", "flush", "commit")
_KILLS = int(os.environ.get("ZHIKU_KILLS", "3"))
"""At random moments; `ZHIKU_KILLS=50 pytest tests/app/test_kills.py` is the long run."""
_LONGEST_LIFE_SECONDS = 3.0


class Uploads:
    """What the killed processes had acknowledged."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._acknowledged = folder / "acknowledged"

    @contextmanager
    def process(self, *task: str) -> Iterator[subprocess.Popen[bytes]]:
        with self._acknowledged.open("ab") as output:
            command = [sys.executable, "-m", "tests.app.killed_worker", str(self._folder), *task]
            with subprocess.Popen(command, stdout=output) as process:
                try:
                    yield process
                finally:
                    process.kill()

    def kill_after(self, seconds: float) -> None:
        """Kill a process so many seconds after its first upload."""
        before = self._acknowledged.stat().st_size if self._acknowledged.exists() else 0
        with self.process("submit") as process:
            while self._acknowledged.stat().st_size == before:
                assert process.poll() is None
                time.sleep(0.01)
            time.sleep(seconds)

    def kill_at(self, step: str, *, call: int) -> None:
        with self.process("submit", step, str(call)) as process:
            assert process.wait(300) == -signal.SIGKILL

    def finish(self) -> None:
        with self.process("finish") as process:
            assert process.wait(300) == 0

    def check(self) -> int:
        """Hold the stores against what was acknowledged; return how many uploads that are."""
        catalog, indexes = open_stores(self._folder)
        try:
            lines = [line.split() for line in self._acknowledged.read_text().splitlines()]
            for job, _, _ in lines:
                assert catalog.jobs.get(UUID(job), OWNER).state is JobState.DONE
            self._check_documents(catalog, indexes)
            newest = {uri: int(version) for _, uri, version in lines}
            for uri, version in newest.items():
                assert version <= _version(catalog, uri)
            return len(lines)
        finally:
            indexes.close()
            catalog.close()

    def _check_documents(self, catalog: Catalog, indexes: EdgeIndexStore) -> None:
        documents = catalog.documents.list(ACCESS, limit=100)
        assert len(documents) == DOCUMENTS
        index = indexes.open(TENANT)
        chunks = [chunk for each in documents for chunk in catalog.documents.chunks(each)]
        assert index.count() == len(chunks)
        vectors = index.vectors([chunk.id for chunk in chunks])
        fresh = FakeEncoder().encode_passages([passage(c.context, c.text) for c in chunks])
        for chunk, vector in zip(chunks, fresh, strict=True):
            np.testing.assert_allclose(vectors[chunk.id], vector, rtol=0, atol=1e-6)
        for number in range(DOCUMENTS):
            uri = f"upload://{number}.md"
            (document,) = (each for each in documents if each.uri == uri)
            original = self._folder / "files" / TENANT / document.sha256[:2] / document.sha256
            assert original.read_text() == content(number, _version(catalog, uri))
        assert files(self._folder / "uploads") == []


def _version(catalog: Catalog, uri: str) -> int:
    document = catalog.documents.find(TENANT, uri)
    assert document is not None
    text = " ".join(chunk.text for chunk in catalog.documents.chunks(document))
    return int(text.partition("This is version ")[2].split()[0])


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    return Uploads(tmp_path)


def test_kills_at_random_moments_lose_and_double_nothing(uploads: Uploads) -> None:
    moments = random.Random(11)
    for _ in range(_KILLS):
        uploads.kill_after(moments.uniform(0, _LONGEST_LIFE_SECONDS))
    uploads.finish()
    assert uploads.check() > _KILLS


def test_a_kill_at_each_step_loses_and_doubles_nothing(uploads: Uploads) -> None:
    for call, step in enumerate(_STEPS):
        uploads.kill_at(step, call=5 + call)
    uploads.finish()
    assert uploads.check() > len(_STEPS)
