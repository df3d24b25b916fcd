"""Many users at once on the REST API, beside one caller of the same part in this process."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.runtime import start_in_background, stop_server, wait_until_alive
from app.settings import Settings
from app.wiring import open_catalog, open_search
from eval.bench.corpus import ingest_samples, sample_queries
from eval.collection import TENANT
from stores.access import EVERYONE
from stores.keys import Role

LOCUSTFILE: Final = Path(__file__).with_name("locustfile.py")
_PORT: Final = 8971
_SEARCH_USERS: Final = (1, 4, 16)
_CHAT_USERS: Final = (1, 2)
_SEARCH_SECONDS: Final = 15
_CHAT_SECONDS: Final = 60
_START_SECONDS: Final = 120.0
_ROUNDS: Final = 5
_QUESTIONS: Final = 60


@dataclass(frozen=True, slots=True)
class Load:
    """What locust saw: requests, failures among them, a second, and milliseconds."""

    users: int
    requests: int
    failures: int
    a_second: float
    median_ms: float
    p95_ms: float


def run(settings: Settings) -> list[str]:
    """Load the search and the chat; return the lines of the report."""
    bare = _bare_searches_a_second(settings)
    lines = [f"search in process, one caller: {bare:.0f} a second"]
    with served(settings) as (url, key):
        for users in _SEARCH_USERS:
            load = run_locust("SearchUser", users, _SEARCH_SECONDS, url=url, key=key)
            lines.append(f"search {told(load)}; served / in process {load.a_second / bare:.2f}")
        for users in _CHAT_USERS:
            load = run_locust("ChatUser", users, _CHAT_SECONDS, url=url, key=key)
            lines.append(f"chat {told(load)}")
    return lines


def run_locust(
    kind: str,
    users: int,
    seconds: int,
    *,
    url: str,
    key: str,
    questions: Sequence[str] | None = None,
) -> Load:
    """Let users of a kind in the locustfile ask for some seconds, all from the start.

    They ask `questions` in turn, by default those of the sample set.
    """
    command = [
        *(sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), kind),
        *("--headless", "--json", "--loglevel", "ERROR", "--host", url),
        *("--users", str(users), "--spawn-rate", str(users), "--run-time", f"{seconds}s"),
    ]
    texts = questions or [query.text for query in sample_queries(_QUESTIONS)]
    environment = {**os.environ, "BENCH_KEY": key, "BENCH_TEXTS": json.dumps(list(texts))}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)  # noqa: PLW1510 - failed requests make its exit code 1
    try:
        entries = json.loads(done.stdout)
    except ValueError as error:
        raise RuntimeError(f"locust did not report: {done.stderr.strip()[-500:]}") from error
    if not entries:
        raise RuntimeError(f"{kind}: no request was over after {seconds} s, nothing to measure")
    return _load(users, entries[0])


def _load(users: int, entry: dict[str, object]) -> Load:
    """Read locust's statistics: response times in milliseconds with their counts."""
    counts = entry["response_times"]
    if not isinstance(counts, dict):
        raise TypeError("locust's report has no response times")
    times = sorted(float(ms) for ms, count in counts.items() for _ in range(int(count)))
    start, end = (float(str(entry[name])) for name in ("start_time", "last_request_timestamp"))
    requests = int(str(entry["num_requests"]))
    return Load(
        users=users,
        requests=requests,
        failures=int(str(entry["num_failures"])),
        a_second=requests / max(end - start, 1e-9),
        median_ms=statistics.median(times),
        p95_ms=times[int(0.95 * (len(times) - 1))],
    )


def told(load: Load) -> str:
    """Return what locust saw, in a line."""
    return (
        f"with {load.users} users: {load.requests} requests, {load.failures} failed, "
        f"{load.a_second:.2f} a second, median {load.median_ms:.0f} ms, p95 {load.p95_ms:.0f} ms"
    )


def _bare_searches_a_second(settings: Settings) -> float:
    """Bring the documents in, and search them without a server."""
    with closing(open_search(settings)) as system:
        ingest_samples(system)
        queries = sample_queries(_QUESTIONS)
        rates = []
        for _ in range(_ROUNDS):
            start = time.perf_counter()
            for query in queries:
                system.retriever.search(query, limit=10)
            rates.append(len(queries) / (time.perf_counter() - start))
    return statistics.median(rates)


@contextmanager
def served(settings: Settings) -> Iterator[tuple[str, str]]:
    """Serve the stores in another process; give its URL and a key of the tenant."""
    with closing(open_catalog(settings)) as catalog:
        _, secret = catalog.keys.create(
            tenant=TENANT, name="bench", role=Role.READER, groups=[EVERYONE], expires_at=None
        )
    log = settings.data_dir / "serve.log"
    process = start_in_background(
        [sys.executable, "-m", "app.cli", "serve"],
        log=log,
        environment={
            "ZHIKU_DATA_DIR": str(settings.data_dir),
            "ZHIKU_MODELS__DIRECTORY": str(settings.models.directory),
            "ZHIKU_INDEX__KIND": settings.index.kind,
            "ZHIKU_RETRIEVAL__RERANKER": settings.retrieval.reranker,
            "ZHIKU_API__PORT": str(_PORT),
        },
    )
    try:
        server = wait_until_alive(
            settings.data_dir, "api", process, log=log, seconds=_START_SECONDS
        )
        yield server.url, secret
    finally:
        if not stop_server(settings.data_dir, "api"):
            process.kill()
        process.wait()
