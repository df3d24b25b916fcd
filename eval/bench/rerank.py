"""Reranking: windows a second beside the bare encoder, and what depth costs and changes."""

import statistics
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import cycle
from uuid import UUID

from app.settings import Settings
from app.wiring import SearchSystem, build_window_reranker, open_scorer, open_search
from eval.bench.clocked import ClockedScorer, retriever_with, searching
from eval.bench.corpus import ingest_samples, sample_queries, sample_windows
from eval.bench.timing import Paired, median_ms, paired
from models.window_scorer import Window, WindowScorer
from retrieval.records import Evidence, Query
from retrieval.rerank import FusedOrder

_QUESTIONS = 60
_ROUNDS = 5
_FIRST = 5
_WINDOWS = 40
_WINDOW_TOKENS = 200


def run(settings: Settings) -> list[str]:
    """Rerank the sample questions; return the lines of the report.

    With `retrieval.reranker = "signals"` nothing is read, and only the last line is left.
    """
    with ExitStack() as opened:
        system = opened.enter_context(closing(open_search(settings)))
        ingest_samples(system)
        queries = sample_queries(_QUESTIONS)
        lines = []
        if settings.retrieval.reranker != "signals":
            scorer = open_scorer(settings, opened)
            lines = [_windows_line(system, scorer, queries), _depth_line(system, scorer, queries)]
        return [*lines, _cost_line(system, queries)]


def _windows_line(system: SearchSystem, scorer: WindowScorer, queries: Sequence[Query]) -> str:
    """Read the same windows with the scorer and with the encoder."""
    count_tokens = system.encoder.count_tokens
    texts = sample_windows(_WINDOWS, tokens=_WINDOW_TOKENS, count_tokens=count_tokens)
    windows = [Window(text) for text in texts]
    asked = cycle(queries)
    scorer.score(next(asked).text, windows)
    system.encoder.encode_passages(texts)
    times = paired(
        lambda: scorer.score(next(asked).text, windows),
        lambda: system.encoder.encode_passages(texts),
        rounds=2 * _ROUNDS,
    )
    length = statistics.mean(map(count_tokens, texts))
    whole, bare = (_WINDOWS / statistics.median(each) for each in (times.whole, times.bare))
    return (
        f"{_WINDOWS} windows of {length:.0f} tokens: {whole:.1f} windows/s; bare encoder "
        f"{bare:.1f} windows/s; share kept {times.ratio:.2f} ({len(times.whole)} pairs)"
    )


@dataclass(frozen=True, slots=True)
class Depths:
    """Two ways of reading candidates, by question.

    Attributes
    ----------
    read
        How many windows each way read, the adaptive one first.
    first
        Ids of the first passages that each way shows, the adaptive one first.
    """

    read: tuple[tuple[int, int], ...]
    first: tuple[tuple[tuple[UUID, ...], tuple[UUID, ...]], ...]

    @property
    def same(self) -> int:
        """Return for how many questions the first passages are the same in the same order."""
        return sum(one == other for one, other in self.first)

    @property
    def kept(self) -> float:
        """Return which share of the first passages of the fixed depth the adaptive one shows."""
        fixed = sum(len(other) for _, other in self.first)
        return sum(len({*one} & {*other}) for one, other in self.first) / fixed


def _depth_line(system: SearchSystem, scorer: WindowScorer, queries: Sequence[Query]) -> str:
    """Stop early, and read all that the settings allow."""
    counting = ClockedScorer(scorer)
    depth = system.settings.retrieval.rerank_depth
    adaptive, fixed = (
        searching(retriever_with(system, system.encoder, reranker))
        for reranker in (
            build_window_reranker(system.settings, counting),
            build_window_reranker(system.settings, counting, step=depth),
        )
    )
    found = compare_depths(adaptive, fixed, counting, queries)
    times = _over(queries, fixed, adaptive)
    read, whole = (statistics.mean(each) for each in zip(*found.read, strict=True))
    return (
        f"{len(queries)} questions: reads {read:.1f} windows of {whole:.1f} at depth {depth}; "
        f"search {median_ms(times.bare):.1f} ms, reading all {median_ms(times.whole):.1f} ms; "
        f"stopping / all {times.ratio:.2f} ({len(times.whole)} pairs); first {_FIRST} the same "
        f"for {found.same}, {found.kept:.1%} of those passages kept"
    )


def compare_depths(
    adaptive: Callable[[Query], Sequence[Evidence]],
    fixed: Callable[[Query], Sequence[Evidence]],
    counting: ClockedScorer,
    queries: Sequence[Query],
) -> Depths:
    """Search every question both ways, by the same scorer."""
    read, first = [], []
    for query in queries:
        begin = counting.windows
        one = adaptive(query)
        middle = counting.windows
        other = fixed(query)
        read.append((middle - begin, counting.windows - middle))
        first.append((_ids(one), _ids(other)))
    return Depths(tuple(read), tuple(first))


def _ids(found: Sequence[Evidence]) -> tuple[UUID, ...]:
    return tuple(each.chunk_id for each in found[:_FIRST])


def _cost_line(system: SearchSystem, queries: Sequence[Query]) -> str:
    """Search with the reranker of the settings, and without one."""
    plain = retriever_with(system, system.encoder, FusedOrder())
    times = _over(queries, searching(system.retriever), searching(plain))
    rest = [whole - bare for whole, bare in zip(times.whole, times.bare, strict=True)]
    return (
        f"{len(queries)} questions: search {median_ms(times.whole):.1f} ms; without reranking "
        f"{median_ms(times.bare):.1f} ms; reranking {median_ms(rest):.1f} ms; "
        f"bare / whole {times.ratio:.2f} ({len(times.whole)} pairs)"
    )


def _over(
    queries: Sequence[Query], whole: Callable[[Query], object], bare: Callable[[Query], object]
) -> Paired:
    """Return the pairs of all questions as one."""
    parts = [
        paired(lambda each=each: whole(each), lambda each=each: bare(each), rounds=_ROUNDS)  # type: ignore[misc]
        for each in queries
    ]
    return Paired(
        tuple(seconds for part in parts for seconds in part.whole),
        tuple(seconds for part in parts for seconds in part.bare),
    )
