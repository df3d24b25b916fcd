import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from ingest.records import IngestStatus
from stores.access import Principal, Scope
from stores.conversation_records import Citation, Exchange, Summary
from stores.errors import IndexUnavailable, UnknownDocument
from stores.jobs import JobState
from stores.proof import NeedleKind
from stores.receipt_records import ErasureState, Find, Removed
from stores.records import chunk_id
from tests.ingest.builders import source
from tests.ingest.forget.forgetting import (
    ADMIN,
    COMMON,
    SECRET,
    SECRET_ZH,
    ForgettingWorld,
    key,
    secret,
    text_forms,
)
from tests.ingest.world import NOW, TENANT

_AWAY = IndexUnavailable("the index is away")


def test_neither_text_nor_vectors_nor_the_original_are_left(world: ForgettingWorld) -> None:
    world.run(secret(), source("leave.md", f"# Leave\n\n{COMMON}"))
    needles = (SECRET[:24].encode(), *text_forms(SECRET_ZH[:8]))
    vectors = [vector.tobytes() for vector in world.vectors()]
    before = world.files_with(*needles)
    assert any(name.startswith("files/") for name in before)
    assert any(name.startswith("catalog.db") for name in before)
    assert any("vector_storage" in name for name in world.files_with(*vectors))

    (receipt,) = world.forget("severance.md")

    assert world.files_with(*needles) == set()
    assert world.files_with(*vectors) == set()
    assert (receipt.state, receipt.finds, receipt.reason) == (ErasureState.PROVEN, (), "")
    assert world.index.count(key()) == 0
    assert world.read("severance") == set()
    assert COMMON in " ".join(world.read("annual leave"))
    assert world.catalog.receipts.get(receipt.id, ADMIN) == receipt


def test_a_receipt_tells_what_was_removed_and_searched(world: ForgettingWorld) -> None:
    (added, _) = world.run(secret(), source("leave.md", f"# Leave\n\n{COMMON}"))
    (receipt,) = world.forget("severance.md")

    assert receipt.removed == Removed(
        points=added.chunks, chunks=added.chunks, blocks=4, originals=1
    )
    searched = receipt.searched
    assert searched is not None
    assert searched.index_rewritten
    assert searched.text > 8
    assert searched.original > 1
    assert searched.vectors == 4 * added.chunks
    assert searched.shared >= 2, "the common sentence is in the other document, too"
    assert searched.files > 5
    assert searched.size_bytes > 10_000
    assert (receipt.user, receipt.groups) == ("boss", ("everyone",))
    assert (receipt.kept_until - receipt.asked_at).days == 30
    assert receipt.finished_at is not None
    assert SECRET[:12] not in repr(receipt)


_ANOTHER_PROCESS = """
import sys
from stores.catalog import Catalog
from stores.keys import Role
catalog = Catalog(sys.argv[1])
_, secret = catalog.keys.create(tenant="acme", name="test", role=Role.READER, groups=["everyone"])
catalog.close()
print(secret, end="")
"""


def test_the_search_leaves_the_catalog_to_other_processes(world: ForgettingWorld) -> None:
    """A file of SQLite's that is closed here would cost this process its locks on it."""
    world.run(secret())
    world.forget("severance.md")
    for _ in range(2):
        url = f"sqlite:///{world.data / 'catalog.db'}"
        command = [sys.executable, "-c", _ANOTHER_PROCESS, url]
        child = subprocess.run(command, capture_output=True, text=True, check=True)
        assert world.catalog.keys.authenticate(child.stdout, now=NOW) is not None


def test_several_are_forgotten_with_one_rewriting(world: ForgettingWorld) -> None:
    rewritings: list[int] = []
    world.scripted.script["rewrite"] = [lambda: rewritings.append(1)] * 9
    world.run(secret(), secret("copy.md", more="Copied."), source("leave.md", COMMON))

    receipts = world.forget("severance.md", "copy.md", "severance.md")

    assert [receipt.document_id for receipt in receipts] == [key(), key("copy.md"), key()]
    assert {receipt.state for receipt in receipts} == {ErasureState.PROVEN}
    assert len(rewritings) == 1
    assert world.files_with(SECRET[:24].encode()) == set()
    assert len(world.catalog.receipts.list(ADMIN, limit=10)) == 2


def test_what_another_document_holds_counts_for_nothing(world: ForgettingWorld) -> None:
    world.run(secret(), secret("copy.md"))
    (receipt,) = world.forget("severance.md")

    assert receipt.state is ErasureState.PROVEN
    assert receipt.removed is not None
    assert receipt.removed.originals == 0, "the copy has the same bytes"
    assert SECRET in " ".join(world.read("severance"))
    assert world.files_with(SECRET[:24].encode())
    (receipt,) = world.forget("copy.md")
    assert receipt.removed is not None
    assert receipt.removed.originals == 1
    assert world.files_with(SECRET[:24].encode()) == set()


def test_what_is_left_somewhere_is_told_with_its_place(world: ForgettingWorld) -> None:
    world.run(secret())
    (world.data / "logs").mkdir()
    (world.data / "logs" / "api.log").write_text(f"x{SECRET}y\n")
    (vector, *_) = world.vectors()
    (world.data / "dump.npy").write_bytes(b"12" + vector.tobytes())

    (receipt,) = world.forget("severance.md")

    assert receipt.state is ErasureState.FOUND
    kinds = {(find.place, find.kind) for find in receipt.finds}
    assert kinds >= {("dump.npy", NeedleKind.VECTOR), ("logs/api.log", NeedleKind.TEXT)}
    assert {place for place, _ in kinds} == {"dump.npy", "logs/api.log"}
    assert Find("dump.npy", NeedleKind.VECTOR, 2) in receipt.finds


def test_what_other_tenants_have_is_neither_searched_nor_told(world: ForgettingWorld) -> None:
    world.run(secret())
    theirs = world.pipeline.run(
        [secret()], tenant="other", groups=["everyone"], on_progress=world.progress.append
    )
    assert [outcome.status for outcome in theirs] == [IngestStatus.ADDED]

    (receipt,) = world.forget("severance.md")

    assert (receipt.state, receipt.finds) == (ErasureState.PROVEN, ())
    assert receipt.searched is not None
    assert receipt.searched.shared == 0
    assert all(
        "/other/" in f"/{name}" or name.startswith("catalog")
        for name in world.files_with(SECRET[:24].encode())
    )
    assert world.catalog.receipts.list(replace(ADMIN, tenant="other"), limit=5) == []


def test_conversations_keep_the_question_alone(world: ForgettingWorld) -> None:
    world.run(secret(), source("leave.md", COMMON))
    kept = world.catalog.conversations
    conversation = kept.create(ADMIN).id
    leave = key("leave.md")
    about = Exchange(
        question="What did Zhang get?",
        understood=f"What did Zhang get? {SECRET}",
        answer=f"{SECRET}[1]",
        refusal=False,
        citations=(Citation(1, key(), chunk_id(key(), 1, 0)),),
        documents=frozenset({key(), leave}),
        lang="en",
    )
    kept.add(conversation, ADMIN, about)
    kept.add(
        conversation,
        ADMIN,
        replace(about, answer="15 days", understood="", documents=frozenset({leave})),
    )
    quoting = kept.create(ADMIN).id
    kept.add(
        quoting, ADMIN, replace(about, question=f"Is it true that {SECRET}", documents=frozenset())
    )
    before = kept.get(conversation, ADMIN).summary
    after = Summary(SECRET, 1, frozenset({key()}))
    assert kept.summarise(conversation, ADMIN, before=before, after=after)

    (receipt,) = world.forget("severance.md")

    assert receipt.state is ErasureState.PROVEN, receipt.finds
    assert receipt.removed is not None
    assert (receipt.removed.exchanges, receipt.removed.summaries) == (2, 1)
    first, second = kept.exchanges(conversation, ADMIN, limit=5)
    assert (first.withheld, first.exchange.question) == (True, "What did Zhang get?")
    assert (second.withheld, second.exchange.answer) == (False, "15 days")
    assert kept.get(quoting, ADMIN).title == "…"
    (quoted,) = kept.exchanges(quoting, ADMIN, limit=5)
    assert (quoted.withheld, quoted.exchange.question) == (True, "…")
    assert world.files_with(SECRET[:24].encode()) == set()


def test_an_answer_that_comes_too_late_is_not_kept(world: ForgettingWorld) -> None:
    world.run(secret())
    kept = world.catalog.conversations
    conversation = kept.create(ADMIN).id
    world.forget("severance.md")
    late = Exchange("And?", "And?", SECRET, False, (), frozenset({key()}), "en")

    kept.add(conversation, ADMIN, late)

    before = kept.get(conversation, ADMIN).summary
    after = Summary(SECRET, 1, frozenset({key()}))
    assert not kept.summarise(conversation, ADMIN, before=before, after=after)
    (only,) = kept.exchanges(conversation, ADMIN, limit=5)
    assert (only.withheld, only.exchange.answer) == (True, "")
    assert world.files_with(SECRET[:24].encode()) == set()


@pytest.mark.parametrize("method", ["rewrite", "delete", "flush"])
def test_an_erasure_that_breaks_off_is_pending_and_can_be_finished(
    world: ForgettingWorld, method: str
) -> None:
    world.run(secret())
    vectors = [vector.tobytes() for vector in world.vectors()]
    world.scripted.script[method] = [_AWAY]
    with pytest.raises(IndexUnavailable):
        world.forget("severance.md")

    (pending,) = world.catalog.receipts.pending()
    assert (pending.state, pending.reason) == (ErasureState.PENDING, "the index is away")
    assert pending.removed is not None
    assert world.read("severance") == set(), "nobody sees it any more"
    assert world.files_with(SECRET[:24].encode(), SECRET_ZH[:8].encode()) <= {
        name for name in world.files_with(SECRET[:24].encode()) if name.startswith("files/")
    } | {"catalog.db-wal", "catalog.db"}

    (receipt,) = world.forgetter.finish()

    assert (receipt.id, receipt.state, receipt.reason) == (pending.id, ErasureState.PROVEN, "")
    assert receipt.searched is not None
    assert receipt.searched.vectors > 0, "the vectors are remembered, though the points are gone"
    assert world.files_with(SECRET[:24].encode(), *vectors) == set()
    assert [*world.notes.folder.rglob("*.json")] == []
    assert world.catalog.receipts.pending() == []


def test_what_was_done_before_a_failure_is_told(world: ForgettingWorld) -> None:
    world.run(secret(), secret("copy.md", more="Copied."))
    documents = [world.documents.by_id(TENANT, key(name)) for name in ("severance.md", "copy.md")]
    begun = [document for document in documents if document is not None]
    world.catalog.receipts.begin(begun, user="boss", days=1)
    world.scripted.script["vectors"] = [lambda: None, _AWAY]
    with pytest.raises(IndexUnavailable):
        world.forgetter.finish()

    receipts = world.forgetter.finish()

    assert [receipt.reason for receipt in receipts] == ["", ""]
    assert all(receipt.removed and receipt.removed.chunks > 0 for receipt in receipts)


def test_what_fails_of_one_tenant_does_not_keep_the_others(world: ForgettingWorld) -> None:
    world.run(secret())
    theirs = world.pipeline.run(
        [secret()], tenant="other", groups=["everyone"], on_progress=world.progress.append
    )
    assert len(list(theirs)) == 1
    world.forgetter.begin(TENANT, [key()], user="boss")
    world.forgetter.begin("other", [key(tenant="other")], user="boss")
    world.scripted.script["rewrite"] = [_AWAY]

    with pytest.raises(IndexUnavailable):
        world.forgetter.finish()

    (pending,) = world.catalog.receipts.pending()
    assert (pending.tenant, pending.reason) == (TENANT, "the index is away")
    with pytest.raises(UnknownDocument):
        world.forgetter.begin("other", [key()], user="boss")


def test_nothing_is_begun_while_the_index_is_away(world: ForgettingWorld) -> None:
    world.run(secret())
    world.scripted.script["vectors"] = [_AWAY]
    with pytest.raises(IndexUnavailable):
        world.forget("severance.md")
    assert world.catalog.receipts.pending() == []
    assert world.read("severance")


def test_a_crash_before_the_document_left_the_catalog_is_made_up_for(
    world: ForgettingWorld,
) -> None:
    world.run(secret())
    document = world.documents.by_id(TENANT, key())
    assert document is not None
    world.catalog.receipts.begin([document], user="boss", days=1)

    (receipt,) = world.forgetter.finish()

    assert receipt.state is ErasureState.PROVEN
    assert receipt.searched is not None
    assert receipt.searched.text > 8
    assert world.files_with(SECRET[:24].encode()) == set()


def test_asked_again_it_keeps_its_receipt(world: ForgettingWorld) -> None:
    world.run(secret())
    (first,) = world.forgetter.begin(TENANT, [key()], user="ann")
    (second,) = world.forgetter.begin(TENANT, [key()], user="ben")
    assert (second.id, second.user) == (first.id, "ann")
    (done,) = world.forget("severance.md")
    assert (done.id, done.state) == (first.id, ErasureState.PROVEN)
    with pytest.raises(UnknownDocument, match=str(key())):
        world.forget("severance.md")


def test_a_document_that_came_back_meanwhile_stays(world: ForgettingWorld) -> None:
    world.run(secret())
    world.forgetter.begin(TENANT, [key()], user="boss")
    (again,) = world.run(secret(more="A second edition of it all."))

    (receipt,) = world.forgetter.finish()

    assert receipt.state is ErasureState.PROVEN, receipt.finds
    assert world.index.count(key()) == again.chunks
    assert SECRET in " ".join(world.read("severance"))


def test_unknown_documents_are_refused_before_any_is_removed(world: ForgettingWorld) -> None:
    world.run(secret())
    with pytest.raises(UnknownDocument):
        world.forget("severance.md", "nothing.md")
    assert world.read("severance")
    assert world.catalog.receipts.list(ADMIN, limit=5) == []


def test_what_a_crash_left_half_written_goes(world: ForgettingWorld, tmp_path: Path) -> None:
    world.run(secret())
    (original,) = (file for file in (tmp_path / "files").rglob("*") if file.is_file())
    original.with_name(".abc.part").write_bytes(secret().data)
    (world.notes.folder / TENANT).mkdir(parents=True)
    (world.notes.folder / TENANT / f"{uuid4()}.json").write_text("{}")

    (receipt,) = world.forget("severance.md")

    assert (receipt.state, receipt.finds) == (ErasureState.PROVEN, ())
    assert [file for file in world.notes.folder.rglob("*") if file.is_file()] == []


def test_who_may_read_a_receipt(world: ForgettingWorld) -> None:
    world.run(secret(), groups=["hr"])
    (receipt,) = world.forget("severance.md")
    writer = Principal(TENANT, "ann", frozenset({"hr"}), frozenset({Scope.READ, Scope.WRITE}))
    readers = [ADMIN, writer, replace(writer, user="boss", groups=frozenset())]
    for principal in readers:
        assert world.catalog.receipts.get(receipt.id, principal) == receipt
        assert world.catalog.receipts.list(principal, limit=5) == [receipt]
    for stranger in (replace(writer, groups=frozenset({"it"})), replace(ADMIN, tenant="other")):
        assert world.catalog.receipts.list(stranger, limit=5) == []


def test_kept_uploads_go_unless_another_job_needs_them(world: ForgettingWorld) -> None:
    world.run(secret())
    sha256 = world.uploads.put(TENANT, SECRET.encode())
    path = world.uploads.path(TENANT, sha256)
    jobs = [
        world.catalog.jobs.create(
            ADMIN,
            document_id=each,
            uri=f"upload://{each}",
            filename="severance.md",
            sha256=sha256,
            groups=("everyone",),
        )
        for each in (key(), key("other.md"))
    ]
    failed = world.catalog.jobs.update(replace(jobs[0], state=JobState.FAILED))
    world.forget("severance.md")
    assert path.exists(), "another job needs the same bytes"

    world.catalog.jobs.update(replace(jobs[1], state=JobState.DONE))
    world.run(secret())
    world.catalog.jobs.create(
        ADMIN,
        document_id=key(),
        uri=failed.uri,
        filename=failed.filename,
        sha256=sha256,
        groups=failed.groups,
    )
    (again,) = world.catalog.jobs.unfinished()
    world.catalog.jobs.update(replace(again, state=JobState.FAILED))
    world.forget("severance.md")
    assert not path.exists()
