"""Fixtures of the stores' tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from stores.catalog import Catalog
from tests.stores.builders import NOW


@pytest.fixture
def catalog_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'state' / 'catalog.db'}"


@pytest.fixture
def catalog(catalog_url: str) -> Iterator[Catalog]:
    opened = Catalog(catalog_url, clock=lambda: NOW)
    yield opened
    opened.close()
