"""Uploads become jobs; one thread works them off, in order, whatever happens to the stores."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from app.errors import AppError, NotPermitted
from ingest.errors import IngestError, UnreadableFile
from ingest.pipeline import Pipeline
from ingest.records import IngestProgress, IngestStage, IngestStatus, Outcome, Source
from stores.access import Principal, Scope
from stores.catalog import Catalog
from stores.errors import StoreError
from stores.files import FileStore
from stores.jobs import Job, JobOutcome, JobState
from stores.records import NOTHING_GIVEN, Given, document_id

_PROGRESS_SECONDS = 0.5
_FIRST_WAIT_SECONDS = 0.5
_LONGEST_WAIT_SECONDS = 5.0
_STOP_SECONDS = 10.0
_KEEP_FAILED = timedelta(days=7)
_logger = logging.getLogger("zhiku.ingestion")


class GroupsNotPermitted(NotPermitted):
    """The principal may not write a uri for some groups; `groups` are its own.

    It is the same error whether it does not hold the groups that it names, or those of a document
    that has this uri already: whoever may write can learn that a uri is taken, as with any name
    that has to be unique, but not by whom, for whom or with what.
    """

    def __init__(self, groups: frozenset[str]) -> None:
        super().__init__("these groups, or this uri, are not the key's to write")
        self.groups = groups


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent: its name, where it belongs, who may read it, and its bytes.

    `given` and `sidecar` are those of `ingest.records.Source`.
    """

    filename: str
    uri: str
    groups: tuple[str, ...]
    data: bytes
    given: Given = NOTHING_GIVEN
    sidecar: str = ""


class NotRetryable(AppError):
    """A job cannot be done again."""


class JobNotFailed(NotRetryable):
    """Only failed jobs can: others are under way, done, or had a file that is set aside."""


class JobSuperseded(NotRetryable):
    """A later upload of the same document exists: the older file must not replace it."""


class JobFileGone(NotRetryable):
    """The file is not kept any more; upload it again."""


class _Stopping(Exception):
    """The worker is to stop."""


class IngestionWorker:
    """Takes uploads and ingests them one after the other.

    A job that meets a store which is away or full goes back to the queue and is tried again, with
    pauses of at most five seconds, until the store is back; one that a stop or a crash interrupted
    is taken up again by the next start.

    Parameters
    ----------
    waiting
        Keeps the uploaded files until their jobs have ended, and of failed jobs a week longer, to
        try them again. Not the store of the originals: from that the pipeline deletes what a
        document is replaced with, which another job may still have before it.
    """

    def __init__(self, *, catalog: Catalog, waiting: FileStore, pipeline: Pipeline) -> None:
        self._catalog = catalog
        self._waiting = waiting
        self._pipeline = pipeline
        self._submitting = threading.Lock()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="ingestion", daemon=True)

    def start(self) -> None:
        """Begin with what an earlier run left; files of jobs that are over go."""
        jobs = self._catalog.jobs.unfinished()
        self._waiting.keep_only({(job.tenant, job.sha256) for job in jobs})
        self._thread.start()

    def stop(self) -> None:
        """Stop at the next step of the document at work; its job goes back to the queue."""
        self._stop.set()
        self._wake.set()
        self._thread.join(_STOP_SECONDS)

    def submit(self, principal: Principal, upload: Upload) -> Job:
        """Keep the file and queue a job for it.

        Raises
        ------
        GroupsNotPermitted
            The principal is no administrator and lacks one of the groups: of those it names, or
            of the document that the file would replace.
        """
        # One at a time: two uploads of the same uri must see each other.
        with self._submitting:
            self._check_groups(principal, upload.uri, upload.groups)
            sha256 = self._waiting.put(principal.tenant, upload.data)
            job = self._catalog.jobs.create(
                principal,
                document_id=document_id(principal.tenant, upload.uri),
                uri=upload.uri,
                filename=upload.filename,
                sha256=sha256,
                groups=upload.groups,
                given=upload.given,
                sidecar=upload.sidecar,
            )
        self._wake.set()
        return job

    def retry(self, principal: Principal, job_id: UUID) -> Job:
        """Queue a failed job again.

        Raises
        ------
        UnknownJob
            There is none, or it is somebody else's.
        NotRetryable
            It did not fail, or its file is gone, or there is a later upload of its document.
        GroupsNotPermitted
            The principal may not write for its groups any more.
        """
        with self._submitting:
            job = self._catalog.jobs.get(job_id, principal)
            if job.state is not JobState.FAILED:
                raise JobNotFailed(f"job {job.id} is {job.state}, only failed jobs can be retried")
            if self._catalog.jobs.of_document(job.tenant, job.document_id)[-1].id != job.id:
                raise JobSuperseded(f"job {job.id}: {job.uri} was uploaded again since")
            if not self._waiting.path(job.tenant, job.sha256).exists():
                raise JobFileGone(f"job {job.id}: {job.filename} is not kept any more")
            self._check_groups(principal, job.uri, job.groups)
            queued = self._save(replace(job, state=JobState.QUEUED, reason=None, done=0, total=0))
        self._wake.set()
        return queued

    def _check_groups(self, principal: Principal, uri: str, groups: tuple[str, ...]) -> None:
        if Scope.ADMIN in principal.scopes:
            return
        written = {*groups}
        present = self._catalog.documents.find(principal.tenant, uri)
        if present is not None:
            written.update(present.groups)
        for job in self._catalog.jobs.unfinished():
            if (job.tenant, job.uri) == (principal.tenant, uri):
                written.update(job.groups)
        if not written <= principal.groups:
            raise GroupsNotPermitted(principal.groups)

    def _work(self) -> None:
        wait = _FIRST_WAIT_SECONDS
        while not self._stop.is_set():
            self._wake.clear()
            try:
                waiting = self._run_jobs()
            except StoreError as error:
                _logger.warning("ingestion waits: %s", error)
                waiting = True
            if waiting:
                self._stop.wait(wait)
                wait = min(2 * wait, _LONGEST_WAIT_SECONDS)
            else:
                wait = _FIRST_WAIT_SECONDS
                self._wake.wait()

    def _run_jobs(self) -> bool:
        """Work off the queue; tell whether something is left that has to wait."""
        for job in self._catalog.jobs.unfinished():
            if self._stop.is_set() or self._run_job(job).state is JobState.QUEUED:
                return True
        with self._submitting:
            self._waiting.keep_only(self._needed_files())
        return False

    def _run_job(self, job: Job) -> Job:
        running = self._save(
            replace(job, state=JobState.PARSING, attempts=job.attempts + 1, reason=None)
        )
        ended = self._save(self._end_of(running))
        if ended.state is not JobState.QUEUED:
            self._discard_file(ended)
        return ended

    def _end_of(self, job: Job) -> Job:
        try:
            return _ended(job, self._ingest(job))
        except _Stopping:
            return replace(job, state=JobState.QUEUED)
        except (IngestError, StoreError) as error:
            return _failed(job, str(error), retryable=error.retryable)
        except Exception:
            # The outermost handler of this thread: one file must not end the ingest of all others,
            # nor do so again after every start.
            _logger.exception("job %s failed", job.id)
            return _failed(job, f"something failed: see the log, job {job.id}", retryable=False)

    def _discard_file(self, job: Job) -> None:
        with self._submitting:
            if (job.tenant, job.sha256) not in self._needed_files():
                self._waiting.delete(job.tenant, job.sha256)

    def _needed_files(self) -> set[tuple[str, str]]:
        jobs = self._catalog.jobs
        return _files([*jobs.unfinished(), *jobs.failed(within=_KEEP_FAILED)])

    def _ingest(self, job: Job) -> Outcome:
        path = self._waiting.path(job.tenant, job.sha256)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise UnreadableFile(
                f"{job.filename}: the uploaded file cannot be read ({error.strerror}); "
                "upload it again"
            ) from error
        source = Source(
            uri=job.uri,
            filename=job.filename,
            data=data,
            given=job.given,
            sidecar=job.sidecar,
        )
        run = self._pipeline.run(
            [source], tenant=job.tenant, groups=job.groups, on_progress=self._progress(job)
        )
        (outcome,) = run
        return outcome

    def _progress(self, job: Job) -> Callable[[IngestProgress], None]:
        """Return a listener that saves each change of state, and rarely how far it is in one.

        Each save waits for the disk.
        """
        saved, saved_at = job, 0.0

        def save(progress: IngestProgress) -> None:
            nonlocal saved, saved_at
            if self._stop.is_set():
                raise _Stopping
            state = JobState(progress.stage)
            now = time.monotonic()
            if state is not saved.state or now - saved_at >= _PROGRESS_SECONDS:
                done, total = _counts(progress)
                saved = self._save(replace(job, state=state, done=done, total=total))
                saved_at = now

        return save

    def _save(self, job: Job) -> Job:
        return self._catalog.jobs.update(job)


def _counts(progress: IngestProgress) -> tuple[int, int]:
    """Return how many are finished and how many there are, of what the stage counts."""
    if progress.stage is IngestStage.PARSING:
        return progress.pages_done, progress.pages_total
    return progress.chunks_done, progress.chunks_total


def _files(jobs: Iterable[Job]) -> set[tuple[str, str]]:
    return {(job.tenant, job.sha256) for job in jobs}


def _ended(job: Job, outcome: Outcome) -> Job:
    if outcome.status == IngestStatus.FAILED:
        return _failed(job, outcome.reason or "", retryable=outcome.retryable)
    if outcome.status == IngestStatus.QUARANTINED:
        return replace(job, state=JobState.QUARANTINED, reason=outcome.reason)
    return replace(
        job,
        state=JobState.DONE,
        outcome=JobOutcome(outcome.status),
        done=outcome.chunks,
        total=outcome.chunks,
        reason=outcome.reason,
    )


def _failed(job: Job, reason: str, *, retryable: bool) -> Job:
    """Return the job as failed, or as waiting if another attempt may succeed."""
    state = JobState.QUEUED if retryable else JobState.FAILED
    return replace(job, state=state, reason=reason)
