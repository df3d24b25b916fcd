"""What every vector index must do."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from uuid import UUID, uuid4, uuid5

import numpy as np
import pytest
from numpy.typing import NDArray

from stores.access import ALL_DOCUMENTS, AccessFilter, DocumentSet
from stores.errors import IndexMismatch, IndexUnavailable
from stores.index import IndexIdentity, IndexPoint, IndexStore

DIMENSION = 16
IDENTITY = IndexIdentity(
    encoder="fake", weights_sha256="0" * 64, dimension=DIMENSION, terms_version=1
)
OTHER_IDENTITY = IndexIdentity(
    encoder="fake", weights_sha256="f" * 64, dimension=DIMENSION, terms_version=1
)
TENANT = "acme"

StoreFactory = Callable[[IndexIdentity], IndexStore]
_numbers = count()


def readers(
    *groups: str, tenant: str = TENANT, documents: DocumentSet = ALL_DOCUMENTS
) -> AccessFilter:
    return AccessFilter(tenant=tenant, groups=groups, documents=documents)


def axis(number: int) -> NDArray[np.float32]:
    """A unit vector along one axis."""
    vector = np.zeros(DIMENSION, dtype=np.float32)
    vector[number] = 1.0
    return vector


def make_point(
    *,
    document_id: UUID | None = None,
    revision: int = 1,
    groups: tuple[str, ...] = ("everyone",),
    dense: NDArray[np.float32] | None = None,
    sparse: Mapping[int, float] | None = None,
) -> IndexPoint:
    document = document_id or uuid4()
    return IndexPoint(
        chunk_id=uuid5(document, f"{revision}:{next(_numbers)}"),
        document_id=document,
        revision=revision,
        groups=groups,
        dense=axis(0) if dense is None else dense,
        sparse={1: 1.0} if sparse is None else sparse,
    )


def dense_of(point: IndexPoint) -> NDArray[np.float32]:
    assert point.dense is not None
    return point.dense


def random_points(size: int, *, groups: Callable[[int], tuple[str, ...]]) -> list[IndexPoint]:
    random = np.random.default_rng(7)
    return [
        make_point(
            groups=groups(number),
            dense=random.normal(size=DIMENSION).astype(np.float32),
            sparse={
                int(term): float(weight)
                for term, weight in zip(
                    random.choice(60, size=8, replace=False),
                    random.uniform(0.1, 2.0, size=8),
                    strict=True,
                )
            },
        )
        for number in range(size)
    ]


def best_by_cosine(
    points: Sequence[IndexPoint], query: NDArray[np.float32], *, limit: int
) -> list[tuple[UUID, float]]:
    """The reference: every point compared in double precision."""
    wanted = query.astype(np.float64)
    scored = [
        (point.chunk_id, float(vector @ wanted / np.linalg.norm(vector) / np.linalg.norm(wanted)))
        for point in points
        for vector in [dense_of(point).astype(np.float64)]
    ]
    return sorted(scored, key=lambda pair: -pair[1])[:limit]


def best_by_terms(
    points: Sequence[IndexPoint], query: Mapping[int, float], *, limit: int
) -> list[tuple[UUID, float]]:
    """The reference: weights times inverse document frequency, as in Lucene's BM25."""
    found = {term: sum(term in point.sparse for point in points) for term in query}
    idf = {
        term: math.log(1 + (len(points) - found[term] + 0.5) / (found[term] + 0.5))
        for term in query
    }
    scored = [
        (
            point.chunk_id,
            sum(
                weight * idf[term] * point.sparse[term]
                for term, weight in query.items()
                if term in point.sparse
            ),
        )
        for point in points
    ]
    return sorted((pair for pair in scored if pair[1] > 0), key=lambda pair: -pair[1])[:limit]


class IndexStoreContract:
    """Subclass it and give a fixture `make_store`.

    The stores that it makes lie in one place, so that one opens what another closed.
    """

    safe_in_threads = True

    @pytest.fixture
    def make_store(self) -> StoreFactory:
        raise NotImplementedError

    @pytest.fixture
    def store(self, make_store: StoreFactory) -> IndexStore:
        return make_store(IDENTITY)

    def test_a_written_point_is_found_by_both_vectors(self, store: IndexStore) -> None:
        index = store.open(TENANT)
        point = make_point(dense=axis(3), sparse={4_294_967_295: 1.5, 5: 0.5})
        index.upsert([point])
        for query in (axis(3), {4_294_967_295: 1.0}):
            (hit,) = index.search(query, readers("everyone"), limit=5)
            assert (hit.chunk_id, hit.document_id, hit.revision) == (
                point.chunk_id,
                point.document_id,
                1,
            )
            assert hit.score > 0
            assert hit.terms == {4_294_967_295, 5}

    def test_terms_alone_are_written_and_everything_else_stays(self, store: IndexStore) -> None:
        index = store.open(TENANT)
        old, other = make_point(dense=axis(3), sparse={5: 0.5}), make_point(sparse={5: 0.1})
        index.upsert([old, other])
        index.upsert([replace(old, groups=(), dense=None, sparse={7: 1.0}), make_point()])
        assert index.count() == 3
        (hit,) = index.search({7: 1.0}, readers("everyone"), limit=5)
        assert (hit.chunk_id, hit.revision) == (old.chunk_id, 1)
        assert hit.terms == {7}
        assert index.search({5: 1.0}, readers("everyone"), limit=5)[0].chunk_id == other.chunk_id
        assert index.search(axis(3), readers("everyone"), limit=1)[0].chunk_id == old.chunk_id

    def test_a_point_with_the_same_id_is_replaced(self, store: IndexStore) -> None:
        index = store.open(TENANT)
        first = make_point(dense=axis(0), sparse={1: 1.0}, groups=("everyone",))
        second = IndexPoint(
            chunk_id=first.chunk_id,
            document_id=first.document_id,
            revision=2,
            groups=("hr",),
            dense=axis(5),
            sparse={2: 1.0},
        )
        index.upsert([first])
        index.upsert([second])
        assert index.count() == 1
        assert index.search({1: 1.0}, readers("everyone", "hr"), limit=5) == []
        assert index.search(axis(5), readers("everyone"), limit=5) == []
        (hit,) = index.search(axis(5), readers("hr"), limit=5)
        assert hit.revision == 2
        assert hit.score == pytest.approx(1.0, abs=1e-3)

    def test_vectors_come_back_as_they_were_written(self, store: IndexStore) -> None:
        index = store.open(TENANT)
        points = random_points(250, groups=lambda _: ("everyone",))
        unit = [
            replace(point, dense=dense_of(point) / np.linalg.norm(dense_of(point)))
            for point in points
        ]
        index.upsert(unit)
        found = index.vectors([uuid4(), *(point.chunk_id for point in unit)])
        assert found.keys() == {point.chunk_id for point in unit}
        for point in unit:
            np.testing.assert_allclose(found[point.chunk_id], dense_of(point), rtol=0, atol=1e-7)
            assert found[point.chunk_id].dtype == np.float32

    def test_vectors_that_are_written_again_and_again_stay_the_same(
        self, store: IndexStore
    ) -> None:
        index = store.open(TENANT)
        points = random_points(20, groups=lambda _: ("everyone",))
        index.upsert(points)
        first = index.vectors([point.chunk_id for point in points])
        for _ in range(10):
            index.upsert(
                [replace(p, dense=index.vectors([p.chunk_id])[p.chunk_id]) for p in points]
            )
        for chunk_id, vector in index.vectors([*first]).items():
            np.testing.assert_allclose(vector, first[chunk_id], rtol=0, atol=1e-7)
        assert index.vectors([]) == {}

    def test_no_points_are_no_error(self, store: IndexStore) -> None:
        index = store.open(TENANT)
        index.upsert([])
        assert index.count() == 0
        assert index.search(axis(0), readers("everyone"), limit=5) == []
        assert index.search({1: 1.0}, readers("everyone"), limit=5) == []

    def test_more_points_than_one_batch_are_all_written(self, store: IndexStore) -> None:
        index = store.open(TENANT)
        points = random_points(250, groups=lambda _: ("everyone",))
        index.upsert(points)
        assert index.count() == 250
        last = points[-1]
        hits = index.search(dense_of(last), readers("everyone"), limit=1)
        assert [hit.chunk_id for hit in hits] == [last.chunk_id]

    @pytest.mark.parametrize("query", [axis(0), {1: 1.0}], ids=["dense", "sparse"])
    def test_only_points_of_the_readers_groups_are_found(
        self, store: IndexStore, query: NDArray[np.float32] | Mapping[int, float]
    ) -> None:
        index = store.open(TENANT)
        groups = {
            "everyone": make_point(groups=("everyone",)),
            "hr": make_point(groups=("hr",)),
            "both": make_point(groups=("board", "hr")),
        }
        index.upsert(list(groups.values()))
        names = {point.chunk_id: name for name, point in groups.items()}

        def found(access: AccessFilter) -> set[str]:
            return {names[hit.chunk_id] for hit in index.search(query, access, limit=10)}

        assert found(readers("everyone")) == {"everyone"}
        assert found(readers("hr")) == {"hr", "both"}
        assert found(readers("board", "everyone")) == {"both", "everyone"}
        assert found(readers("h", "hr-2", "HR")) == set()
        assert found(readers()) == set()
        assert found(readers("everyone", tenant="other")) == set()

    def test_an_empty_sparse_query_finds_nothing(self, store: IndexStore) -> None:
        index = store.open(TENANT)
        index.upsert([make_point()])
        assert index.search({}, readers("everyone"), limit=5) == []

    def test_a_point_without_terms_is_found_by_its_dense_vector(self, store: IndexStore) -> None:
        index = store.open(TENANT)
        point = make_point(sparse={})
        index.upsert([point])
        (hit,) = index.search(axis(0), readers("everyone"), limit=5)
        assert (hit.chunk_id, hit.terms) == (point.chunk_id, frozenset())

    def test_a_rare_term_weighs_more_than_a_common_one(self, store: IndexStore) -> None:
        index = store.open(TENANT)
        common = [make_point(sparse={1: 1.0}) for _ in range(50)]
        rare = make_point(sparse={2: 1.0})
        index.upsert([*common, rare])
        hits = index.search({1: 1.0, 2: 1.0}, readers("everyone"), limit=2)
        assert hits[0].chunk_id == rare.chunk_id
        assert hits[0].score > 10 * hits[1].score

    def test_dense_ranking_is_that_of_the_cosine(self, store: IndexStore) -> None:
        index = store.open(TENANT)
        points = random_points(300, groups=lambda _: ("everyone",))
        index.upsert(points)
        random = np.random.default_rng(8)
        for _ in range(5):
            query = random.normal(size=DIMENSION).astype(np.float32)
            expected = best_by_cosine(points, query, limit=300)
            hits = index.search(query, readers("everyone"), limit=300)
            assert [hit.chunk_id for hit in hits] == [chunk for chunk, _ in expected]
            scores = [hit.score for hit in hits]
            assert scores == pytest.approx([score for _, score in expected], abs=1e-5)

    @pytest.mark.parametrize(("sign", "score"), [(1, 1.0), (-1, -1.0)])
    def test_a_cosine_stays_in_its_range(self, store: IndexStore, sign: int, score: float) -> None:
        index = store.open(TENANT)
        points = random_points(50, groups=lambda _: ("everyone",))
        index.upsert(points)
        for point in points:
            hits = index.search(sign * 3 * dense_of(point), readers("everyone"), limit=50)
            extreme = hits[0] if sign > 0 else hits[-1]
            assert extreme.chunk_id == point.chunk_id
            assert extreme.score == pytest.approx(score, abs=1e-5)
            assert -1.0 <= extreme.score <= 1.0

    def test_sparse_ranking_is_that_of_bm25(self, store: IndexStore) -> None:
        index = store.open(TENANT)
        points = random_points(300, groups=lambda _: ("everyone",))
        index.upsert(points)
        for query in ({3: 1.0, 17: 1.0, 40: 2.0}, {59: 1.0}, {3: 1.0, 999: 1.0}):
            expected = best_by_terms(points, query, limit=40)
            hits = index.search(query, readers("everyone"), limit=40)
            assert [hit.chunk_id for hit in hits] == [chunk for chunk, _ in expected]
            assert [hit.score for hit in hits] == pytest.approx(
                [score for _, score in expected], rel=1e-4
            )

    @pytest.mark.parametrize(
        "groups",
        [("g7",), tuple(f"g{number}" for number in range(0, 100, 3))],
        ids=["one percent", "union of 34 small groups"],
    )
    def test_a_filter_loses_nothing(self, store: IndexStore, groups: tuple[str, ...]) -> None:
        index = store.open(TENANT)
        points = random_points(800, groups=lambda number: (f"g{number % 100}",))
        index.upsert(points)
        allowed = [point for point in points if set(point.groups) & set(groups)]
        random = np.random.default_rng(9)
        for _ in range(5):
            query = random.normal(size=DIMENSION).astype(np.float32)
            expected = best_by_cosine(allowed, query, limit=5)
            hits = index.search(query, readers(*groups), limit=5)
            assert [hit.chunk_id for hit in hits] == [chunk for chunk, _ in expected]

    @pytest.mark.parametrize("others", [False, True], ids=["these", "all but these"])
    @pytest.mark.parametrize("chosen", [1, 40, 399])
    def test_a_set_of_documents_loses_nothing(
        self, store: IndexStore, chosen: int, others: bool
    ) -> None:
        index = store.open(TENANT)
        points = random_points(400, groups=lambda number: ("everyone",) if number % 2 else ("hr",))
        index.upsert(points)
        documents = DocumentSet(frozenset(p.document_id for p in points[:chosen]), others=others)
        access = readers("everyone", documents=documents)
        allowed = [p for p in points if p.groups == ("everyone",) and p.document_id in documents]
        dense = np.random.default_rng(5).normal(size=DIMENSION).astype(np.float32)
        sparse = dict.fromkeys(range(60), 1.0)
        hits = index.search(dense, access, limit=10)
        expected = best_by_cosine(allowed, dense, limit=10)
        assert [hit.chunk_id for hit in hits] == [chunk for chunk, _ in expected]
        found = {hit.chunk_id for hit in index.search(sparse, access, limit=400)}
        assert found == {point.chunk_id for point in allowed}

    def test_an_empty_set_of_documents_finds_nothing(self, store: IndexStore) -> None:
        index = store.open(TENANT)
        index.upsert([make_point()])
        nothing = readers("everyone", documents=DocumentSet(frozenset()))
        everything = readers("everyone", documents=DocumentSet(frozenset(), others=True))
        for query in (axis(0), {1: 1.0}):
            assert index.search(query, nothing, limit=5) == []
            assert len(index.search(query, everything, limit=5)) == 1

    def test_a_set_of_documents_never_widens_access(self, store: IndexStore) -> None:
        index = store.open(TENANT)
        secret = make_point(groups=("hr",))
        index.upsert([secret, make_point()])
        these = DocumentSet(frozenset({secret.document_id}))
        for query in (axis(0), {1: 1.0}):
            assert index.search(query, readers("everyone", documents=these), limit=5) == []
            assert index.search(query, readers(documents=these), limit=5) == []
            assert len(index.search(query, readers("hr", documents=these), limit=5)) == 1

    def test_at_most_limit_hits_come_best_first(self, store: IndexStore) -> None:
        index = store.open(TENANT)
        index.upsert(random_points(30, groups=lambda _: ("everyone",)))
        for query in (axis(2), dict.fromkeys(range(60), 1.0)):
            scores = [hit.score for hit in index.search(query, readers("everyone"), limit=7)]
            assert len(scores) == 7
            assert scores == sorted(scores, reverse=True)

    def test_points_of_a_document_are_deleted_and_counted(self, store: IndexStore) -> None:
        index = store.open(TENANT)
        gone, kept = uuid4(), uuid4()
        index.upsert(
            [
                *(make_point(document_id=gone, revision=1) for _ in range(3)),
                *(make_point(document_id=gone, revision=2) for _ in range(4)),
                *(make_point(document_id=kept, revision=1) for _ in range(5)),
            ]
        )
        assert (index.count(), index.count(gone), index.count(uuid4())) == (12, 7, 0)
        index.delete(gone, keep_revision=2)
        assert (index.count(gone), index.count(kept)) == (4, 5)
        index.delete(gone)
        index.delete(uuid4())
        assert (index.count(), index.count(gone)) == (5, 0)
        hits = index.search(axis(0), readers("everyone"), limit=20)
        assert {hit.document_id for hit in hits} == {kept}

    def test_points_are_counted_by_revision(self, store: IndexStore) -> None:
        index = store.open(TENANT)
        assert index.revisions() == {}
        first, second = uuid4(), uuid4()
        points = [make_point(document_id=first, revision=n % 2 + 1) for n in range(2400)]
        index.upsert([*points, make_point(document_id=second, groups=("hr",))])
        assert index.revisions() == {(first, 1): 1200, (first, 2): 1200, (second, 1): 1}
        index.delete(first, keep_revision=2)
        assert index.revisions() == {(first, 2): 1200, (second, 1): 1}

    def test_vectors_are_told_as_they_are_kept(self, store: IndexStore) -> None:
        ours, document = store.open(TENANT), uuid4()
        points = [make_point(document_id=document, dense=2 * axis(n)) for n in range(3)]
        ours.upsert([*points, make_point(dense=axis(9))])
        store.open("other").upsert([make_point(dense=axis(5))])

        def axes(found: Iterable[NDArray[np.float32]]) -> list[int]:
            vectors = list(found)
            assert all(vector.dtype == np.float32 for vector in vectors)
            assert all(np.linalg.norm(vector) == pytest.approx(1.0) for vector in vectors)
            return sorted(int(np.argmax(vector)) for vector in vectors)

        assert axes(store.vectors(TENANT, document)) == [0, 1, 2]
        assert axes(store.vectors(TENANT)) == [0, 1, 2, 9]
        assert axes(store.vectors(TENANT, uuid4())) == []

    def test_all_vectors_of_many_are_told(self, store: IndexStore) -> None:
        points = random_points(250, groups=lambda _: ("everyone",))
        store.open(TENANT).upsert(points)
        assert len(list(store.vectors(TENANT))) == 250

    def test_a_rewritten_index_finds_the_same(self, make_store: StoreFactory) -> None:
        store = make_store(IDENTITY)
        index = store.open(TENANT)
        points = random_points(250, groups=lambda number: ("everyone",) if number % 3 else ("hr",))
        # Not as any other: equal scores have no order.
        wordless = make_point(sparse={}, dense=axis(3))
        index.upsert([*points, wordless])
        for point in points[::5]:
            index.delete(point.document_id)
        queries = (dense_of(points[42]), {3: 1.0, 17: 1.0, 40: 2.0})
        # All of them: the weights of words may still count deleted points before, not after.
        before = [index.search(query, readers("everyone"), limit=300) for query in queries]

        store.rewrite(TENANT)

        for opened in (store.open(TENANT), index):
            after = [opened.search(query, readers("everyone"), limit=300) for query in queries]
            assert [hit.chunk_id for hit in after[0]] == [hit.chunk_id for hit in before[0]]
            assert {hit.chunk_id: hit.terms for hit in after[1]} == {
                hit.chunk_id: hit.terms for hit in before[1]
            }
            assert opened.count() == 201
            assert opened.count(wordless.document_id) == 1
        index.upsert([points[0]])
        store.close()
        assert make_store(IDENTITY).open(TENANT).count() == 202

    def test_an_empty_index_is_rewritten(self, store: IndexStore) -> None:
        store.rewrite(TENANT)
        store.rewrite(TENANT)
        assert store.open(TENANT).count() == 0

    def test_an_index_is_used_while_it_is_rewritten(self, store: IndexStore) -> None:
        if not self.safe_in_threads:
            pytest.skip("this stand-in is not safe to use from several threads")
        index = store.open(TENANT)
        points = random_points(600, groups=lambda _: ("everyone",))
        index.upsert(points)
        late = [make_point(sparse={77: 1.0}) for _ in range(300)]
        reworded = [replace(point, dense=None, sparse={78: 1.0}) for point in points[100:]]

        def change() -> None:
            for number in range(100):
                index.delete(points[number].document_id)
                index.upsert(late[3 * number : 3 * number + 3])
                index.upsert(reworded[5 * number : 5 * number + 5])
                assert index.search({77: 1.0}, readers("everyone"), limit=1)

        with ThreadPoolExecutor(max_workers=2) as pool:
            changing = pool.submit(change)
            while not changing.done():
                store.rewrite(TENANT)
            changing.result()
        store.rewrite(TENANT)
        assert index.count() == 800
        assert len(index.search({77: 1.0}, readers("everyone"), limit=900)) == 300
        assert len(index.search({78: 1.0}, readers("everyone"), limit=900)) == 500

    def test_points_survive_flush_and_reopening(self, make_store: StoreFactory) -> None:
        first = make_store(IDENTITY)
        points = random_points(150, groups=lambda _: ("everyone",))
        first.open(TENANT).upsert(points)
        first.open(TENANT).flush()
        first.close()
        index = make_store(IDENTITY).open(TENANT)
        assert index.count() == 150
        hits = index.search(dense_of(points[42]), readers("everyone"), limit=1)
        assert [hit.chunk_id for hit in hits] == [points[42].chunk_id]

    def test_tenants_never_mix(self, store: IndexStore) -> None:
        ours, theirs = store.open("acme"), store.open("acme-2")
        point = make_point()
        ours.upsert([point])
        theirs.upsert([make_point(), make_point()])
        hits = ours.search(axis(0), readers("everyone"), limit=10)
        assert [hit.chunk_id for hit in hits] == [point.chunk_id]
        assert ours.search(axis(0), readers("everyone", tenant="acme-2"), limit=10) == []
        theirs.delete(point.document_id)
        assert (ours.count(), theirs.count()) == (1, 2)

    def test_opening_twice_is_the_same_index(self, store: IndexStore) -> None:
        store.open(TENANT).upsert([make_point()])
        assert store.open(TENANT).count() == 1

    def test_a_tenant_must_be_called_properly(self, store: IndexStore) -> None:
        for name in ("", "../acme", "Acme", "a.b", "a/b"):
            with pytest.raises(ValueError, match="cannot name a tenant"):
                store.open(name)

    def test_vectors_of_another_encoder_are_not_mixed_in(self, make_store: StoreFactory) -> None:
        first = make_store(IDENTITY)
        first.open(TENANT).upsert([make_point()])
        first.close()
        other = make_store(OTHER_IDENTITY)
        with pytest.raises(IndexMismatch, match="choose that encoder again") as caught:
            other.open(TENANT)
        assert IDENTITY.name in str(caught.value)
        assert OTHER_IDENTITY.name in str(caught.value)

    def test_threads_may_write_and_search_at_once(self, store: IndexStore) -> None:
        if not self.safe_in_threads:
            pytest.skip("this stand-in is not safe to use from several threads")
        index = store.open(TENANT)
        document = uuid4()

        def write_and_search(number: int) -> int:
            index.upsert([make_point(document_id=document) for _ in range(5)])
            index.delete(uuid4())
            return len(index.search(axis(0), readers("everyone"), limit=5))

        with ThreadPoolExecutor(max_workers=8) as pool:
            assert set(pool.map(write_and_search, range(24))) == {5}
        assert index.count(document) == 120

    def test_an_open_store_answers_its_check(self, store: IndexStore) -> None:
        store.check()
        store.open(TENANT)
        store.check()
        assert store.open(TENANT).count() == 0

    def test_a_closed_store_says_so(self, store: IndexStore) -> None:
        index = store.open(TENANT)
        store.close()
        calls: list[Callable[[], object]] = [
            store.check,
            lambda: store.open(TENANT),
            lambda: store.open("other"),
            lambda: index.upsert([make_point()]),
            lambda: index.search(axis(0), readers("everyone"), limit=1),
            lambda: index.search({1: 1.0}, readers("everyone"), limit=1),
            lambda: index.delete(uuid4()),
            lambda: index.vectors([uuid4()]),
            index.count,
            lambda: list(store.vectors(TENANT)),
            lambda: store.rewrite(TENANT),
        ]
        for call in calls:
            with pytest.raises(IndexUnavailable, match="closed: open it again"):
                call()
