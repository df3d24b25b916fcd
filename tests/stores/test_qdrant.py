import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from qdrant_client import QdrantClient

from stores.index import IndexIdentity, IndexStore
from stores.qdrant import QdrantIndexStore, connect
from tests.contracts.index import IDENTITY, TENANT, IndexStoreContract, StoreFactory, make_point

SERVER_URL = os.environ.get("QDRANT_TEST_URL")
MEMORY_FOLDER = Path("/dev/shm")


# What local mode warns about is why it stands in for a server in tests only.
@pytest.mark.filterwarnings("ignore:Payload indexes have no effect in the local Qdrant")
@pytest.mark.filterwarnings("ignore:Local mode performs exact")
class TestLocalMode(IndexStoreContract):
    safe_in_threads = False

    @pytest.fixture
    def make_store(self) -> Iterator[StoreFactory]:
        made: list[IndexStore] = []
        # Local mode syncs the disk for every single point; in memory that costs nothing.
        memory = MEMORY_FOLDER if MEMORY_FOLDER.is_dir() else None

        def make(identity: IndexIdentity) -> IndexStore:
            made.append(QdrantIndexStore(QdrantClient(path=folder), identity))
            return made[-1]

        with TemporaryDirectory(dir=memory) as folder:
            yield make
            for store in made:
                store.close()


@pytest.mark.real
@pytest.mark.skipif(SERVER_URL is None, reason="QDRANT_TEST_URL names no Qdrant server")
class TestServer(IndexStoreContract):
    @pytest.fixture
    def make_store(self) -> Iterator[StoreFactory]:
        # Nothing else on the server is in the way, and nothing stays behind.
        prefix = f"test-{uuid4().hex[:8]}"
        stores: list[IndexStore] = []

        def make(identity: IndexIdentity) -> IndexStore:
            client = connect(SERVER_URL or "")
            stores.append(QdrantIndexStore(client, replace(identity, encoder=prefix)))
            return stores[-1]

        yield make
        for store in stores:
            store.close()
        client = connect(SERVER_URL or "")
        for found in client.get_collections().collections:
            if found.name.startswith(prefix):
                client.delete_collection(found.name)
        client.close()


@pytest.mark.filterwarnings("ignore:Payload indexes have no effect in the local Qdrant")
def test_payloads_hold_ids_and_groups_only() -> None:
    client = QdrantClient(":memory:")
    store = QdrantIndexStore(client, IDENTITY)
    point = make_point(groups=("everyone", "hr"))
    store.open(TENANT).upsert([point])
    (record,), _ = client.scroll(f"{IDENTITY.name}.{TENANT}", with_payload=True)
    store.close()
    assert record.payload == {
        "document": str(point.document_id),
        "revision": 1,
        "groups": ["everyone", "hr"],
    }
