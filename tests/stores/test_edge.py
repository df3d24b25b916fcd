import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from numpy.typing import NDArray
from qdrant_edge import (
    CountRequest,
    EdgeShard,
    Filter,
    Query,
    QueryRequest,
    ScrollRequest,
    UpdateOperation,
)

from stores import edge_shard, plan
from stores.edge import EdgeIndexStore
from stores.errors import IndexLocked, IndexMismatch, IndexUnavailable, StorageFull
from stores.index import IndexIdentity, IndexPoint, IndexStore
from tests.contracts.index import (
    IDENTITY,
    TENANT,
    IndexStoreContract,
    StoreFactory,
    axis,
    make_point,
    readers,
)

MIB = 1 << 20


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def shard_folder(root: Path) -> Path:
    return root / IDENTITY.name / TENANT


@pytest.fixture
def make_store(root: Path) -> Iterator[StoreFactory]:
    made: list[IndexStore] = []

    def make(identity: IndexIdentity) -> IndexStore:
        made.append(EdgeIndexStore(root, identity))
        return made[-1]

    yield make
    for store in made:
        store.close()


class TestEdge(IndexStoreContract):
    @pytest.fixture
    def make_store(self, make_store: StoreFactory) -> StoreFactory:
        return make_store


def _run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )


_OPEN = """
import sys
from pathlib import Path
from stores.edge import EdgeIndexStore
from stores.errors import StoreError
from tests.contracts.index import IDENTITY, TENANT
try:
    EdgeIndexStore(Path(sys.argv[1]), IDENTITY).open(TENANT)
except StoreError as error:
    print(type(error).__name__, error)
"""


def test_another_process_is_told_who_has_it_open(make_store: StoreFactory, root: Path) -> None:
    make_store(IDENTITY).open(TENANT)
    child = _run(_OPEN, str(root))
    assert child.stderr == ""
    assert child.stdout.startswith("IndexLocked")
    assert f"open in another process (process {os.getpid()}): stop that process" in child.stdout


def test_a_second_store_in_this_process_is_refused(make_store: StoreFactory) -> None:
    make_store(IDENTITY).open(TENANT)
    with pytest.raises(IndexLocked, match="let it do the work through its API"):
        make_store(IDENTITY).open(TENANT)


def test_an_owner_that_is_not_known_is_left_out(
    make_store: StoreFactory, shard_folder: Path
) -> None:
    make_store(IDENTITY).open(TENANT)
    shard_folder.with_name(f"{TENANT}.pid").unlink()
    with pytest.raises(IndexLocked, match="open in another process: stop"):
        make_store(IDENTITY).open(TENANT)


def test_closing_lets_the_next_one_in(make_store: StoreFactory, shard_folder: Path) -> None:
    first = make_store(IDENTITY)
    first.open(TENANT)
    first.close()
    first.close()
    assert not shard_folder.with_name(f"{TENANT}.pid").exists()
    assert make_store(IDENTITY).open(TENANT).count() == 0


def test_a_shard_whose_making_was_interrupted_opens(
    make_store: StoreFactory, shard_folder: Path
) -> None:
    shard_folder.mkdir(parents=True)
    (shard_folder.parent / f"{TENANT}.0123.part" / "wal").mkdir(parents=True)
    index = make_store(IDENTITY).open(TENANT)
    index.upsert([make_point()])
    assert index.count() == 1


def test_a_kill_loses_nothing_that_was_written(make_store: StoreFactory, root: Path) -> None:
    code = """
import os, signal, sys
from pathlib import Path
from stores.edge import EdgeIndexStore
from tests.contracts.index import IDENTITY, TENANT, random_points
index = EdgeIndexStore(Path(sys.argv[1]), IDENTITY).open(TENANT)
index.upsert(random_points(300, groups=lambda _: ("everyone",)))
os.kill(os.getpid(), signal.SIGKILL)
"""
    child = _run(code, str(root))
    assert (child.returncode, child.stderr) == (-signal.SIGKILL, "")
    index = make_store(IDENTITY).open(TENANT)
    assert index.count() == 300
    assert len(index.search(axis(0), readers("everyone"), limit=10)) == 10


def _damage_segment(folder: Path) -> None:
    next(folder.rglob("segment.json")).write_bytes(b"")


def _damage_log(folder: Path) -> None:
    (folder / "wal" / "open-1").write_bytes(b"")


def _damage_vectors(folder: Path) -> None:
    """The engine panics on this one."""
    next(folder.rglob("vector_storage-dense/vectors/status.dat")).write_bytes(b"")


@pytest.mark.parametrize("damage", [_damage_segment, _damage_log, _damage_vectors])
def test_a_damaged_shard_is_named_with_the_remedy(
    make_store: StoreFactory, shard_folder: Path, damage: Callable[[Path], None]
) -> None:
    store = make_store(IDENTITY)
    store.open(TENANT).upsert([make_point()])
    store.close()
    damage(shard_folder)
    with pytest.raises(IndexUnavailable) as caught:
        make_store(IDENTITY).open(TENANT)
    message = str(caught.value)
    assert message.startswith(f"the index {shard_folder} is damaged or unreadable")
    assert message.endswith(
        "move it away and ingest again; the catalog and the files are not touched by this"
    )
    assert "\n" not in message


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = EdgeIndexStore(tmp_path / "file", IDENTITY)
    with pytest.raises(IndexUnavailable, match="check the permissions of the folder"):
        store.open(TENANT)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"encoder": "fake"}'])
def test_an_identity_that_cannot_be_read_is_named(
    make_store: StoreFactory, root: Path, content: str
) -> None:
    store = make_store(IDENTITY)
    store.open(TENANT)
    store.close()
    file = root / IDENTITY.name / "identity.json"
    file.write_text(content)
    with pytest.raises(IndexMismatch, match=re.escape(str(file))):
        make_store(IDENTITY).open(TENANT)


def test_the_identity_lies_beside_the_shards(make_store: StoreFactory, root: Path) -> None:
    make_store(IDENTITY).open(TENANT)
    file = root / IDENTITY.name / "identity.json"
    assert IndexIdentity(**json.loads(file.read_text())) == IDENTITY


def test_weights_that_share_the_start_of_their_hash_are_told_apart(
    make_store: StoreFactory,
) -> None:
    store = make_store(IDENTITY)
    store.open(TENANT)
    store.close()
    twin = replace(IDENTITY, weights_sha256="0" * 63 + "1")
    assert twin.name == IDENTITY.name
    with pytest.raises(IndexMismatch):
        make_store(twin).open(TENANT)


def test_a_full_disk_stops_writes_before_the_engine_dies_of_it(root: Path) -> None:
    free = 10_000 * MIB
    store = EdgeIndexStore(root, IDENTITY, free_bytes=lambda _folder: free)
    index = store.open(TENANT)
    index.upsert([make_point()])
    free = 255 * MIB
    writes: list[Callable[[], None]] = [
        lambda: index.upsert([make_point()]),
        lambda: index.delete(make_point().chunk_id),
    ]
    for write in writes:
        with pytest.raises(StorageFull, match="has 255 MiB left and the engine needs 256"):
            write()
    with pytest.raises(StorageFull):
        store.open("another")
    assert index.count() == 1
    assert len(index.search(axis(0), readers("everyone"), limit=5)) == 1
    free = 256 * MIB
    index.upsert([make_point()])
    assert index.count() == 2
    store.close()


def test_a_shard_is_opened_for_reading_on_a_nearly_full_disk(root: Path) -> None:
    first = EdgeIndexStore(root, IDENTITY)
    first.open(TENANT).upsert([make_point()])
    first.close()
    free = 100 * MIB
    store = EdgeIndexStore(root, IDENTITY, free_bytes=lambda _folder: free)
    assert store.open(TENANT).count() == 1
    store.close()
    free = 63 * MIB
    with pytest.raises(StorageFull, match="has 63 MiB left and the engine needs 64"):
        EdgeIndexStore(root, IDENTITY, free_bytes=lambda _folder: free).open(TENANT)


def test_the_engines_own_word_of_a_full_disk_is_understood(root: Path) -> None:
    limit = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, -1))\n"
    child = _run(limit + _OPEN, str(root))
    assert child.stderr == ""
    assert child.stdout.startswith("StorageFull the index")
    assert child.stdout.endswith("free space on its disk\n")
    assert [file.name for file in (root / IDENTITY.name).iterdir()] == ["identity.json"]
    assert _run(_OPEN, str(root)).stdout == ""


def test_payloads_hold_ids_and_groups_only(make_store: StoreFactory, shard_folder: Path) -> None:
    """No text is ever given to the index; this is what it keeps of what it is given."""
    store = make_store(IDENTITY)
    point = make_point(groups=("everyone", "hr"))
    store.open(TENANT).upsert([point])
    store.close()
    shard = EdgeShard.load(str(shard_folder))
    (record,), _ = shard.scroll(ScrollRequest(limit=10, with_payload=True))
    shard.close()
    assert record.id == point.chunk_id
    assert record.payload == {
        "document": str(point.document_id),
        "revision": 1,
        "groups": ["everyone", "hr"],
    }


def test_few_matches_are_compared_one_by_one_and_many_by_the_graph() -> None:
    assert edge_shard.dense_params(0).exact
    assert edge_shard.dense_params(50_000).exact
    graph = edge_shard.dense_params(50_001)
    assert (graph.exact, graph.hnsw_ef) == (False, plan.HNSW_EF)


@pytest.mark.real
def test_the_graph_loses_little_under_a_union_of_groups(tmp_path: Path) -> None:
    """A filtered search of the graph, on the engine itself.

    The vectors are long because the engine leaves the graph aside below 10 MB of matches. Without
    ACORN the recall is 0.86 here.
    """
    vectors = _vectors_like_text(_GRAPH_SIZE, _GRAPH_DIMENSION)
    points = [
        make_point(groups=(f"g{number % 50}",), dense=vector)
        for number, vector in enumerate(vectors)
    ]
    shard = _graph(tmp_path, points)
    visible = edge_shard.visible(readers(*(f"g{number}" for number in range(0, 50, 10))))
    assert shard.count(CountRequest(exact=True, filter=visible)) == _GRAPH_SIZE // 10
    assert _graph_recall(shard, visible, points[::10]) >= 0.98
    shard.close()


@pytest.mark.real
def test_the_graph_loses_little_where_the_nearest_points_were_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One link at a time the recall is 0.84 here."""
    monkeypatch.setattr(plan, "HNSW_EF", 64)  # as few of so few points as of many
    vectors = _vectors_like_text(_GRAPH_SIZE, _GRAPH_DIMENSION)
    points = [make_point(dense=vector) for vector in vectors]
    shard = _graph(tmp_path, points)
    cosines = vectors @ _vectors_like_text(_GRAPH_QUESTIONS, _GRAPH_DIMENSION).T
    gone = set(np.argsort(-cosines, axis=0)[:60].flatten().tolist())
    shard.update(UpdateOperation.delete_points([points[row].chunk_id for row in gone]))
    left = [point for row, point in enumerate(points) if row not in gone]
    assert _graph_recall(shard, edge_shard.visible(readers("everyone")), left) >= 0.98
    shard.close()


_GRAPH_SIZE = 3_400
_GRAPH_DIMENSION = 8_192
_GRAPH_QUESTIONS = 20


def _graph(folder: Path, points: Sequence[IndexPoint]) -> EdgeShard:
    shard = EdgeShard.create(str(folder), edge_shard.shard_config(_GRAPH_DIMENSION))
    for operation in (*edge_shard.payload_indexes(), *edge_shard.writes(points)):
        shard.update(operation)
    assert shard.optimize()
    return shard


def _graph_recall(shard: EdgeShard, visible: Filter, expected: Sequence[IndexPoint]) -> float:
    """Return the share of the ten nearest of the expected points that are found."""
    limit, found = 10, 0
    vectors = np.stack([point.dense for point in expected if point.dense is not None])
    queries = _vectors_like_text(_GRAPH_QUESTIONS, _GRAPH_DIMENSION)
    for query in queries:
        hits = shard.query(
            QueryRequest(
                limit=limit,
                query=Query.Nearest(query.tolist(), using=plan.DENSE),
                filter=visible,
                params=edge_shard.dense_params(10**6),
            )
        )
        best = np.argsort(-(vectors @ query))[:limit]
        found += len({expected[row].chunk_id for row in best} & {hit.id for hit in hits})
    return found / (limit * len(queries))


def _vectors_like_text(size: int, dimension: int) -> NDArray[np.float32]:
    """Unit vectors that lie near a plane of 32 dimensions, as embeddings do."""
    plane = np.random.default_rng(1).normal(size=(32, dimension))
    random = np.random.default_rng(size)
    vectors = random.normal(size=(size, 32)) @ plane + 0.5 * random.normal(size=(size, dimension))
    unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit.astype(np.float32)


@pytest.mark.real
def test_new_points_get_their_graph_while_the_index_is_open(root: Path) -> None:
    """Each time only the new ones: what was made before is not made again."""
    identity = replace(IDENTITY, dimension=384)
    vectors = _vectors_like_text(12_000, 384)
    store = EdgeIndexStore(root, identity)
    index = store.open(TENANT)
    made: list[set[Path]] = []
    for start in range(0, 12_000, 4_000):
        index.upsert([make_point(dense=each) for each in vectors[start : start + 4_000]])
        made.append(set((root / identity.name / TENANT).rglob("graph*.bin")))
    assert [len(graphs) for graphs in made] == [0, 1, 2]
    assert made[1] < made[2]
    for row in (77, 7_777, 11_999):
        (hit,) = index.search(vectors[row], readers("everyone"), limit=1)
        assert hit.score == pytest.approx(1.0, abs=1e-5)
    store.close()


@pytest.mark.real
def test_rewritten_terms_do_not_pile_up(root: Path) -> None:
    """A point whose terms are written anew moves among the new ones, with its vector."""
    identity = replace(IDENTITY, dimension=384)
    points = [make_point(dense=vector) for vector in _vectors_like_text(5_500, 384)]
    store = EdgeIndexStore(root, identity)
    index = store.open(TENANT)
    index.upsert(points)
    index.upsert([replace(point, dense=None, sparse={9: 1.0}) for point in points])
    assert len(set((root / identity.name / TENANT).rglob("graph*.bin"))) == 2
    assert index.count() == len(points)
    store.close()


@pytest.mark.real
@pytest.mark.parametrize(("free_mib", "tidied"), [(10_000, True), (260, False)])
def test_closing_drops_deleted_points_where_there_is_room(
    root: Path, free_mib: int, tidied: bool
) -> None:
    identity = replace(IDENTITY, dimension=384)
    vectors = _vectors_like_text(5_500, 384)
    gone = uuid4()
    points = [make_point(document_id=gone, dense=vector) for vector in vectors[:2_000]]
    kept = [make_point(dense=vector) for vector in vectors[2_000:]]
    store = EdgeIndexStore(root, identity, free_bytes=lambda _folder: free_mib * MIB)
    store.open(TENANT).upsert([*points, *kept])
    store.open(TENANT).delete(gone)
    store.close()
    folder = root / identity.name / TENANT
    assert not folder.with_name(f"{TENANT}.pid").exists()
    shard = EdgeShard.load(str(folder))
    held = shard.info().indexed_vectors_count
    shard.close()
    # The dense vectors with a graph and the sparse ones; deleted ones are in it until they go.
    assert (held < 2 * len(kept) + 1_000) is tidied
    again = EdgeIndexStore(root, identity)
    index = again.open(TENANT)
    assert index.count() == len(kept)
    (hit,) = index.search(vectors[2_077], readers("everyone"), limit=1)
    assert hit.score == pytest.approx(1.0, abs=1e-5)
    again.close()


def test_an_index_is_untidy_from_its_first_write_until_it_was_tidied(root: Path) -> None:
    mark = root / IDENTITY.name / f"{TENANT}.untidy"
    scarce = EdgeIndexStore(root, IDENTITY, free_bytes=lambda _folder: 256 * MIB)
    scarce.open(TENANT)
    assert not mark.exists()
    scarce.open(TENANT).upsert([make_point()])
    # Too little room is left to tidy, as if the process had been killed.
    scarce.close()
    assert mark.exists()

    reader = EdgeIndexStore(root, IDENTITY)
    reader.open(TENANT).search(axis(0), readers("everyone"), limit=1)
    reader.close()

    assert not mark.exists()
    again = EdgeIndexStore(root, IDENTITY)
    assert again.open(TENANT).count() == 1
    again.close()
    assert not mark.exists()


def test_terms_of_a_point_that_is_gone_are_refused(make_store: StoreFactory) -> None:
    index = make_store(IDENTITY).open(TENANT)
    point = make_point()
    index.upsert([point])
    with pytest.raises(IndexUnavailable, match="do it again"):
        index.upsert([replace(make_point(), dense=None)])
    assert index.count() == 1
