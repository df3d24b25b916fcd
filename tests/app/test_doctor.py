"""Each fault is made on purpose; the doctor finds it, mends it, and finds nothing the next time."""

import os
import sqlite3
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from app.doctor.build import all_checks
from app.doctor.examine import examine
from app.doctor.files import weights_check
from app.doctor.records import Check, Level, Result
from app.settings import EncoderSettings, IngestSettings, LLMSettings, Settings
from ingest.records import Source
from models.fetch import pull_from
from models.sources import FolderSource
from stores import schema
from stores.access import AccessFilter, Principal, Scope
from stores.errors import IndexUnavailable
from stores.files import FileStore
from stores.index import IndexPoint
from stores.records import Block, BlockKind, Document, HiddenKind, HiddenText
from tests.app.api_world import TENANT, World
from tests.fakes.encoder import FakeEncoder
from tests.fakes.weights import WEIGHTS, gguf_spec
from tests.stores.builders import make_chunks

LEAVE = " ".join(f"Annual leave of grade {n} is {n + 10} days." for n in range(4))
TRAVEL = " ".join(f"A hotel in class {n} costs {n}00 yuan a night." for n in range(4))
EDITOR = Principal(TENANT, "eva", frozenset({"everyone"}), frozenset({Scope.WRITE}))


def settings_of(world: World) -> Settings:
    """Return settings that ask for no weights on this machine."""
    changed = {
        "encoder": EncoderSettings(kind="sentence-transformers"),
        "llm": LLMSettings(base_url="http://127.0.0.1:9/v1"),
    }
    return world.system.settings.model_copy(update=changed)


def report(
    world: World, *, fix: bool = False, settings: Settings | None = None
) -> dict[str, Result]:
    checks = all_checks(settings or settings_of(world), world.system.catalog, world.system)
    return {result.check.name: result for result in examine(checks, fix=fix)}


def findings(world: World) -> dict[str, int]:
    return {name: result.found for name, result in report(world).items() if result.found}


def heals(world: World, name: str, *, mended: int = 1) -> None:
    """Check that mending mends this and leaves nothing."""
    result = report(world, fix=True)[name]
    assert (result.state, result.mended, result.left) == ("mended", mended, 0)
    assert findings(world) == {}


def ingested(world: World, name: str = "leave.md", body: str = "") -> Document:
    content = body or f"# Leave\n\nIn {name}: {LEAVE}\n\n# Travel\n\nIn {name}: {TRAVEL}"
    source = Source(f"file:///{name}", name, content.encode())
    (outcome,) = world.system.pipeline.run(
        [source], tenant=TENANT, groups=["everyone"], on_progress=lambda _: None
    )
    assert outcome.is_in, outcome.reason
    found = world.system.catalog.documents.find(TENANT, source.uri)
    assert found is not None
    return found


@pytest.fixture
def document(world: World) -> Document:
    return ingested(world)


def test_an_empty_installation_is_healthy(world: World) -> None:
    results = report(world).values()
    assert {result.state for result in results} == {"ok"}
    assert not any(result.is_fault for result in results)


@pytest.mark.usefixtures("document")
def test_a_sound_installation_is_healthy_and_mending_changes_nothing(world: World) -> None:
    version = world.system.catalog.versions.of(TENANT)
    points = world.system.indexes.open(TENANT).revisions()
    assert findings(world) == {}
    assert not any(result.found for result in report(world, fix=True).values())
    assert world.system.catalog.versions.of(TENANT) == version
    assert world.system.indexes.open(TENANT).revisions() == points


def test_missing_points_are_encoded_again(world: World, document: Document) -> None:
    index = world.system.indexes.open(TENANT)
    before = index.revisions()
    other = ingested(world, "other.md")
    index.delete(document.id)
    result = report(world)["points_missing"]
    assert result.is_fault
    assert result.examples == (f"{document.uri}: 0 points for 2 passages",)
    heals(world, "points_missing")
    assert {**before, (other.id, 1): 2} == index.revisions()


def test_restored_points_are_found_by_those_who_may(world: World, document: Document) -> None:
    index = world.system.indexes.open(TENANT)
    question = FakeEncoder().encode_query("annual leave")
    reader, stranger = AccessFilter(TENANT, ("everyone",)), AccessFilter(TENANT, ("hr",))
    before = index.search(question, reader, limit=5)
    index.delete(document.id)
    report(world, fix=True)
    assert index.search(question, reader, limit=5) == before
    assert index.search(question, stranger, limit=5) == []


def orphan(document: Document, revision: int, ordinal: int = 7) -> IndexPoint:
    chunk = make_chunks(replace(document, revision=revision), count=ordinal + 1)[ordinal]
    dense = FakeEncoder().encode_query("orphan")
    return IndexPoint(chunk.id, document.id, revision, ("everyone",), dense, {1: 1.0})


def test_points_of_older_revisions_and_of_nothing_are_deleted(
    world: World, document: Document
) -> None:
    index = world.system.indexes.open(TENANT)
    before = index.revisions()
    gone = replace(document, id=uuid4())
    index.upsert([orphan(document, 9), orphan(document, 8), orphan(gone, 1)])
    assert findings(world) == {"points_orphaned": 3}
    heals(world, "points_orphaned", mended=3)
    assert index.revisions() == before


def test_a_point_too_many_of_the_current_revision_goes(world: World, document: Document) -> None:
    index = world.system.indexes.open(TENANT)
    index.upsert([orphan(document, document.revision)])
    assert findings(world) == {"points_missing": 1}
    heals(world, "points_missing")
    assert index.count(document.id) == 2


def age(*paths: Path, seconds: float = 7200) -> None:
    moment = time.time() - seconds
    for path in paths:
        os.utime(path, (moment, moment))


def original(world: World, document: Document) -> Path:
    return world.system.files.path(TENANT, document.sha256)


def test_an_original_that_is_gone_or_cut_off_is_told(world: World, document: Document) -> None:
    path = original(world, document)
    data = path.read_bytes()
    path.write_bytes(data[:-1])
    assert "bytes" in report(world)["originals_missing"].examples[0]
    path.unlink()
    result = report(world, fix=True)["originals_missing"]
    assert (result.state, result.left, result.mended) == ("fault", 1, 0)
    path.write_bytes(data)
    assert findings(world) == {}


@pytest.mark.usefixtures("document")
def test_originals_that_nobody_refers_to_are_deleted(world: World) -> None:
    sha256 = world.system.files.put(TENANT, b"removed long ago")
    path = world.system.files.path(TENANT, sha256)
    (path.parent / ".half.part").write_bytes(b"removed")
    assert findings(world) == {}  # a row may follow
    age(path, path.parent / ".half.part")
    assert findings(world) == {"originals_unused": 2}
    heals(world, "originals_unused", mended=2)
    assert not path.exists()


@pytest.mark.usefixtures("document")
def test_originals_stay_if_the_catalog_knows_few_of_them(world: World) -> None:
    """As after a catalog was restored from an old backup."""
    for number in range(21):
        sha256 = world.system.files.put(TENANT, f"{number}".encode())
        age(world.system.files.path(TENANT, sha256))
    result = report(world, fix=True)["originals_unused"]
    assert result.is_fault
    assert "restore the right one" in result.problem
    assert len(list(world.system.files.stored())) == 22


def uploads(world: World) -> FileStore:
    return FileStore(world.system.settings.data_dir / "uploads")


def test_an_upload_that_no_job_waits_for_is_deleted(world: World) -> None:
    waiting = uploads(world)
    awaited, forgotten = waiting.put(TENANT, b"awaited"), waiting.put(TENANT, b"forgotten")
    age(waiting.path(TENANT, awaited), waiting.path(TENANT, forgotten))
    job = world.system.catalog.jobs.create(
        EDITOR,
        document_id=uuid4(),
        uri="upload://a",
        filename="a.txt",
        sha256=awaited,
        groups=("everyone",),
    )
    assert findings(world) == {"uploads_forgotten": 1}
    heals(world, "uploads_forgotten")
    assert waiting.path(TENANT, job.sha256).exists()


def test_a_job_that_waits_for_long_is_told(world: World) -> None:
    catalog = world.system.catalog
    job = catalog.jobs.create(
        EDITOR,
        document_id=uuid4(),
        uri="upload://a",
        filename="a.txt",
        sha256=uploads(world).put(TENANT, b"a"),
        groups=("everyone",),
    )
    assert findings(world) == {}
    with catalog._database.write() as connection:
        old = job.created_at - timedelta(hours=2)
        connection.execute(schema.jobs.update().values(updated_at=old, reason="the index is away"))
    result = report(world)["jobs_stuck"]
    assert result.is_fault
    assert "a.txt (queued since" in result.examples[0]
    assert "the index is away" in result.examples[0]


@pytest.mark.usefixtures("document")
def test_rows_that_refer_to_nothing_are_told(world: World) -> None:
    database = world.system.settings.data_dir / "catalog.sqlite"
    connection = sqlite3.connect(database)  # without our settings, it checks no references
    connection.execute("DELETE FROM documents")
    connection.commit()
    connection.close()
    result = report(world)["catalog_damaged"]
    assert result.is_fault
    assert "refers to no row of documents" in result.examples[0]


def test_weights_are_read_to_the_last_byte(tmp_path: Path) -> None:
    spec = gguf_spec()
    own = tmp_path / "own"
    own.mkdir()
    (own / spec.weights.name).write_bytes(WEIGHTS)
    check = weights_check([spec], tmp_path / "models")
    (missing,) = examine([check], fix=True)
    assert missing.is_fault
    assert "tiny" in missing.examples[0]
    pull_from(spec, tmp_path / "models", sources=[FolderSource(own)], progress=lambda _: None)
    (present,) = examine([check], fix=False)
    assert present.state == "ok"
    weights = tmp_path / "models" / spec.name / spec.weights.name
    weights.chmod(0o644)
    weights.write_bytes(WEIGHTS[:-1] + b"?")
    (damaged,) = examine([check], fix=False)
    assert damaged.is_fault


WEAK = {
    "nearly empty": "- - -",
    "mostly signs": "∑∂∫ ≈≠±÷×√∞ a∂b ∫∫∫ ±±± x∞y →→→ ≤≥≤≥",
    "garbled": "合同锟斤拷金额为五百元",
}


@pytest.mark.parametrize("weakness", WEAK)
def test_weak_passages_are_listed_with_their_place(
    world: World, document: Document, weakness: str
) -> None:
    with world.system.catalog._database.write() as connection:
        connection.execute(schema.chunks.update().values(text=WEAK[weakness], pages=[3]))
    result = report(world)["chunks_weak"]
    assert (result.found, result.check.level) == (2, Level.NOTICE)
    assert not result.is_fault
    assert f"{document.uri}, page 3, chunk 1: {weakness}" in result.examples


@pytest.mark.usefixtures("document")
def test_passages_beyond_the_window_are_a_fault(world: World) -> None:
    with world.system.catalog._database.write() as connection:
        connection.execute(schema.chunks.update().values(tokens=513))
    assert report(world)["chunks_too_long"].is_fault


def test_documents_with_hidden_text_are_listed(world: World, document: Document) -> None:
    hidden = replace(document, revision=2, hidden=(HiddenText(HiddenKind.OFF_PAGE, 12),))
    blocks = [Block(BlockKind.TEXT, "text")]
    world.system.catalog.documents.commit(hidden, blocks, [])
    result = report(world)["hidden_text"]
    assert result.examples == (f"{document.uri}: 12 characters (off page)",)


def test_signatures_are_made_of_what_the_catalog_has(world: World, document: Document) -> None:
    copy = ingested(world, "copy.md", f"# Leave\n\n{LEAVE}")
    signed = world.system.catalog.signatures.of([document.id, copy.id])
    with world.system.catalog._database.write() as connection:
        connection.execute(schema.document_signatures.delete())
        connection.execute(schema.document_bands.delete())
    assert findings(world) == {"signatures_missing": 2}
    heals(world, "signatures_missing", mended=2)
    again = world.system.catalog.signatures.of([document.id, copy.id])
    assert {each.data for each in again} == {each.data for each in signed}


@pytest.mark.parametrize(("policy", "found"), [("ask", 1), ("all", None), ("newest", None)])
def test_near_duplicates_are_reminded_of_where_somebody_is_to_decide(
    world: World, document: Document, policy: str, found: int | None
) -> None:
    copy = ingested(world, "copy.md", original(world, document).read_text())
    ingest = IngestSettings.model_validate({"duplicates": policy})
    settings = settings_of(world).model_copy(update={"ingest": ingest})
    result = report(world, settings=settings).get("duplicates_undecided")
    assert (result and result.found) == found
    if result is not None:
        assert copy.uri in result.examples[0]


@pytest.mark.usefixtures("document")
def test_a_store_that_is_away_fails_its_checks_alone(world: World) -> None:
    world.indexes.available = False
    results = report(world, fix=True)
    failed = {name for name, result in results.items() if result.problem}
    assert failed == {"points_orphaned", "points_missing"}
    assert all(results[name].is_fault for name in failed)
    assert "10.0.0.7" in results["points_missing"].problem


@pytest.mark.usefixtures("document")
def test_what_cannot_be_opened_is_said_not_to_be_checked(world: World) -> None:
    checks = all_checks(settings_of(world), world.system.catalog, None, unopened="no encoder")
    results = {result.check.name: result for result in examine(checks, fix=True)}
    skipped = {name: each.check.skipped for name, each in results.items() if each.check.skipped}
    assert skipped == {
        "points_orphaned": "no encoder",
        "points_missing": "no encoder",
        "chunks_too_long": "no encoder",
    }
    assert {results[name].state for name in skipped} == {"not checked"}
    assert not any(result.is_fault for result in results.values())


def test_few_examples_stand_for_many() -> None:
    check = Check("many", Level.FAULT, "", "", find=lambda: map(str, range(1000)))
    (result,) = examine([check], fix=True)
    assert (result.found, result.left, len(result.examples)) == (1000, 1000, 5)


def test_what_mending_leaves_is_told() -> None:
    left = ["a", "b", "c"]

    def mend_one() -> int:
        left.pop(0)
        return 1

    check = Check("some", Level.FAULT, "", "", find=lambda: list(left), fix=mend_one)
    (result,) = examine([check], fix=True)
    assert (result.found, result.mended, result.left, result.state) == (3, 1, 2, "fault")
    assert result.examples == ("b", "c")


def test_mending_that_breaks_off_is_told() -> None:
    def break_off() -> int:
        raise IndexUnavailable("the index is away")

    check = Check("some", Level.NOTICE, "", "", find=lambda: ["a"], fix=break_off)
    (result,) = examine([check], fix=True)
    assert (result.state, result.problem, result.is_fault) == ("failed", "the index is away", True)
