"""The client's calls for uploads under way."""

import time
from collections.abc import Callable, Collection, Generator, Sequence
from uuid import UUID

from app.api.schemas import ErrorBody, JobOut, JobsOut
from app.client_connection import Connection, api_error
from app.sse import server_sent_events
from stores.jobs import JobState


class JobCalls(Connection):
    """Jobs; every method raises `ApiError`."""

    def jobs(
        self, *, states: Collection[JobState] = (), limit: int = 50, offset: int = 0
    ) -> tuple[JobOut, ...]:
        """Return the key's jobs, an administrator's all, in one of the states, newest first."""
        parameters: dict[str, int | str | Sequence[str]] = {"limit": limit, "offset": offset}
        parameters["state"] = [state.value for state in states]
        return self._json(JobsOut, "GET", "/v1/jobs", params=parameters).jobs

    def job(self, job_id: UUID) -> JobOut:
        """Return how far a job is."""
        return self._json(JobOut, "GET", f"/v1/jobs/{job_id}")

    def retry_job(self, job_id: UUID) -> JobOut:
        """Put a failed job back into the queue."""
        return self._json(JobOut, "POST", f"/v1/jobs/{job_id}/retry")

    def follow_job(self, job_id: UUID) -> Generator[JobOut, None, None]:
        """Yield a job now and whenever it changed, at last as it ended."""
        with self._errors(), self._http.stream("GET", f"/v1/jobs/{job_id}/events") as response:
            if not response.is_success:
                response.read()
            self._refuse_failure(response)
            for name, data in server_sent_events(response.iter_bytes()):
                if name == "error":
                    raise api_error(ErrorBody.model_validate_json(data), status=None)
                yield JobOut.model_validate_json(data)
                if name == "end":
                    return
        raise self._own_error("api_broke_off")

    def wait_for_job(
        self,
        job_id: UUID,
        *,
        timeout_seconds: float = 600.0,
        poll_seconds: float = 0.2,
        on_progress: Callable[[JobOut], None] | None = None,
    ) -> JobOut:
        """Return the job once it is done or failed; look at it every `poll_seconds`."""
        deadline = time.monotonic() + timeout_seconds
        while True:
            job = self.job(job_id)
            if on_progress is not None:
                on_progress(job)
            if job.finished:
                return job
            if time.monotonic() > deadline:
                raise self._own_error("job_unfinished", seconds=round(timeout_seconds))
            time.sleep(poll_seconds)
