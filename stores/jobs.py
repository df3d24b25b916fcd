"""Ingest jobs: what was uploaded, how far it is and how it ended."""

import builtins
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Row, Select, insert, select, update

from stores import schema
from stores.access import Principal, Scope
from stores.database import Database
from stores.errors import UnknownJob
from stores.records import NOTHING_GIVEN, Given
from stores.rows import as_given, given_fields

_jobs = schema.jobs.c


class JobState(StrEnum):
    """Where a job is; what interrupts it while it is worked at is taken up again."""

    QUEUED = "queued"
    PARSING = "parsing"
    EMBEDDING = "embedding"
    INDEXING = "indexing"
    DONE = "done"
    FAILED = "failed"
    QUARANTINED = "quarantined"

    @property
    def is_final(self) -> bool:
        """Tell whether the job does not change any more by itself."""
        return self in _FINAL


_FINAL = frozenset({JobState.DONE, JobState.FAILED, JobState.QUARANTINED})


class JobOutcome(StrEnum):
    """What a job that is done did to the document."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Job:
    """The ingest of one uploaded file.

    Attributes
    ----------
    user
        Who uploaded it: `Principal.user`.
    document_id
        The document that the file becomes or replaces.
    sha256
        Of the uploaded bytes, in hex; the file store has them.
    groups
        Who may read the document.
    given
        What the uploader says of the document.
    sidecar
        The text of the file beside it that describes it; "" if there was none.
    outcome
        Set when the state is `done`.
    done, total
        Chunks that are finished and chunks in all; while it is parsed, scanned pages. 0 while
        unknown.
    reason
        Why it failed or was set aside, in one line; of one that is done, what someone should know.
    attempts
        How often it was started.
    """

    id: UUID
    tenant: str
    user: str
    document_id: UUID
    uri: str
    filename: str
    sha256: str
    groups: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    given: Given = NOTHING_GIVEN
    sidecar: str = ""
    state: JobState = JobState.QUEUED
    outcome: JobOutcome | None = None
    done: int = 0
    total: int = 0
    reason: str | None = None
    attempts: int = 0


class Jobs:
    """The jobs of all tenants."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def create(  # noqa: PLR0913  (what a job is made of)
        self,
        principal: Principal,
        *,
        document_id: UUID,
        uri: str,
        filename: str,
        sha256: str,
        groups: tuple[str, ...],
        given: Given = NOTHING_GIVEN,
        sidecar: str = "",
    ) -> Job:
        """Queue a job of the principal and return it."""
        now = self._clock()
        job = Job(
            id=uuid4(),
            tenant=principal.tenant,
            user=principal.user,
            document_id=document_id,
            uri=uri,
            filename=filename,
            sha256=sha256,
            groups=groups,
            given=given,
            sidecar=sidecar,
            created_at=now,
            updated_at=now,
        )
        with self._database.write() as connection:
            connection.execute(insert(schema.jobs), [_row(job)])
        return job

    def get(self, job_id: UUID, principal: Principal) -> Job:
        """Return a job of the principal, or for an administrator any of the tenant.

        Raises `UnknownJob`, whether it does not exist or is somebody else's.
        """
        query = select(schema.jobs).where(_jobs.id == job_id, _visible(principal))
        with self._database.read() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise UnknownJob(f"no job {job_id}: check the id that the upload returned")
        return _job(row)

    def update(self, job: Job) -> Job:
        """Save a job that was changed with `dataclasses.replace`; return it with its new time.

        Raises `UnknownJob`.
        """
        saved = replace(job, updated_at=self._clock())
        with self._database.write() as connection:
            result = connection.execute(
                update(schema.jobs).where(_jobs.id == job.id).values(_row(saved))
            )
        if result.rowcount == 0:
            raise UnknownJob(f"no job {job.id}: it cannot be updated")
        return saved

    def list(
        self, principal: Principal, *, states: Collection[JobState], limit: int, offset: int = 0
    ) -> builtins.list[Job]:
        """Return the jobs that `get` would give out and that are in one of the states.

        The newest come first; no states mean any.
        """
        query = (
            select(schema.jobs)
            .where(_visible(principal))
            .order_by(_jobs.created_at.desc(), _jobs.id)
            .limit(limit)
            .offset(offset)
        )
        return self._select(query.where(_jobs.state.in_(states)) if states else query)

    def unfinished(self) -> builtins.list[Job]:
        """Return the jobs of all tenants that have not ended, oldest first."""
        states = [state for state in JobState if not state.is_final]
        return self._select(
            select(schema.jobs).where(_jobs.state.in_(states)).order_by(_jobs.created_at, _jobs.id)
        )

    def failed(self, *, within: timedelta) -> builtins.list[Job]:
        """Return the jobs of all tenants that failed no longer ago than that."""
        since = self._clock() - within
        return self._select(
            select(schema.jobs).where(_jobs.state == JobState.FAILED, _jobs.updated_at >= since)
        )

    def of_document(self, tenant: str, document_id: UUID) -> builtins.list[Job]:
        """Return all jobs of a document, oldest first."""
        return self._select(
            select(schema.jobs)
            .where(_jobs.tenant == tenant, _jobs.document_id == document_id)
            .order_by(_jobs.created_at, _jobs.id)
        )

    def _select(self, query: Select[Any]) -> builtins.list[Job]:
        with self._database.read() as connection:
            return [_job(row) for row in connection.execute(query)]


def _visible(principal: Principal) -> ColumnElement[bool]:
    of_tenant = _jobs.tenant == principal.tenant
    return (
        of_tenant if Scope.ADMIN in principal.scopes else of_tenant & (_jobs.user == principal.user)
    )


def _row(job: Job) -> dict[str, Any]:
    return {**asdict(job), "given": given_fields(job.given)}


def _job(row: Row[Any]) -> Job:
    fields = dict(row._mapping)
    outcome = fields["outcome"]
    return Job(
        **{
            **fields,
            "groups": tuple(fields["groups"]),
            "given": as_given(fields["given"]),
            "state": JobState(fields["state"]),
            "outcome": None if outcome is None else JobOutcome(outcome),
        }
    )
