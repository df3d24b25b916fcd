"""The benchmarks' own parts: what is timed, on what, and how it is read."""

import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import numpy as np
import pytest

from app.settings import Settings
from eval.bench.__main__ import BENCHMARKS, _scratch
from eval.bench.clocked import ClockedEncoder, ClockedScorer, Searched, clocked_searches
from eval.bench.corpus import ingest_all, sample_queries, sample_windows, shuffled_documents
from eval.bench.follow_ups import reciprocal_rank
from eval.bench.load import Load, _load, run_locust
from eval.bench.memory import _measure
from eval.bench.rerank import compare_depths
from eval.bench.search import search_lines
from eval.bench.timing import Paired, median_ms, paired, quantile_ms
from eval.own_set import load_own_questions
from eval.process_memory import peak_mebibytes
from ingest.parse import parse
from models.language import detect_language
from models.window_scorer import Window, WindowScore
from retrieval.records import Evidence, Query
from tests.eval.test_asking import found
from tests.fakes.encoder import FakeEncoder
from tests.fakes.window_scorer import ScriptedScorer

ROOT = Path(__file__).parents[2]


def test_pairs_swap_their_order_from_round_to_round() -> None:
    done: list[str] = []
    times = paired(lambda: done.append("whole"), lambda: done.append("bare"), rounds=3)
    assert done == ["whole", "bare", "bare", "whole", "whole", "bare"]
    assert (len(times.whole), len(times.bare)) == (3, 3)


def test_time_of_each_goes_where_it_belongs() -> None:
    wait = threading.Event()
    times = paired(lambda: wait.wait(0.02), lambda: None, rounds=4)
    assert min(times.whole) >= 0.02 > max(times.bare)


def test_ratio_is_the_median_of_the_pairs() -> None:
    """That of the medians would be 0.5."""
    assert Paired((4.0, 2.0, 10.0), (1.0, 2.0, 9.0)).ratio == 0.9
    assert median_ms([0.001, 0.003, 0.5]) == pytest.approx(3)


def test_documents_are_the_same_at_each_call() -> None:
    first, again = shuffled_documents(3), shuffled_documents(3)
    assert first == again
    assert shuffled_documents(2) == first[:2]
    assert len({source.uri for source in first}) == len({source.data for source in first}) == 3
    assert len(parse(first[0]).blocks) == 1 + 2 * 20


def test_questions_are_taken_from_the_whole_set() -> None:
    queries = sample_queries(10)
    texts = [question.text for question in load_own_questions()]
    places = [texts.index(query.text) for query in queries]
    assert len(queries) == 10
    assert places == sorted(set(places))
    assert places[-1] > 0.8 * len(texts)
    assert {query.lang for query in sample_queries(60)} == {"zh", "en"}
    assert sample_queries(10) == queries


def test_windows_are_as_long_as_asked_in_both_languages() -> None:
    def count_tokens(text: str) -> int:
        return len(text)

    windows = sample_windows(6, tokens=400, count_tokens=count_tokens)
    assert [detect_language(each) for each in windows] == ["zh", "en"] * 3
    assert len(set(windows)) == 6
    assert all(300 < len(each) < 500 for each in windows)
    assert windows == sample_windows(6, tokens=400, count_tokens=count_tokens)


class Slow(ScriptedScorer):
    """Takes 20 ms for each call."""

    def score(self, question: str, windows: Sequence[Window]) -> list[WindowScore]:
        threading.Event().wait(0.02)
        return super().score(question, windows)


def test_clock_runs_in_the_models_alone() -> None:
    encoder, scorer = ClockedEncoder(FakeEncoder()), ClockedScorer(Slow())
    asked: list[str] = []

    def search(query: Query) -> None:
        asked.append(query.text)
        encoder.encode_query(query.text)
        scorer.score(query.text, [Window("a"), Window("b")])
        threading.Event().wait(0.03)

    queries = sample_queries(2)
    found = clocked_searches(search, queries, [encoder, scorer], rounds=2)
    assert asked == [query.text for query in queries] * 3
    assert len(found) == 4
    assert scorer.windows == 2 * 6
    assert encoder.seconds > 0
    for each in found:
        assert each.models >= 0.02
        assert each.rest >= 0.03
        assert each.whole == pytest.approx(each.models + each.rest)


def test_search_is_told_with_what_no_model_took() -> None:
    searches = [Searched(0.020, 0.015), Searched(0.022, 0.011), Searched(0.100, 0.097)]
    [line] = search_lines(searches, "embedded")
    assert "3 searches, reranker embedded: p50 22.0 ms" in line
    assert "the rest 5.0 ms; models / whole 0.75" in line
    assert quantile_ms([0.001, 0.002, 0.003], 0.5) == pytest.approx(2)


def shown(*names: str) -> list[Evidence]:
    return [replace(found(1, "leave", "…"), chunk_id=uuid5(NAMESPACE_URL, name)) for name in names]


def test_depths_are_compared_question_by_question() -> None:
    counting = ClockedScorer(ScriptedScorer())
    first, second = sample_queries(2)

    def adaptive(query: Query) -> list[Evidence]:
        counting.score("q", [Window("a")] * 8)
        return shown("a", "b") if query == first else shown("a", "c", "d", "e", "f", "x")

    def fixed(query: Query) -> list[Evidence]:
        counting.score("q", [Window("a")] * 20)
        return shown("a", "b") if query == first else shown("b", "d", "c", "e", "f", "a")

    depths = compare_depths(adaptive, fixed, counting, [first, second])
    assert depths.read == ((8, 20), (8, 20))
    assert depths.same == 1
    assert depths.kept == pytest.approx(6 / 7)


def test_document_that_fails_ends_the_benchmark() -> None:
    class Outcome:
        reason = "no space"

    class Pipeline:
        def run(self, *_: object, **__: object) -> list[Outcome]:
            return [Outcome()]

    class System:
        pipeline = Pipeline()

    with pytest.raises(RuntimeError, match="no space"):
        ingest_all(System(), [], tenant="bench")  # type: ignore[arg-type]


ENTRY: dict[str, object] = {
    "name": "/v1/search",
    "method": "POST",
    "start_time": 1000.0,
    "last_request_timestamp": 1004.0,
    "num_requests": 20,
    "num_failures": 2,
    "response_times": {"40": 18, "300": 1, "55": 1},
}


def test_statistics_of_locust_are_read() -> None:
    assert _load(4, ENTRY) == Load(
        users=4, requests=20, failures=2, a_second=5.0, median_ms=40.0, p95_ms=55.0
    )


def test_response_times_are_ordered_as_numbers() -> None:
    times = {"1000": 1, "90": 1, "200": 1}
    assert _load(1, {**ENTRY, "response_times": times}).median_ms == 200


def test_statistics_without_times_are_refused() -> None:
    with pytest.raises(TypeError, match="no response times"):
        _load(1, {**ENTRY, "response_times": None})


@dataclass
class Asked:
    """What was asked of a server that refuses every second request."""

    url: str = ""
    keys: set[str | None] = field(default_factory=set)
    bodies: list[bytes] = field(default_factory=list)


@contextmanager
def serving(*, answers: bool = True) -> Iterator[Asked]:
    asked = Asked()
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.keys.add(self.headers["Authorization"])
            asked.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            if not answers:
                over.wait(20)
            self.send_response(200 if len(asked.bodies) % 2 else 429)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    asked.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield asked
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def test_users_ask_with_their_key_and_refusals_count_as_failures() -> None:
    with serving() as asked:
        load = run_locust("ChatUser", 1, 2, url=asked.url, key="secret")
    assert asked.keys == {"Bearer secret"}
    assert asked.bodies[0].startswith(b'{"question"')
    # The last request may be cut off by the end of the run, after it was served.
    assert len(asked.bodies) - 1 <= load.requests <= len(asked.bodies)
    assert load.requests >= 2
    assert abs(load.failures - load.requests / 2) <= 1


def test_run_in_which_no_request_was_over_says_so() -> None:
    with serving(answers=False) as asked:
        with pytest.raises(RuntimeError, match="SearchUser: no request was over after 1 s"):
            run_locust("SearchUser", 1, 1, url=asked.url, key="secret")
        assert len(asked.bodies) == 1


def test_broken_locustfile_says_why() -> None:
    with pytest.raises(RuntimeError, match=r"locust did not report: .*NoUser"):
        run_locust("NoUser", 1, 1, url="http://127.0.0.1:1", key="secret")


def test_unknown_benchmark_is_refused_with_those_there_are() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "eval.bench", "search", "serach"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 2
    assert result.stdout == ""
    assert "no benchmark is called 'serach'" in result.stderr
    assert all(name in result.stderr for name in BENCHMARKS)


def test_benchmarks_have_stores_of_their_own(tmp_path: Path) -> None:
    served = Settings(index={"kind": "server", "url": "http://qdrant:6333"}, data_dir=Path("/data"))
    scratch = _scratch(served, tmp_path)
    assert scratch.data_dir == tmp_path
    assert scratch.index.kind == "embedded"
    assert scratch.models.directory == Path("/data/models")


def test_rank_beyond_ten_counts_for_nothing() -> None:
    assert [reciprocal_rank(rank) for rank in (1, 4, 10, 11, None)] == [1.0, 0.25, 0.1, 0.0, 0.0]


def idle(settings: Settings) -> None:
    """Do nothing: what is left is the interpreter and its modules."""
    assert settings.data_dir.is_dir()


def test_stage_does_not_inherit_the_peak_of_who_starts_it(tmp_path: Path) -> None:
    passing = np.ones(100_000_000)
    before = peak_mebibytes()
    del passing
    found = _measure(idle, Settings(data_dir=tmp_path), 0)
    assert 10 < found < before - 150
