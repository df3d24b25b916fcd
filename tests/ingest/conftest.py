"""Fixtures of the pipeline's tests: real stores on disk, a fake encoder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from stores.catalog import Catalog
from stores.edge import EdgeIndexStore
from stores.index import IndexIdentity
from tests.fakes.encoder import FakeEncoder


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    opened = Catalog(f"sqlite:///{tmp_path / 'catalog.db'}")
    yield opened
    opened.close()


@pytest.fixture
def identity() -> IndexIdentity:
    encoder = FakeEncoder()
    return IndexIdentity(encoder.name, encoder.weights_sha256, encoder.dimension, 1)


@pytest.fixture
def indexes(tmp_path: Path, identity: IndexIdentity) -> Iterator[EdgeIndexStore]:
    opened = EdgeIndexStore(tmp_path / "index", identity)
    yield opened
    opened.close()
