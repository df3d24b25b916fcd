"""Fixtures of the tests of erasures."""

from pathlib import Path

import pytest

from stores.catalog import Catalog
from stores.edge import EdgeIndexStore
from tests.ingest.forget.forgetting import ForgettingWorld


@pytest.fixture
def world(catalog: Catalog, indexes: EdgeIndexStore, tmp_path: Path) -> ForgettingWorld:
    return ForgettingWorld(catalog, indexes, tmp_path)
