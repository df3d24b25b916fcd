"""The lexicon at ingest: which terms passages have, and how older ones are brought up to it."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from ingest.lexicon import LexiconReader
from ingest.rewords import Rewording, documents_behind
from models.bm25 import term_id
from stores.catalog import Catalog
from stores.edge import EdgeIndexStore
from stores.errors import IndexUnavailable
from stores.lexicon import LexiconEntry, LexiconKind
from tests.ingest.builders import source
from tests.ingest.world import ACCESS, TENANT, Scripted, ScriptedIndexes, World

PRODUCT = LexiconEntry(LexiconKind.TERM, "智慧眼三代")
PRODUCT_TERM = {term_id("智 慧 眼 三 代"): 1.0}
TEXT = "智慧眼三代的保修期为两年。"


@pytest.fixture
def world(catalog: Catalog, indexes: EdgeIndexStore, tmp_path: Path) -> World:
    return World(catalog.documents, indexes, tmp_path / "files")


@pytest.fixture
def reader(catalog: Catalog) -> LexiconReader:
    return LexiconReader(catalog.lexicons)


@pytest.fixture
def rewording(catalog: Catalog, indexes: EdgeIndexStore, reader: LexiconReader) -> Rewording:
    return Rewording(indexed=catalog.indexed_words, indexes=indexes, lexicon=reader)


def ingest(world: World, *texts: str) -> None:
    outcomes = world.run(*(source(f"{n}.md", text) for n, text in enumerate(texts)))
    assert all(outcome.reason is None for outcome in outcomes)


def by_product(world: World) -> int:
    return len(world.index.search(PRODUCT_TERM, ACCESS, limit=50))


def behind(catalog: Catalog, reader: LexiconReader) -> int:
    return documents_behind(TENANT, indexed=catalog.indexed_words, lexicon=reader)


def sync(rewording: Rewording, *, limit: int = 2) -> list[int]:
    after, done = None, []
    while True:
        step = rewording.step(TENANT, after=after, limit=limit)
        done.append(step.documents)
        after = step.last
        if after is None:
            return done


def test_the_lexicon_is_read_again_only_after_it_has_changed(
    catalog: Catalog, reader: LexiconReader
) -> None:
    first = reader.of(TENANT)
    assert reader.of(TENANT) is first
    catalog.lexicons.put("other", [PRODUCT])
    assert reader.of(TENANT) is first
    catalog.lexicons.put(TENANT, [PRODUCT])
    assert reader.of(TENANT).words.fingerprint != first.words.fingerprint == ""


def test_synonyms_are_no_words_of_the_index(catalog: Catalog, reader: LexiconReader) -> None:
    entry = LexiconEntry(LexiconKind.SYNONYM, "差旅费", ("business trip costs",))
    catalog.lexicons.put(TENANT, [entry])
    assert reader.of(TENANT).words.fingerprint == ""
    assert reader.of(TENANT).synonyms.of("差旅费") == ["business trip costs"]


def test_what_is_ingested_has_the_words_of_the_moment(
    world: World, catalog: Catalog, reader: LexiconReader
) -> None:
    catalog.lexicons.put(TENANT, [PRODUCT])
    ingest(world, TEXT)
    assert by_product(world) == 1
    assert behind(catalog, reader) == 0


def test_older_documents_are_told_and_found_as_before(
    world: World, catalog: Catalog, reader: LexiconReader
) -> None:
    ingest(world, TEXT, "年假五天。")
    found = world.read("智慧眼三代保修")
    assert found
    catalog.lexicons.put(TENANT, [PRODUCT])
    assert behind(catalog, reader) == 2
    assert by_product(world) == 0
    assert world.read("智慧眼三代保修") == found


def test_terms_are_brought_up_without_encoding(
    world: World, catalog: Catalog, reader: LexiconReader, rewording: Rewording
) -> None:
    ingest(world, TEXT, "年假五天。", "智慧眼三代，第二章。")
    calls = list(world.encoder.calls)
    vector = world.encoder.encode_query(TEXT)
    nearest = [hit.chunk_id for hit in world.index.search(vector, ACCESS, limit=3)]
    catalog.lexicons.put(TENANT, [PRODUCT])
    calls_before = len(world.encoder.calls)
    assert sync(rewording) == [2, 1]
    assert len(world.encoder.calls) == calls_before > len(calls)
    assert by_product(world) == 2
    assert behind(catalog, reader) == 0
    assert [hit.chunk_id for hit in world.index.search(vector, ACCESS, limit=3)] == nearest
    catalog.lexicons.remove(TENANT, PRODUCT.entry)
    assert behind(catalog, reader) == 3
    assert sum(sync(rewording)) == 3
    assert by_product(world) == 0


@pytest.mark.parametrize("broken", ["upsert", "flush"])
def test_a_sync_that_breaks_off_is_gone_on_with(
    world: World, catalog: Catalog, indexes: EdgeIndexStore, reader: LexiconReader, broken: str
) -> None:
    ingest(world, TEXT, "智慧眼三代，第二章。", "智慧眼三代，第三章。")
    catalog.lexicons.put(TENANT, [PRODUCT])
    scripted = Scripted()
    rewording = Rewording(
        indexed=catalog.indexed_words, indexes=ScriptedIndexes(indexes, scripted), lexicon=reader
    )
    first = rewording.step(TENANT, after=None, limit=2)
    scripted.script[broken] = [IndexUnavailable("away")]
    with pytest.raises(IndexUnavailable):
        rewording.step(TENANT, after=first.last, limit=2)
    assert behind(catalog, reader) == 1
    assert sync(rewording) == [1]
    assert (by_product(world), behind(catalog, reader)) == (3, 0)


def test_a_document_that_the_index_lost_is_told_and_does_not_stop_the_others(
    world: World, catalog: Catalog, reader: LexiconReader, rewording: Rewording
) -> None:
    ingest(world, TEXT, "智慧眼三代，第二章。")
    lost, _ = catalog.indexed_words.behind(TENANT, "x", after=None, limit=1)[0]
    world.index.delete(lost)
    catalog.lexicons.put(TENANT, [PRODUCT])
    steps: Sequence[tuple[int, int]] = [
        (step.documents, step.missing) for step in (rewording.step(TENANT, after=None, limit=5),)
    ]
    assert steps == [(1, 1)]
    assert behind(catalog, reader) == 1
    assert world.index.count(lost) == 0


def test_a_document_that_was_replaced_meanwhile_keeps_its_new_terms(
    world: World, catalog: Catalog, reader: LexiconReader, rewording: Rewording
) -> None:
    ingest(world, TEXT)
    catalog.lexicons.put(TENANT, [PRODUCT])
    ingest(world, TEXT + "第二版。")
    assert behind(catalog, reader) == 0
    assert sync(rewording) == [0]
    assert by_product(world) == 1
