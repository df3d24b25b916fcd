"""What queries and writes do while the Qdrant server is away, and when it is back."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from qdrant_client import QdrantClient

from stores.breaker import Breaker
from stores.errors import IndexUnavailable, StorageFull
from stores.index import Hit
from stores.qdrant import QdrantIndexStore, connect
from stores.qdrant_index import QdrantIndex
from stores.qdrant_server import READ_TIMEOUT_SECONDS, ServerAway
from tests.contracts.index import IDENTITY, TENANT, axis, make_point, readers
from tests.stores.qdrant_fake import FOUND, FakeQdrant, Fault

PAUSE_SECONDS = 5.0


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def fake() -> Iterator[FakeQdrant]:
    fake = FakeQdrant()
    fake.start()
    yield fake
    fake.stop()


@pytest.fixture
def store(fake: FakeQdrant, clock: Clock) -> Iterator[QdrantIndexStore]:
    breaker = Breaker(ServerAway, failures=3, pause_seconds=PAUSE_SECONDS, clock=clock)
    # One second instead of two, for the tests that wait for it.
    client = QdrantClient(url=fake.url, timeout=1, check_compatibility=False)
    store = QdrantIndexStore(client, IDENTITY, breaker=breaker)
    yield store
    store.close()


@pytest.fixture
def index(store: QdrantIndexStore) -> QdrantIndex:
    return store.open(TENANT)


def _search(index: QdrantIndex) -> list[Hit]:
    return index.search(axis(0), readers("everyone"), limit=5)


def _calls(store: QdrantIndexStore, index: QdrantIndex) -> list[Callable[[], object]]:
    return [
        store.check,
        lambda: store.open("another"),
        lambda: _search(index),
        lambda: index.search({1: 1.0}, readers("everyone"), limit=5),
        lambda: index.upsert([make_point()]),
        lambda: index.delete(uuid4()),
        index.count,
    ]


def test_the_fake_server_answers(store: QdrantIndexStore, index: QdrantIndex) -> None:
    assert [hit.chunk_id for hit in _search(index)] == [FOUND]
    for call in _calls(store, index):
        call()


def test_connecting_asks_nothing_and_reads_wait_two_seconds(fake: FakeQdrant) -> None:
    client = connect(fake.url)
    client.close()
    assert fake.requests == 0
    assert READ_TIMEOUT_SECONDS == 2


def test_a_server_that_is_down_is_told_by_every_call(
    fake: FakeQdrant, store: QdrantIndexStore, index: QdrantIndex
) -> None:
    fake.stop()
    for call in _calls(store, index):
        with pytest.raises(IndexUnavailable, match=r"check that it runs and that index\.url"):
            call()


def test_a_server_that_is_down_at_start_is_found_later(
    fake: FakeQdrant, store: QdrantIndexStore, clock: Clock
) -> None:
    fake.stop()
    for _ in range(5):
        with pytest.raises(IndexUnavailable):
            store.open(TENANT)
    fake.start()
    clock.now += PAUSE_SECONDS
    assert [hit.chunk_id for hit in _search(store.open(TENANT))] == [FOUND]


def test_a_server_that_hangs_is_waited_for_three_times_only(
    fake: FakeQdrant, index: QdrantIndex
) -> None:
    fake.fault = Fault(hang=True)
    before = fake.requests
    for _ in range(20):
        with pytest.raises(IndexUnavailable):
            _search(index)
    assert fake.requests == before + 3


def test_queries_work_again_after_the_server_is_back(
    fake: FakeQdrant, index: QdrantIndex, clock: Clock
) -> None:
    fake.stop()
    for _ in range(5):
        with pytest.raises(IndexUnavailable):
            _search(index)
    fake.start()
    with pytest.raises(IndexUnavailable, match="was away a moment ago"):
        _search(index)
    clock.now += PAUSE_SECONDS
    assert [hit.chunk_id for hit in _search(index)] == [FOUND]
    assert [hit.chunk_id for hit in _search(index)] == [FOUND]


@pytest.mark.parametrize("call", range(7))
def test_an_answer_that_breaks_off_is_no_answer(
    fake: FakeQdrant, store: QdrantIndexStore, index: QdrantIndex, clock: Clock, call: int
) -> None:
    for sent in (0, 1, 5, 9, 12, 13, 15, 20, 30, 40, 50, 60, 70, 80, 85, 90, 95, 100, 105, 110):
        fake.fault = Fault(cut=sent)
        asked = fake.requests
        with pytest.raises(IndexUnavailable):
            _calls(store, index)[call]()
        assert fake.requests > asked
        clock.now += PAUSE_SECONDS


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault(status=500, body=b"panicked"), r"failed \(status 500: panicked\)"),
        (Fault(status=503, body=b"\xff"), "failed"),
        (Fault(status=429, body=b"{}"), "overloaded"),
        (Fault(status=401, body=b"{}"), r"check index\.api_key"),
        (Fault(status=403, body=b"{}"), r"check index\.api_key"),
        (Fault(status=404, body=b"no collection"), "if the collection is gone"),
        (Fault(body=b"<html>a proxy</html>"), "does not answer"),
        (Fault(body=b"null"), "does not answer"),
        (Fault(body=b"{}"), "does not answer"),
        (Fault(body=b'{"result": null, "status": "ok", "time": 0}'), "does not answer"),
        (Fault(body=b"\xff\xfe"), "does not answer"),
        (Fault(body=b""), "does not answer"),
    ],
)
def test_a_wrong_answer_is_told(
    fake: FakeQdrant, index: QdrantIndex, fault: Fault, message: str
) -> None:
    fake.fault = fault
    with pytest.raises(IndexUnavailable, match=message):
        _search(index)


def test_a_refusal_is_an_answer_and_opens_no_circuit(fake: FakeQdrant, index: QdrantIndex) -> None:
    fake.fault = Fault(status=404, body=b"{}")
    for _ in range(10):
        with pytest.raises(IndexUnavailable):
            _search(index)
    fake.fault = Fault()
    assert [hit.chunk_id for hit in _search(index)] == [FOUND]


def test_a_full_disk_of_the_server_is_told(fake: FakeQdrant, index: QdrantIndex) -> None:
    fake.fault = Fault(
        status=500, body=b'{"status":{"error":"Service internal error: No space left on device"}}'
    )
    with pytest.raises(StorageFull, match="the disk of the Qdrant server is full"):
        index.upsert([make_point()])
