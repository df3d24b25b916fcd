from collections.abc import Iterator
from pathlib import Path

import pytest

from stores.edge import EdgeIndexStore
from stores.index import IndexIdentity, IndexStore
from tests.contracts.index import IndexStoreContract, StoreFactory


@pytest.fixture
def make_store(tmp_path: Path) -> Iterator[StoreFactory]:
    made: list[IndexStore] = []

    def make(identity: IndexIdentity) -> IndexStore:
        made.append(EdgeIndexStore(tmp_path / "index", identity))
        return made[-1]

    yield make
    for store in made:
        store.close()


class TestEdge(IndexStoreContract):
    @pytest.fixture
    def make_store(self, make_store: StoreFactory) -> StoreFactory:
        return make_store
