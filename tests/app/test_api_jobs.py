"""Jobs over the API: listed, followed, done again."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from app.client import ApiError, ZhikuClient
from stores.access import Principal, Scope
from stores.jobs import Job, JobState
from stores.keys import Role
from tests.app.api_world import TENANT, Api, World, code_of

_ADMIN = Principal(TENANT, "admin", frozenset(), frozenset({Scope.READ, Scope.ADMIN}))
_TEXT = "# Annual leave\n\nFifteen days.\n"


def _stored(world: World, job_id: str) -> Job:
    return world.system.catalog.jobs.get(UUID(job_id), _ADMIN)


def test_jobs_are_listed_for_who_uploaded_and_for_administrators(
    world: World, as_key: Callable[[str | None], Api]
) -> None:
    one, other = as_key(world.key()), as_key(world.key())
    boss = as_key(world.key(Role.ADMIN))
    good = one.ingested("leave.md", _TEXT)
    bad = one.ingested("leave.pdf", b"%PDF-1.7 nothing")
    assert [job["id"] for job in one.get("/v1/jobs").json()["jobs"]] == [bad["id"], good["id"]]
    assert [job["id"] for job in one.get("/v1/jobs?limit=1&offset=1").json()["jobs"]] == [
        good["id"]
    ]
    failed = one.get("/v1/jobs?state=failed&state=quarantined").json()["jobs"]
    assert [(job["id"], job["attempts"]) for job in failed] == [(bad["id"], 1)]
    assert other.get("/v1/jobs").json() == {"jobs": []}
    assert len(boss.get("/v1/jobs").json()["jobs"]) == 2
    assert code_of(one.get("/v1/jobs?state=running"))[0] == 422


def test_a_failed_job_is_done_again(api: Api, world: World) -> None:
    job = api.ingested("leave.pdf", b"%PDF-1.7 nothing")
    again = api.post(f"/v1/jobs/{job['id']}/retry")
    assert (again.status_code, again.json()["state"]) == (200, "queued")
    ended = api.finished(job["id"])
    assert (ended["state"], ended["attempts"]) == ("failed", 2)
    done = api.ingested("leave.md", _TEXT)
    assert code_of(api.post(f"/v1/jobs/{done['id']}/retry")) == (409, "job_not_failed")
    api.ingested("leave.pdf", b"%PDF-1.7 nothing at all")
    assert code_of(api.post(f"/v1/jobs/{job['id']}/retry")) == (409, "job_superseded")
    assert code_of(api.post(f"/v1/jobs/{uuid4()}/retry")) == (404, "job_unknown")


def test_a_file_that_is_not_kept_is_told(api: Api, world: World) -> None:
    job = api.ingested("leave.pdf", b"%PDF-1.7 nothing")
    uploads = world.system.settings.data_dir / "uploads"
    for file in uploads.rglob(_stored(world, job["id"]).sha256):
        file.unlink()
    assert code_of(api.post(f"/v1/jobs/{job['id']}/retry")) == (410, "job_file_gone")


def test_a_kept_file_goes_when_its_document_is_removed(api: Api, world: World) -> None:
    where = {"uri": "upload://leave"}
    done = api.ingested("leave.md", _TEXT, **where)
    failed = api.ingested("leave.pdf", b"%PDF-1.7 nothing", **where)
    uploads = world.system.settings.data_dir / "uploads"
    assert any(file.is_file() for file in uploads.rglob("*"))

    assert api.call("DELETE", f"/v1/documents/{done['document_id']}").status_code == 200

    assert code_of(api.post(f"/v1/jobs/{failed['id']}/retry")) == (404, "job_unknown")
    assert not any(file.is_file() for file in uploads.rglob("*"))


class TestEvents:
    @pytest.fixture
    def client(self, world: World, url: str) -> Iterator[ZhikuClient]:
        with ZhikuClient(url, world.key(), timeout_seconds=20) as client:
            yield client

    def test_a_job_is_followed_to_its_end(self, client: ZhikuClient, world: World) -> None:
        job = client.upload("leave.md", _TEXT.encode())
        ended = client.wait_for_job(job.id)
        assert [each.state for each in client.follow_job(job.id)] == [JobState.DONE]

        jobs = world.system.catalog.jobs
        jobs.update(replace(_stored(world, str(job.id)), state=JobState.EMBEDDING, done=1, total=9))

        def end() -> None:
            jobs.update(replace(_stored(world, str(job.id)), state=JobState.DONE, done=9, total=9))

        seen = []
        for each in client.follow_job(job.id):
            seen.append((each.state, each.done, each.total))
            if len(seen) == 1:
                threading.Timer(0.1, end).start()
        assert seen == [(JobState.EMBEDDING, 1, 9), (JobState.DONE, 9, 9)]
        assert ended.attempts == 1

    def test_a_caller_that_goes_away_is_let_go(self, client: ZhikuClient, world: World) -> None:
        job = client.upload("leave.md", _TEXT.encode())
        client.wait_for_job(job.id)
        jobs = world.system.catalog.jobs
        jobs.update(replace(_stored(world, str(job.id)), state=JobState.PARSING))
        for _ in range(100):  # more than there are threads for short calls
            following = client.follow_job(job.id)
            assert next(following).state is JobState.PARSING
            following.close()
        assert client.jobs(states=[JobState.PARSING])[0].id == job.id

    def test_what_is_unknown_has_its_status(self, client: ZhikuClient) -> None:
        with pytest.raises(ApiError) as caught:
            next(client.follow_job(uuid4()))
        assert (caught.value.status, caught.value.code) == (404, "job_unknown")
        with pytest.raises(ApiError) as caught:
            client.retry_job(uuid4())
        assert caught.value.code == "job_unknown"
