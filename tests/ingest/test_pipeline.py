from dataclasses import replace
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from ingest.chunk import passage
from ingest.pipeline import Pipeline
from ingest.records import FailedSource, IngestStatus, Outcome, Source
from ingest.sandbox.parser import SandboxedParser
from stores.access import AccessFilter
from stores.catalog import Catalog
from stores.edge import EdgeIndexStore
from stores.errors import (
    CatalogUnavailable,
    IndexLocked,
    IndexUnavailable,
    StorageFull,
    StoreError,
)
from stores.index import IndexIdentity
from stores.records import document_id
from tests.ingest.builders import source
from tests.ingest.parsers import HARMFUL, SHARED_LIMITS
from tests.ingest.world import ACCESS, NOW, SETTINGS, TENANT, World

_AWAY = IndexUnavailable("the index is away")


@pytest.fixture
def world(catalog: Catalog, indexes: EdgeIndexStore, tmp_path: Path) -> World:
    return World(catalog.documents, indexes, tmp_path / "files")


def _leave(days: int, *, sections: int = 1) -> Source:
    sentence = f"Annual leave is {days} days."
    body = "\n\n".join(
        f"# Part {n}\n\n{sentence} {'More words here. ' * 12}" for n in range(sections)
    )
    return source("leave.md", f"# 休假\n\n年假 {days} 天。\n\n{body}")


def _statuses(outcomes: list[Outcome]) -> list[str]:
    return [outcome.status.value for outcome in outcomes]


def _leave_id() -> UUID:
    return document_id(TENANT, "file:///leave.md")


def test_documents_are_added_and_found(world: World) -> None:
    outcomes = world.run(_leave(5), source("差旅.txt", "住宿标准为每晚五百元。"))
    assert _statuses(outcomes) == ["added", "added"]
    assert [o.chunks > 0 and o.reason is None for o in outcomes] == [True, True]
    assert "住宿标准为每晚五百元。" in world.read("住宿标准")
    document = world.documents.get(_leave_id(), ACCESS)
    assert (document.revision, document.title, document.lang) == (1, "休假", "en")
    assert (document.media_type, document.updated_at) == ("text/markdown", NOW)
    assert (document.size_bytes, document.groups) == (len(_leave(5).data), ("everyone",))
    assert world.files.path(TENANT, document.sha256).read_bytes() == _leave(5).data


def test_points_hold_no_text_and_match_the_catalog(world: World) -> None:
    (outcome,) = world.run(_leave(5, sections=4))
    assert world.index.count() == outcome.chunks == world.index.count(outcome.document_id)
    blocks = world.documents.page_blocks(_leave_id(), ACCESS, page=None)
    assert blocks[0][1].text == "休假"


def test_an_unchanged_document_is_neither_parsed_nor_encoded(world: World) -> None:
    world.run(_leave(5))
    calls = list(world.encoder.calls)
    outcomes = world.run(_leave(5))
    assert outcomes == [Outcome("file:///leave.md", IngestStatus.UNCHANGED, _leave_id(), 0, None)]
    assert world.encoder.calls == calls


def test_a_changed_document_replaces_the_old_one(world: World, tmp_path: Path) -> None:
    world.run(_leave(5, sections=3))
    (outcome,) = world.run(_leave(7))
    assert outcome.status is IngestStatus.UPDATED
    assert world.documents.get(_leave_id(), ACCESS).revision == 2
    assert any("7 days" in text for text in world.read("annual leave"))
    assert not any("5 days" in text for text in world.read("annual leave"))
    assert world.index.count() == outcome.chunks
    assert world.originals(tmp_path / "files") == {_leave(7).data.decode()}


def test_other_groups_are_a_new_revision(world: World) -> None:
    world.run(_leave(5))
    (outcome,) = world.run(_leave(5), groups=["managers", "board", "board"])
    assert outcome.status is IngestStatus.UPDATED
    assert world.read("annual leave") == set()
    managers = AccessFilter(tenant=TENANT, groups=("managers",))
    assert world.read("annual leave", access=managers)
    assert world.documents.get(_leave_id(), managers).groups == ("board", "managers")


def test_no_groups_are_refused(world: World) -> None:
    with pytest.raises(ValueError, match="groups is empty"):
        world.run(_leave(5), groups=[])


def test_a_bad_file_fails_alone_with_one_line(world: World) -> None:
    outcomes = world.run(
        source("bad.pdf", b"%PDF-1.7 nothing"),
        source("empty.txt", b""),
        source("big.txt", b"x" * 100_001),
        FailedSource("file:///gone.txt", "gone.txt: cannot\nbe read"),
        _leave(5),
    )
    assert sorted(_statuses(outcomes)) == ["added", "failed", "failed", "failed", "failed"]
    reasons = {o.uri: o.reason for o in outcomes if o.status is IngestStatus.FAILED}
    assert "damaged PDF" in (reasons["file:///bad.pdf"] or "")
    assert "is empty" in (reasons["file:///empty.txt"] or "")
    assert "more than the 0.1 MB allowed" in (reasons["file:///big.txt"] or "")
    assert reasons["file:///gone.txt"] == "gone.txt: cannot be read"


def test_a_file_that_its_reader_does_not_survive_is_set_aside_alone(
    catalog: Catalog, indexes: EdgeIndexStore, tmp_path: Path
) -> None:
    parser = SandboxedParser(SHARED_LIMITS, entry=HARMFUL)
    world = World(catalog.documents, indexes, tmp_path / "files", parser=parser)
    try:
        outcomes = world.run(source("explode", "x"), source("crash", "x"), _leave(5))
    finally:
        parser.close()
    assert sorted(_statuses(outcomes)) == ["added", "failed", "quarantined"]
    by_uri = {outcome.uri: outcome for outcome in outcomes}
    assert "explode: cannot be parsed (RecursionError: too deep)" in (
        by_uri["file:///explode"].reason or ""
    )
    crash = by_uri["file:///crash"]
    assert (crash.document_id, crash.chunks, crash.is_in) == (None, 0, False)
    assert "crash: is set aside" in (crash.reason or "")
    assert [document.uri for document in world.documents.tenant_documents(TENANT)] == [
        "file:///leave.md"
    ]
    assert world.originals(tmp_path / "files") == {_leave(5).data.decode()}


def test_a_quarantined_update_keeps_the_old_revision(
    catalog: Catalog, indexes: EdgeIndexStore, tmp_path: Path
) -> None:
    parser = SandboxedParser(SHARED_LIMITS, entry=HARMFUL)
    world = World(catalog.documents, indexes, tmp_path / "files", parser=parser)
    try:
        world.run(_leave(5))
        (outcome,) = world.run(replace(source("crash", "x"), uri="file:///leave.md"))
    finally:
        parser.close()
    assert (outcome.status, outcome.document_id) == (IngestStatus.QUARANTINED, _leave_id())
    assert any("5 days" in text for text in world.read("annual leave"))


def test_a_failed_update_keeps_the_old_revision(world: World) -> None:
    world.run(_leave(5))
    (outcome,) = world.run(source("leave.md", b""))
    assert (outcome.status, outcome.document_id) == (IngestStatus.FAILED, _leave_id())
    assert any("5 days" in text for text in world.read("annual leave"))


def test_documents_are_encoded_together(world: World) -> None:
    world.run(*(source(f"{n}.txt", f"Document number {n} says this.") for n in range(8)))
    assert world.encoder.calls == [4, 4]
    world.encoder.calls.clear()
    world.run(_leave(5, sections=13))
    assert sum(world.encoder.calls) > 8
    assert max(world.encoder.calls) <= 2 * SETTINGS.batch_chunks


def _handbook(*, days: int = 5, sentences: int = 300) -> Source:
    """A document of one section, with one sentence that changes."""
    facts = [
        f"Rule {n} is about the {n * 7919 % 1009}th matter of the house." for n in range(sentences)
    ]
    facts[100] = f"Annual leave is {days} days, as was agreed upon with the council of the works."
    return source("leave.md", "# Rules\n\n" + " ".join(facts))


def test_a_changed_sentence_has_at_most_three_chunks_encoded(world: World) -> None:
    (first,) = world.run(_handbook())
    encoded = sum(world.encoder.calls)
    assert encoded == first.chunks > 40
    (second,) = world.run(_handbook(days=1234567))
    assert second.chunks == pytest.approx(first.chunks, abs=1)
    assert 1 <= sum(world.encoder.calls) - encoded <= 3
    assert world.progress[-1].chunks_done == second.chunks
    assert any("1234567 days" in text for text in world.read("annual leave"))
    assert world.index.count() == second.chunks


def test_vectors_of_kept_chunks_are_those_that_encoding_would_give(world: World) -> None:
    world.run(_handbook())
    for days in range(6, 12):
        world.run(_handbook(days=days))
    chunks = world.documents.chunks(world.documents.get(_leave_id(), ACCESS))
    found = world.index.vectors([chunk.id for chunk in chunks])
    fresh = world.encoder.encode_passages([passage(c.context, c.text) for c in chunks])
    np.testing.assert_allclose([found[chunk.id] for chunk in chunks], fresh, rtol=0, atol=1e-6)


def test_nothing_is_encoded_where_only_readers_or_pages_change(world: World) -> None:
    world.run(_handbook())
    encoded = sum(world.encoder.calls)
    world.run(_handbook(), groups=["managers"])
    world.run(source("leave.md", b"\n\n\n" + _handbook().data), groups=["managers"])
    assert sum(world.encoder.calls) == encoded
    managers = AccessFilter(tenant=TENANT, groups=("managers",))
    assert world.documents.get(_leave_id(), managers).revision == 3


def test_the_same_passage_is_encoded_once(world: World) -> None:
    text = _leave(5).data.decode()
    outcomes = world.run(source("a/leave.md", text), source("b/leave.md", text))
    assert sum(world.encoder.calls) < sum(outcome.chunks for outcome in outcomes)
    assert world.index.count() == sum(outcome.chunks for outcome in outcomes)


def test_vectors_that_an_index_has_lost_are_made_again(world: World) -> None:
    (first,) = world.run(_handbook())
    chunks = world.documents.chunks(world.documents.get(_leave_id(), ACCESS))
    world.index.delete(_leave_id())
    assert world.index.vectors([chunks[0].id]) == {}
    (again,) = world.run(_handbook(days=6))
    assert (again.status, again.chunks) == (IngestStatus.UPDATED, world.index.count())
    assert again.chunks == pytest.approx(first.chunks, abs=1)


def test_a_failing_lookup_of_vectors_is_waited_for_then_fails_the_document(world: World) -> None:
    world.run(_handbook())
    world.scripted.script = {"vectors": [_AWAY]}
    assert _statuses(world.run(_handbook(days=6))) == ["updated"]
    world.scripted.script = {"vectors": [_AWAY] * 1000}
    (failure,) = world.run(_handbook(days=7))
    assert (failure.status, failure.retryable) == (IngestStatus.FAILED, True)


def test_the_same_uri_twice_in_a_run_is_two_revisions(world: World) -> None:
    assert _statuses(world.run(_leave(5), _leave(6))) == ["added", "updated"]
    assert not any("5 days" in text for text in world.read("annual leave"))
    assert world.index.count() == len(world.read("annual leave 休假"))


def test_progress_counts_up(world: World) -> None:
    world.run(*(source(f"{n}.txt", f"Document number {n} says this.") for n in range(5)))
    assert {p.stage for p in world.progress} == {"parsing", "embedding", "indexing"}
    assert {p.documents_total for p in world.progress} == {5}
    # While documents are written, those behind them are parsed.
    written = [p for p in world.progress if p.stage != "parsing"]
    done = [(p.documents_done, p.chunks_done) for p in written]
    assert done == sorted(done)
    assert (written[-1].documents_done, written[-1].chunks_done) == (4, 5)
    assert written[-1].chunks_total == 5
    assert all(p.chunks_done <= p.chunks_total for p in written)


def test_readers_see_the_old_revision_until_the_commit(world: World) -> None:
    world.run(_leave(5))
    seen: list[set[str]] = []

    def look() -> None:
        seen.append(world.read("annual leave"))

    world.scripted.script = {
        "upsert": [look],
        "flush": [look],
        "commit": [look],
        "delete": [look] * 2,
    }
    world.run(_leave(7))
    before, after = seen[:-1], seen[-1]
    assert len(before) == 4
    assert all(any("5 days" in text for text in texts) for texts in before)
    assert not any("7 days" in text for texts in before for text in texts)
    assert any("7 days" in text for text in after)
    assert not any("5 days" in text for text in after)


@pytest.mark.parametrize("step", ["delete", "upsert", "flush", "commit"])
def test_a_crash_before_the_commit_keeps_the_old_and_leaves_nothing(
    world: World, step: str
) -> None:
    world.run(_leave(5))
    world.scripted.script = {step: [KeyError("the process died")]}
    with pytest.raises(KeyError):
        world.run(_leave(7, sections=5))
    assert any("5 days" in text for text in world.read("annual leave"))
    assert not any("7 days" in text for text in world.read("annual leave"))
    (outcome,) = world.run(_leave(8))
    assert outcome.status is IngestStatus.UPDATED
    assert world.index.count() == outcome.chunks
    assert not any("7 days" in text for text in world.read("annual leave"))


def test_a_crash_after_the_commit_is_tidied_by_the_next_run(world: World) -> None:
    world.run(_leave(5, sections=4))

    def crash_at_second_delete() -> None:
        world.scripted.script["delete"] = [KeyError("the process died")]

    world.scripted.script = {"commit": [crash_at_second_delete]}
    with pytest.raises(KeyError):
        world.run(_leave(7))
    assert not any("5 days" in text for text in world.read("annual leave"))
    (outcome,) = world.run(_leave(7))
    assert outcome.status is IngestStatus.UNCHANGED
    assert world.index.count() == len(world.read("annual leave 休假"))


@pytest.mark.parametrize("step", ["open", "delete", "upsert", "flush"])
def test_an_index_that_comes_back_is_waited_for(world: World, step: str) -> None:
    world.scripted.script = {step: [_AWAY]}
    (outcome,) = world.run(_leave(5))
    assert (outcome.status, outcome.reason) == (IngestStatus.ADDED, None)
    assert world.index.count() == outcome.chunks


def test_an_index_that_stays_away_fails_the_document_and_the_run_goes_on(world: World) -> None:
    world.scripted.refused = {_leave_id()}
    outcomes = world.run(_leave(5), *(source(f"{n}.txt", f"Number {n}.") for n in range(6)))
    assert outcomes[0].status is IngestStatus.FAILED
    assert outcomes[0].reason == "the index is away"
    assert _statuses(outcomes)[-4:] == ["added"] * 4
    assert world.documents.find(TENANT, "file:///leave.md") is None
    world.scripted.refused.clear()
    assert _statuses(world.run(_leave(5))) == ["added"]


def test_an_index_that_goes_away_after_the_commit_is_told_and_made_good(world: World) -> None:
    world.run(_leave(5))

    def go_away() -> None:
        world.scripted.script["delete"] = [_AWAY] * 50

    world.scripted.script = {"commit": [go_away]}
    (outcome,) = world.run(_leave(7))
    assert outcome.status is IngestStatus.UPDATED
    assert "remain until the next run" in (outcome.reason or "")
    world.scripted.script.clear()
    world.run(_leave(7))
    assert world.index.count() == outcome.chunks


def test_a_catalog_that_is_busy_is_waited_for(world: World) -> None:
    world.scripted.script = {"commit": [CatalogUnavailable("locked")]}
    assert _statuses(world.run(_leave(5))) == ["added"]


@pytest.mark.parametrize(
    ("step", "error"),
    [
        ("open", IndexLocked("another process has it")),
        ("upsert", StorageFull("the disk is full")),
        ("commit", StorageFull("the disk is full")),
        ("commit", CatalogUnavailable("gone")),
    ],
)
def test_what_concerns_all_documents_ends_the_run(
    world: World, step: str, error: StoreError
) -> None:
    outcomes: list[Outcome] = []
    run = world.pipeline.run(
        [source("bad.txt", b""), _leave(5)],
        tenant=TENANT,
        groups=["everyone"],
        on_progress=world.progress.append,
    )
    world.scripted.script = {step: [error] * 50}
    with pytest.raises(type(error)):
        outcomes.extend(run)
    assert world.documents.find(TENANT, "file:///leave.md") is None
    world.scripted.script.clear()
    assert _statuses(world.run(_leave(5))) == ["added"]


def test_a_lost_index_is_built_again(
    world: World, catalog: Catalog, tmp_path: Path, identity: IndexIdentity
) -> None:
    world.run(_leave(5))
    other = EdgeIndexStore(tmp_path / "other", identity)
    rebuilt = World(catalog.documents, other, tmp_path / "files")
    assert _statuses(rebuilt.run(_leave(5))) == ["updated"]
    assert any("5 days" in text for text in rebuilt.read("annual leave"))
    other.close()


def test_a_faster_writer_is_succeeded_not_mixed_with(world: World) -> None:
    other: Pipeline = world.pipeline

    def overtake() -> None:
        done = other.run(
            [_leave(6, sections=3)], tenant=TENANT, groups=["everyone"], on_progress=lambda _: None
        )
        assert _statuses(list(done)) == ["added"]

    world.scripted.script = {"commit": [overtake]}
    (outcome,) = world.run(_leave(7))
    assert outcome.status is IngestStatus.ADDED
    assert world.documents.get(_leave_id(), ACCESS).revision == 2
    assert any("7 days" in text for text in world.read("annual leave"))
    assert world.index.count() == outcome.chunks


def test_tenants_do_not_share(world: World, indexes: EdgeIndexStore) -> None:
    run = world.pipeline.run(
        [_leave(5)], tenant="other", groups=["everyone"], on_progress=lambda _: None
    )
    assert _statuses(list(run)) == ["added"]
    assert world.read("annual leave") == set()
    assert indexes.open("other").count() > 0
