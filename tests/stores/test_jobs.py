from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID, uuid4

import pytest

from stores.access import Principal, Scope
from stores.catalog import Catalog
from stores.errors import UnknownJob
from stores.jobs import Job, JobOutcome, JobState
from tests.stores.builders import NOW, make_document


@pytest.fixture
def catalog(catalog_url: str) -> Iterator[Catalog]:
    """A catalog whose clock goes on by a second at each look."""
    seconds = count()

    def clock() -> datetime:
        return NOW + timedelta(seconds=next(seconds))

    opened = Catalog(catalog_url, clock=clock)
    yield opened
    opened.close()


def _principal(user: str = "anna", *, tenant: str = "acme", admin: bool = False) -> Principal:
    scopes = {Scope.READ, Scope.WRITE} | ({Scope.ADMIN} if admin else set())
    return Principal(tenant=tenant, user=user, groups=frozenset({"hr"}), scopes=frozenset(scopes))


def _create(catalog: Catalog, principal: Principal) -> Job:
    document = make_document("upload://leave.pdf")
    return catalog.jobs.create(
        principal,
        document_id=document.id,
        uri=document.uri,
        filename="leave.pdf",
        sha256=document.sha256,
        groups=("hr",),
    )


def test_a_job_starts_queued_and_comes_back(catalog: Catalog) -> None:
    job = _create(catalog, _principal())
    assert job.state is JobState.QUEUED
    assert job.created_at == job.updated_at == NOW
    assert catalog.jobs.get(job.id, _principal()) == job


def test_a_job_is_updated(catalog: Catalog) -> None:
    job = _create(catalog, _principal())
    running = catalog.jobs.update(
        replace(job, state=JobState.EMBEDDING, done=3, total=9, attempts=1)
    )
    assert catalog.jobs.get(job.id, _principal()) == running
    assert running.updated_at > job.updated_at
    done = catalog.jobs.update(replace(running, state=JobState.DONE, outcome=JobOutcome.ADDED))
    assert catalog.jobs.get(job.id, _principal()) == done


def test_only_its_owner_and_the_tenants_administrator_see_a_job(catalog: Catalog) -> None:
    job = _create(catalog, _principal())
    assert catalog.jobs.get(job.id, _principal("boss", admin=True)) == job
    strangers = (
        _principal("ben"),
        _principal(tenant="other"),
        _principal("boss", tenant="other", admin=True),
    )
    for stranger in strangers:
        with pytest.raises(UnknownJob, match=f"no job {job.id}"):
            catalog.jobs.get(job.id, stranger)


def test_an_unknown_job_is_neither_read_nor_updated(catalog: Catalog) -> None:
    with pytest.raises(UnknownJob):
        catalog.jobs.get(uuid4(), _principal(admin=True))
    with pytest.raises(UnknownJob):
        catalog.jobs.update(replace(_create(catalog, _principal()), id=uuid4()))


def test_unfinished_jobs_of_all_tenants_are_taken_up_oldest_first(catalog: Catalog) -> None:
    jobs = [_create(catalog, _principal(tenant=tenant)) for tenant in ("a", "b", "c", "d")]
    running = catalog.jobs.update(replace(jobs[0], state=JobState.INDEXING))
    catalog.jobs.update(replace(jobs[1], state=JobState.DONE, outcome=JobOutcome.UNCHANGED))
    catalog.jobs.update(replace(jobs[2], state=JobState.FAILED, reason="encrypted"))
    assert catalog.jobs.unfinished() == [running, jobs[3]]


def test_jobs_are_listed_newest_first_by_page_and_by_state(catalog: Catalog) -> None:
    jobs = [_create(catalog, _principal()) for _ in range(4)]
    failed = catalog.jobs.update(replace(jobs[1], state=JobState.FAILED, reason="encrypted"))
    _create(catalog, _principal("ben"))
    _create(catalog, _principal(tenant="other"))

    def ids(
        principal: Principal, *states: JobState, limit: int = 10, offset: int = 0
    ) -> list[UUID]:
        found = catalog.jobs.list(principal, states=states, limit=limit, offset=offset)
        return [job.id for job in found]

    own = [job.id for job in reversed(jobs)]
    assert ids(_principal()) == own
    assert ids(_principal(), limit=2, offset=1) == own[1:3]
    assert ids(_principal(), JobState.FAILED, JobState.DONE) == [failed.id]
    assert ids(_principal("ben"), JobState.FAILED) == []
    assert len(ids(_principal("boss", admin=True))) == 5


def test_failed_jobs_are_found_for_a_while(catalog: Catalog) -> None:
    job = _create(catalog, _principal())
    failed = catalog.jobs.update(replace(job, state=JobState.FAILED, reason="encrypted"))
    assert catalog.jobs.failed(within=timedelta(minutes=1)) == [failed]
    assert catalog.jobs.failed(within=timedelta(seconds=0)) == []


def test_the_jobs_of_a_document_are_found_in_order(catalog: Catalog) -> None:
    jobs = [_create(catalog, _principal()), _create(catalog, _principal("ben"))]
    _create(catalog, _principal(tenant="other"))
    assert catalog.jobs.of_document("acme", jobs[0].document_id) == jobs
