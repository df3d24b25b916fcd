"""The retriever over real stores with the fake encoder: ranking, access, revisions."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from ingest.duplicates import Duplicates
from ingest.lexicon import LexiconReader
from models.bm25 import document_weights
from models.terms import TERMS_VERSION, terms
from retrieval.explain import Explanation, Stage
from retrieval.policy.records import Reason
from retrieval.records import Query
from retrieval.rerank import FusedOrder
from retrieval.retriever import Retriever, RetrieverSettings
from stores.access import EVERYONE, Principal, Scope
from stores.catalog import Catalog
from stores.edge import EdgeIndexStore
from stores.errors import IndexUnavailable
from stores.filters import Filters
from stores.index import IndexIdentity, IndexPoint
from stores.lexicon import LexiconEntry, LexiconKind
from stores.records import Document
from tests.fakes.encoder import FakeEncoder
from tests.stores.builders import make_blocks, make_chunks, make_document

TODAY = date(2025, 9, 1)
TENANT = "acme"


@dataclass(frozen=True)
class World:
    catalog: Catalog
    indexes: EdgeIndexStore
    retriever: Retriever

    def add(
        self,
        uri: str,
        *texts: str,
        groups: tuple[str, ...] = (EVERYONE,),
        revision: int = 1,
        begin: date | None = None,
    ) -> Document:
        document = make_document(uri, tenant=TENANT, groups=groups, revision=revision)
        document = replace(
            document, title=uri, series="leave" if begin else "", effective_from=begin
        )
        chunks = [
            replace(chunk, text=text, context="")
            for chunk, text in zip(make_chunks(document, count=len(texts)), texts, strict=True)
        ]
        vectors = FakeEncoder().encode_passages(texts)
        points = [
            IndexPoint(
                chunk.id,
                document.id,
                revision,
                groups,
                vector,
                document_weights(terms(chunk.text)),
            )
            for chunk, vector in zip(chunks, vectors, strict=True)
        ]
        self.indexes.open(TENANT).upsert(points)
        self.catalog.documents.commit(document, make_blocks(document, count=len(texts)), chunks)
        return document

    def explain(self, text: str, *groups: str, day: date | None = None) -> Explanation:
        principal = Principal(TENANT, "eva", frozenset(groups), frozenset({Scope.READ}))
        query = Query(text, "zh", principal, asked_on=day)
        explanation = self.retriever.explain(query, limit=10)
        assert explanation.evidence == self.retriever.search(query, limit=10)
        return explanation

    def search(self, text: str, *groups: str, tenant: str = TENANT) -> list[str]:
        principal = Principal(tenant, "eva", frozenset(groups), frozenset({Scope.READ}))
        found = self.retriever.search(Query(text, "zh", principal), limit=10)
        assert [evidence.number for evidence in found] == list(range(1, len(found) + 1))
        return [evidence.quote for evidence in found]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    encoder = FakeEncoder()
    catalog = Catalog(f"sqlite:///{tmp_path / 'catalog.sqlite'}")
    identity = IndexIdentity(encoder.name, encoder.weights_sha256, encoder.dimension, TERMS_VERSION)
    indexes = EdgeIndexStore(tmp_path / "index", identity)
    retriever = Retriever(
        encoder=encoder,
        indexes=indexes,
        documents=catalog.documents,
        lexicon=LexiconReader(catalog.lexicons),
        reranker=FusedOrder(),
        today=lambda: TODAY,
    )
    yield World(catalog, indexes, retriever)
    indexes.close()
    catalog.close()


def test_empty_index_finds_nothing(world: World) -> None:
    assert world.search("年假有几天", EVERYONE) == []


def test_best_passage_comes_first_with_all_its_signals(world: World) -> None:
    world.add("file:///a.md", "年假为五天", "住宿费每晚六百元")
    principal = Principal(TENANT, "eva", frozenset({EVERYONE}), frozenset({Scope.READ}))
    first, second = world.retriever.search(Query("年假有几天", "zh", principal), limit=10)
    assert first.quote == "年假为五天"
    assert set(first.signals) == {
        "dense", "lexical", "fusion", "coverage", "dense_rank", "lexical_rank", "fusion_rank",
        "merit",
    }  # fmt: skip
    assert {first.signals[f"{stage}_rank"] for stage in ("dense", "lexical", "fusion")} == {1}
    assert second.signals["dense_rank"] == 2
    assert 0 <= second.score < first.score <= 1
    assert first.signals["lexical"] > 0 == second.signals["lexical"]


def test_limit_is_kept(world: World) -> None:
    world.add("file:///a.md", *(f"年假第{number}条" for number in range(20)))
    assert len(world.search("年假", EVERYONE)) == 10


def test_only_documents_of_ones_groups_are_found(world: World) -> None:
    world.add("file:///all.md", "年假为五天")
    world.add("file:///hr.md", "年假工资表", groups=("hr",))
    assert world.search("年假", EVERYONE) == ["年假为五天"]
    assert world.search("年假", "hr") == ["年假工资表"]
    assert sorted(world.search("年假", "hr", EVERYONE)) == ["年假为五天", "年假工资表"]
    assert world.search("年假") == []
    assert world.search("年假", EVERYONE, tenant="other") == []


def test_catalog_has_the_last_word_on_groups(world: World) -> None:
    """The index may still say that everyone may read what the catalog has already restricted."""
    world.add("file:///a.md", "年假为五天")
    restricted = make_document("file:///a.md", tenant=TENANT, groups=("hr",), revision=2)
    world.catalog.documents.commit(
        restricted, make_blocks(restricted, count=1), make_chunks(restricted, count=1)
    )
    assert world.search("年假", EVERYONE) == []


def test_points_of_an_uncommitted_revision_are_not_seen(world: World) -> None:
    document = world.add("file:///a.md", "年假为五天")
    new = replace(make_chunks(replace(document, revision=2), count=1)[0], text="年假为十天")
    world.indexes.open(TENANT).upsert(
        [
            IndexPoint(
                new.id,
                document.id,
                2,
                (EVERYONE,),
                FakeEncoder().encode_query(new.text),
                document_weights(terms(new.text)),
            )
        ]
    )
    assert world.search("年假", EVERYONE) == ["年假为五天"]


def test_store_that_is_away_gives_an_error_and_no_part(world: World) -> None:
    world.add("file:///a.md", "年假为五天")
    world.indexes.close()
    with pytest.raises(IndexUnavailable):
        world.search("年假", EVERYONE)


def test_rank_of_the_fusion_follows_its_scores(world: World) -> None:
    texts = [f"报销流程第{n}步" + "住宿费" * (n % 3) for n in range(12)]
    world.add("file:///a.md", *texts, "请在系统中提交申请")
    principal = Principal(TENANT, "eva", frozenset({EVERYONE}), frozenset({Scope.READ}))
    found = world.retriever.search(Query("住宿费报销", "zh", principal), limit=20)
    by_rank = sorted(found, key=lambda each: each.signals["fusion_rank"])
    scores = [each.signals["fusion"] for each in by_rank]
    assert scores == sorted(scores, reverse=True)
    assert [each.signals["fusion_rank"] for each in by_rank] == list(range(1, len(texts) + 2))


def test_the_edition_in_force_on_the_asked_day_comes_first(world: World) -> None:
    world.add("2023", "年假为五天", begin=date(2023, 1, 1))
    world.add("2025", "员工每年的年假为十天，须提前申请", begin=date(2025, 1, 1))
    assert world.search("年假为几天", EVERYONE) == [
        "员工每年的年假为十天，须提前申请",
        "年假为五天",
    ]
    then = world.explain("年假为几天", EVERYONE, day=date(2024, 5, 1))
    assert [each.title for each in then.evidence] == ["2023", "2025"]
    named = world.explain("按 2024 年当时的规定，年假为几天", EVERYONE)
    assert [each.title for each in named.evidence] == ["2023", "2025"]


def test_an_edition_that_one_may_not_see_supersedes_nothing(world: World) -> None:
    world.add("2023", "年假为五天", begin=date(2023, 1, 1))
    world.add("2025", "年假为十天", begin=date(2025, 1, 1), groups=("hr",))
    (trail,) = world.explain("年假为几天", EVERYONE).trails
    assert (trail.title, trail.reason, trail.factors) == ("2023", None, {"edition": 1})
    both = world.explain("年假为几天", EVERYONE, "hr").trails
    assert [each.reason for each in both] == [None, Reason.SUPERSEDED]


LONG = "员工连续工作满一年的，每年有年假五天，须提前三个工作日在系统中申请，由直属主管批准。"


def test_a_duplicate_that_one_may_not_see_is_not_told_of(world: World) -> None:
    world.add("open", LONG)
    secret = world.add("secret", f"一、{LONG}", groups=("hr",))
    found = world.explain("年假怎么申请", EVERYONE)
    assert [each.quote for each in found.evidence] == [LONG]
    assert found.evidence[0].duplicates == ()
    assert str(secret.id) not in repr(found)
    assert len(world.explain("年假怎么申请", EVERYONE, "hr").trails) == 2


def test_an_older_copy_is_held_back_for_those_who_may_see_the_newer_one(world: World) -> None:
    """The files of both are the same; by their ids, the first of them counts as the newer one."""
    documents = [world.add(uri, uri, groups=(uri[-1:],)) for uri in ("年假a", "年假b")]
    newer, older = sorted(documents, key=lambda document: str(document.id))
    duplicates = Duplicates(world.catalog.signatures, at_least=0.9)
    world = replace(
        world,
        retriever=Retriever(
            encoder=FakeEncoder(),
            indexes=world.indexes,
            documents=world.catalog.documents,
            lexicon=LexiconReader(world.catalog.lexicons),
            reranker=FusedOrder(),
            today=lambda: TODAY,
            older_copies=duplicates.older,
        ),
    )
    (alone,) = world.explain("年假", *older.groups).trails
    assert (alone.document_id, alone.reason) == (older.id, None)
    both = world.explain("年假", "a", "b").trails
    assert [each.document_id for each in both] == [newer.id, older.id]
    assert [each.reason for each in both] == [None, Reason.OLDER_COPY]
    assert both[1].preferred_title == newer.title


def test_what_repeats_a_passage_is_named_with_it(world: World) -> None:
    first, second = world.add("one", LONG), world.add("two", LONG.replace("，", "\n"))
    found = world.explain("年假怎么申请", EVERYONE)
    (shown,) = found.evidence
    assert {shown.document_id, *shown.duplicates} == {first.id, second.id}
    dropped = found.trails[1]
    assert (dropped.reason, dropped.rank) == (Reason.DUPLICATE, None)
    assert dropped.preferred_document == shown.document_id
    assert dropped.preferred_title == shown.title


def test_a_trail_holds_every_stage(world: World) -> None:
    world.add("file:///a.md", "年假为五天", "住宿费每晚六百元")
    first, second = world.explain("年假有几天", EVERYONE).trails
    assert first.dense is not None
    assert first.lexical is not None
    assert (first.dense.rank, first.lexical.rank, first.fusion.rank) == (1, 1, 1)
    assert (first.rerank.rank, first.rank, first.reason) == (1, 1, None)
    assert first.probability > second.probability
    assert second.lexical is None
    assert second.dense == Stage(2, second.dense.score if second.dense else 0.0)


def test_without_room_a_candidate_is_explained_but_not_shown(world: World) -> None:
    world.add("file:///a.md", *(f"年假第{number}条" for number in range(12)))
    found = world.explain("年假", EVERYONE)
    assert len(found.trails) == 12
    assert [each.rank for each in found.trails] == [*range(1, 11), None, None]
    moved = [each.reason for each in found.trails]
    assert moved == [None] * 3 + [Reason.OVER_SHARE] * 9


def test_a_new_lexicon_loses_nothing_of_older_points(world: World) -> None:
    world.add("file:///a.md", "智慧眼三代的保修期为两年", "年假为五天", "智慧眼的三代产品")
    found = world.search("智慧眼三代保修", EVERYONE)
    world.catalog.lexicons.put(TENANT, [LexiconEntry(LexiconKind.TERM, "智慧眼三代")])
    assert world.search("智慧眼三代保修", EVERYONE) == found


def test_synonyms_find_what_is_called_otherwise(world: World) -> None:
    world.add("file:///a.md", *(f"第{number}条 考勤与门禁" for number in range(60)))
    world.add("file:///b.md", "Business trip: 600 a night.")
    assert "Business trip: 600 a night." not in world.search("差旅标准考勤", EVERYONE)
    entry = LexiconEntry(LexiconKind.SYNONYM, "差旅", ("出差", "business trip"))
    world.catalog.lexicons.put(TENANT, [entry])
    principal = Principal(TENANT, "eva", frozenset({EVERYONE}), frozenset({Scope.READ}))
    found = world.retriever.search(Query("差旅标准考勤", "zh", principal), limit=100)
    trip = next(each for each in found if each.quote == "Business trip: 600 a night.")
    assert trip.signals["lexical"] > 0
    assert world.search("差旅", EVERYONE, tenant="other") == []


def _with_kept(world: World, *kept: Document, groups: tuple[str, ...] = (EVERYONE,)) -> list[str]:
    """Search for leave among more passages than the searches contribute."""
    retriever = Retriever(
        encoder=FakeEncoder(),
        indexes=world.indexes,
        documents=world.catalog.documents,
        lexicon=LexiconReader(world.catalog.lexicons),
        reranker=FusedOrder(),
        today=lambda: TODAY,
        settings=RetrieverSettings(candidates=3),
    )
    principal = Principal(TENANT, "eva", frozenset(groups), frozenset({Scope.READ}))
    query = Query("年假", "zh", principal, kept_documents=frozenset(each.id for each in kept))
    candidates = retriever.candidates(query)
    assert len({each.found.chunk.id for each in candidates}) == len(candidates)
    return [each.found.chunk.text for each in candidates]


def test_passages_of_kept_documents_are_candidates_too(world: World) -> None:
    for number in range(9):
        world.add(f"file:///{number}.md", f"年假年假{number}")
    kept = world.add("file:///travel.md", "住宿费每晚六百元", "交通费实报实销")
    assert len(_with_kept(world)) < 9
    assert not {"住宿费每晚六百元", "交通费实报实销"} & set(_with_kept(world))
    found = _with_kept(world, kept)
    assert found[: len(_with_kept(world))] == _with_kept(world)
    assert {"住宿费每晚六百元", "交通费实报实销"} <= set(found)


def test_a_kept_document_that_one_may_not_see_is_not_found(world: World) -> None:
    for number in range(9):
        world.add(f"file:///{number}.md", f"年假年假{number}")
    secret = world.add("file:///secret.md", "总监住宿费不限", groups=("hr",))
    assert "总监住宿费不限" not in _with_kept(world, secret)
    assert "总监住宿费不限" in _with_kept(world, secret, groups=(EVERYONE, "hr"))


def test_filters_hold_for_kept_documents_and_their_way_is_told(world: World) -> None:
    leave, travel = world.add("leave", "年假为五天"), world.add("travel", "住宿费每晚六百元")
    principal = Principal(TENANT, "eva", frozenset({EVERYONE}), frozenset({Scope.READ}))
    query = Query("年假", "zh", principal, kept_documents=frozenset({travel.id}))
    only = replace(query, filters=Filters(document_ids=(leave.id,)))
    assert {each.document_id for each in world.retriever.search(only, limit=9)} == {leave.id}
    trails = world.retriever.explain(query, limit=9).trails
    assert [each.title for each in trails] == ["leave", "travel"]
