import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from app.ingestion import (
    GroupsNotPermitted,
    IngestionWorker,
    JobFileGone,
    JobNotFailed,
    JobSuperseded,
    Upload,
)
from ingest.errors import UnsupportedFormat
from ingest.pipeline import Pipeline
from ingest.records import IngestProgress, IngestStage, IngestStatus, Outcome, Source
from stores.access import Principal, Scope
from stores.catalog import Catalog
from stores.errors import CatalogUnavailable, IndexLocked, IndexUnavailable, StorageFull, UnknownJob
from stores.files import FileStore
from stores.jobs import Job, JobOutcome, JobState
from stores.records import document_id
from tests.app.api_world import eventually

_EDITOR = Principal("acme", "u1", frozenset({"everyone"}), frozenset({Scope.READ, Scope.WRITE}))


class ScriptedPipeline:
    """Does to each document what the script says, by its file name; else adds it."""

    def __init__(self) -> None:
        self.script: dict[str, list[Exception | Outcome]] = {}
        self.runs: list[str] = []
        self.started = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()

    def run(
        self,
        sources: Iterable[Source],
        *,
        tenant: str,
        groups: Sequence[str],
        on_progress: Callable[[IngestProgress], None],
    ) -> Iterator[Outcome]:
        for source in sources:
            self.runs.append(source.filename)
            self.started.set()
            self.go_on.wait(10)
            on_progress(IngestProgress(IngestStage.EMBEDDING, source.uri, 0, 1, 3, 4))
            step = self.script.get(source.filename, [])
            event = step.pop(0) if step else None
            if isinstance(event, Exception):
                raise event
            identity = document_id(tenant, source.uri)
            yield event or Outcome(source.uri, IngestStatus.ADDED, identity, 4, None)


class MovedClock:
    """A clock that goes on by a millisecond at each look, and further when the test says so."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def catalog(tmp_path: Path, clock: MovedClock) -> Iterator[Catalog]:
    catalog = Catalog(f"sqlite:///{tmp_path / 'catalog.sqlite'}", clock=clock)
    yield catalog
    catalog.close()


@pytest.fixture
def waiting(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "uploads")


@pytest.fixture
def pipeline() -> ScriptedPipeline:
    return ScriptedPipeline()


@pytest.fixture
def build(
    catalog: Catalog, waiting: FileStore, pipeline: ScriptedPipeline
) -> Callable[[], IngestionWorker]:
    return lambda: IngestionWorker(
        catalog=catalog, waiting=waiting, pipeline=cast("Pipeline", pipeline)
    )


@contextmanager
def running(worker: IngestionWorker) -> Iterator[IngestionWorker]:
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


def upload(name: str = "a.txt", *, groups: tuple[str, ...] = ("everyone",)) -> Upload:
    return Upload(filename=name, uri=f"upload://{name}", groups=groups, data=name.encode())


def finished(catalog: Catalog, job: Job) -> Job:
    def probe() -> Job | None:
        found = catalog.jobs.get(job.id, _EDITOR)
        return found if found.state.is_final else None

    return eventually(probe)


def test_jobs_run_in_the_order_of_their_uploads(
    build: Callable[[], IngestionWorker], catalog: Catalog, pipeline: ScriptedPipeline
) -> None:
    worker = build()
    jobs = [worker.submit(_EDITOR, upload(f"{number}.txt")) for number in range(5)]

    with running(worker):
        done = [finished(catalog, job) for job in jobs]

    assert pipeline.runs == ["0.txt", "1.txt", "2.txt", "3.txt", "4.txt"]
    assert {job.outcome for job in done} == {JobOutcome.ADDED}
    assert {(job.done, job.total, job.attempts) for job in done} == {(4, 4, 1)}


def test_an_upload_wakes_an_idle_worker(
    build: Callable[[], IngestionWorker], catalog: Catalog
) -> None:
    with running(build()) as worker:
        for number in range(3):
            job = worker.submit(_EDITOR, upload(f"{number}.txt"))
            assert finished(catalog, job).state == JobState.DONE


def test_files_of_jobs_that_are_over_go_at_the_start(
    build: Callable[[], IngestionWorker], catalog: Catalog, waiting: FileStore
) -> None:
    left = waiting.put("acme", b"its job had just ended when the process was killed")
    worker = build()
    job = worker.submit(_EDITOR, upload())

    with running(worker):
        assert finished(catalog, job).state == JobState.DONE

    assert not waiting.path("acme", left).exists()


def test_the_progress_is_saved(
    build: Callable[[], IngestionWorker], catalog: Catalog, pipeline: ScriptedPipeline
) -> None:
    seen: list[Job] = []
    original = catalog.jobs.update

    def update(job: Job) -> Job:
        seen.append(job)
        return original(job)

    catalog.jobs.update = update  # type: ignore[method-assign]
    with running(build()) as worker:
        finished(catalog, worker.submit(_EDITOR, upload()))

    assert [(job.state, job.done, job.total) for job in seen] == [
        (JobState.PARSING, 0, 0),
        (JobState.EMBEDDING, 3, 4),
        (JobState.DONE, 4, 4),
    ]
    assert pipeline.runs == ["a.txt"]


@pytest.mark.parametrize(
    "error", [IndexUnavailable("away"), CatalogUnavailable("away"), StorageFull("full")]
)
def test_a_store_that_is_away_is_waited_for(
    build: Callable[[], IngestionWorker],
    catalog: Catalog,
    pipeline: ScriptedPipeline,
    error: Exception,
) -> None:
    pipeline.script["a.txt"] = [error, error]

    with running(build()) as worker:
        first = worker.submit(_EDITOR, upload("a.txt"))
        second = worker.submit(_EDITOR, upload("b.txt"))
        done = finished(catalog, first)
        finished(catalog, second)

    assert (done.state, done.attempts, done.reason) == (JobState.DONE, 3, None)
    assert pipeline.runs == ["a.txt", "a.txt", "a.txt", "b.txt"]


def test_what_cannot_get_better_fails_with_its_reason(
    build: Callable[[], IngestionWorker], catalog: Catalog, pipeline: ScriptedPipeline
) -> None:
    pipeline.script["a.txt"] = [IndexLocked("process 7 has the index open: stop it")]
    pipeline.script["b.exe"] = [UnsupportedFormat("b.exe: no parser for .exe")]
    pipeline.script["c.pdf"] = [
        Outcome("upload://c.pdf", IngestStatus.FAILED, None, 0, "c.pdf: protected with a password")
    ]

    with running(build()) as worker:
        jobs = [worker.submit(_EDITOR, upload(name)) for name in ("a.txt", "b.exe", "c.pdf")]
        ends = [finished(catalog, job) for job in jobs]

    assert {job.state for job in ends} == {JobState.FAILED}
    assert [job.reason for job in ends] == [
        "process 7 has the index open: stop it",
        "b.exe: no parser for .exe",
        "c.pdf: protected with a password",
    ]


def test_a_file_that_is_set_aside_is_quarantined_and_not_tried_again(
    build: Callable[[], IngestionWorker], catalog: Catalog, pipeline: ScriptedPipeline
) -> None:
    reason = "a.pdf: is set aside, because reading it takes longer than 20 s"
    pipeline.script["a.pdf"] = [
        Outcome("upload://a.pdf", IngestStatus.QUARANTINED, None, 0, reason)
    ]
    with running(build()) as worker:
        end = finished(catalog, worker.submit(_EDITOR, upload("a.pdf")))
        after = finished(catalog, worker.submit(_EDITOR, upload("b.txt")))
    assert (end.state, end.outcome, end.reason) == (JobState.QUARANTINED, None, reason)
    assert after.state is JobState.DONE
    assert catalog.jobs.unfinished() == []


def test_a_mistake_of_ours_fails_the_job_and_not_the_worker(
    build: Callable[[], IngestionWorker],
    catalog: Catalog,
    pipeline: ScriptedPipeline,
    caplog: pytest.LogCaptureFixture,
) -> None:
    pipeline.script["a.txt"] = [ZeroDivisionError("secret /path")]

    with running(build()) as worker:
        broken = worker.submit(_EDITOR, upload("a.txt"))
        next_one = worker.submit(_EDITOR, upload("b.txt"))
        end = finished(catalog, broken)
        assert finished(catalog, next_one).state == JobState.DONE

    assert end.state == JobState.FAILED
    assert str(broken.id) in (end.reason or "")
    assert "secret" not in (end.reason or "")
    assert "ZeroDivisionError" in caplog.text


def test_a_file_that_is_gone_fails_alone(
    build: Callable[[], IngestionWorker], catalog: Catalog, waiting: FileStore
) -> None:
    worker = build()
    lost = worker.submit(_EDITOR, upload("a.txt"))
    kept = worker.submit(_EDITOR, upload("b.txt"))
    waiting.delete("acme", lost.sha256)

    with running(worker):
        end = finished(catalog, lost)
        assert finished(catalog, kept).state == JobState.DONE

    assert end.state == JobState.FAILED
    assert "upload it again" in (end.reason or "")


@pytest.mark.parametrize("state", [state for state in JobState if not state.is_final])
def test_what_an_earlier_run_left_is_taken_up(
    build: Callable[[], IngestionWorker], catalog: Catalog, state: JobState
) -> None:
    job = build().submit(_EDITOR, upload())
    catalog.jobs.update(replace(job, state=state, attempts=1))

    with running(build()):
        done = finished(catalog, job)

    assert (done.state, done.attempts) == (JobState.DONE, 2)


def test_a_stop_puts_the_job_back_and_the_next_start_ends_it(
    build: Callable[[], IngestionWorker], catalog: Catalog, pipeline: ScriptedPipeline
) -> None:
    pipeline.go_on.clear()
    worker = build()
    worker.start()
    job = worker.submit(_EDITOR, upload())
    assert pipeline.started.wait(5)
    stopping = threading.Thread(target=worker.stop)
    stopping.start()
    pipeline.go_on.set()
    stopping.join()

    assert catalog.jobs.get(job.id, _EDITOR).state == JobState.QUEUED
    with running(build()):
        assert finished(catalog, job).state == JobState.DONE


def test_a_stop_does_not_wait_for_a_store_that_is_away(
    build: Callable[[], IngestionWorker], catalog: Catalog, pipeline: ScriptedPipeline
) -> None:
    pipeline.script["a.txt"] = [IndexUnavailable("away") for _ in range(1000)]
    with running(build()) as worker:
        job = worker.submit(_EDITOR, upload())
        eventually(lambda: catalog.jobs.get(job.id, _EDITOR).attempts >= 1)

    assert catalog.jobs.get(job.id, _EDITOR).state == JobState.QUEUED


def test_groups_of_waiting_uploads_count(build: Callable[[], IngestionWorker]) -> None:
    worker = build()
    other = replace(_EDITOR, user="u2", groups=frozenset({"board"}))
    worker.submit(_EDITOR, upload("a.txt"))

    with pytest.raises(GroupsNotPermitted) as caught:
        worker.submit(other, upload("a.txt", groups=("board",)))

    assert caught.value.groups == {"board"}
    assert worker.submit(replace(other, tenant="globex"), upload("a.txt", groups=("board",)))


def test_a_document_that_may_succeed_later_waits(
    build: Callable[[], IngestionWorker], catalog: Catalog, pipeline: ScriptedPipeline
) -> None:
    away = Outcome(
        "upload://a.txt", IngestStatus.FAILED, None, 0, "the index is away", retryable=True
    )
    pipeline.script["a.txt"] = [away]

    with running(build()) as worker:
        done = finished(catalog, worker.submit(_EDITOR, upload()))

    assert (done.state, done.attempts) == (JobState.DONE, 2)


def test_a_file_is_kept_until_the_last_job_that_needs_it_has_ended(
    build: Callable[[], IngestionWorker], catalog: Catalog, waiting: FileStore
) -> None:
    worker = build()
    same = [
        worker.submit(_EDITOR, replace(upload(), uri=f"upload://{number}")) for number in range(2)
    ]
    path = waiting.path("acme", same[0].sha256)
    assert path.read_bytes() == b"a.txt"

    with running(worker):
        assert {finished(catalog, job).state for job in same} == {JobState.DONE}
        eventually(lambda: not path.exists())


def test_a_failed_job_is_done_again(
    build: Callable[[], IngestionWorker],
    catalog: Catalog,
    waiting: FileStore,
    pipeline: ScriptedPipeline,
) -> None:
    pipeline.script["a.txt"] = [UnsupportedFormat("a.txt: no parser")]

    with running(build()) as worker:
        job = finished(catalog, worker.submit(_EDITOR, upload()))
        assert (job.state, job.attempts) == (JobState.FAILED, 1)
        assert worker.retry(_EDITOR, job.id).state is JobState.QUEUED
        again = finished(catalog, job)
        eventually(lambda: not waiting.path("acme", job.sha256).exists())

    assert (again.state, again.reason, again.attempts) == (JobState.DONE, None, 2)


def test_only_what_failed_and_is_the_latest_and_is_kept_is_done_again(
    build: Callable[[], IngestionWorker],
    catalog: Catalog,
    waiting: FileStore,
    pipeline: ScriptedPipeline,
) -> None:
    pipeline.script = {name: [UnsupportedFormat(name)] for name in ("a.txt", "b.txt")}

    with running(build()) as worker:
        first, gone = (
            finished(catalog, worker.submit(_EDITOR, upload(name))) for name in ("a.txt", "b.txt")
        )
        later = finished(catalog, worker.submit(_EDITOR, upload("a.txt")))
        waiting.delete("acme", gone.sha256)

        with pytest.raises(JobSuperseded, match="uploaded again"):
            worker.retry(_EDITOR, first.id)
        with pytest.raises(JobNotFailed, match="is done"):
            worker.retry(_EDITOR, later.id)
        with pytest.raises(JobFileGone, match=r"b\.txt is not kept"):
            worker.retry(_EDITOR, gone.id)
        with pytest.raises(UnknownJob):
            worker.retry(replace(_EDITOR, user="u2"), first.id)


def test_a_job_is_not_done_again_for_groups_that_were_taken_away(
    build: Callable[[], IngestionWorker], catalog: Catalog, pipeline: ScriptedPipeline
) -> None:
    pipeline.script["a.txt"] = [UnsupportedFormat("a.txt")]

    with running(build()) as worker:
        job = finished(catalog, worker.submit(_EDITOR, upload()))
        with pytest.raises(GroupsNotPermitted):
            worker.retry(replace(_EDITOR, groups=frozenset()), job.id)


def test_the_file_of_a_failed_job_is_kept_for_a_week(
    build: Callable[[], IngestionWorker],
    catalog: Catalog,
    waiting: FileStore,
    pipeline: ScriptedPipeline,
    clock: MovedClock,
) -> None:
    pipeline.script["a.txt"] = [UnsupportedFormat("a.txt: no parser")]
    half = waiting.path("acme", "0" * 64).with_name(".killed.part")
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half")

    with running(build()) as worker:
        job = finished(catalog, worker.submit(_EDITOR, upload()))
        eventually(lambda: not half.exists())
        path = waiting.path("acme", job.sha256)
        assert path.exists()
        clock.now += timedelta(days=8)
        finished(catalog, worker.submit(_EDITOR, upload("b.txt")))
        eventually(lambda: not path.exists())

    assert job.state is JobState.FAILED
