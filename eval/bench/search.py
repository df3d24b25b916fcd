"""Search beside the time that its models take of it."""

import statistics
from collections.abc import Sequence
from contextlib import ExitStack, closing

from app.settings import Settings
from app.wiring import build_window_reranker, open_scorer, open_search
from eval.bench.clocked import (
    ClockedEncoder,
    ClockedScorer,
    Searched,
    clocked_searches,
    retriever_with,
    searching,
)
from eval.bench.corpus import ingest_samples, sample_queries
from eval.bench.timing import median_ms, quantile_ms

_QUESTIONS = 60
_ROUNDS = 5


def run(settings: Settings) -> list[str]:
    """Search the sample questions with the reranker of the settings; return the report's lines."""
    with ExitStack() as opened:
        system = opened.enter_context(closing(open_search(settings)))
        ingest_samples(system)
        encoder = ClockedEncoder(system.encoder)
        if settings.retrieval.reranker == "signals":
            retriever = retriever_with(system, encoder, system.reranker)
            clocked: list[ClockedEncoder | ClockedScorer] = [encoder]
        else:
            scorer = ClockedScorer(open_scorer(settings, opened))
            reranker = build_window_reranker(settings, scorer)
            retriever = retriever_with(system, encoder, reranker)
            clocked = [encoder, scorer]
        queries = sample_queries(_QUESTIONS)
        searches = clocked_searches(searching(retriever), queries, clocked, rounds=_ROUNDS)
    return search_lines(searches, settings.retrieval.reranker)


def search_lines(searches: Sequence[Searched], reranker: str) -> list[str]:
    """Return the report of some searches."""
    whole = [each.whole for each in searches]
    p50, p95 = quantile_ms(whole, 0.5), quantile_ms(whole, 0.95)
    share = statistics.median(each.models / each.whole for each in searches)
    return [
        f"{len(searches)} searches, reranker {reranker}: p50 {p50:.1f} ms, p95 {p95:.1f} ms, "
        f"p95 / p50 {p95 / p50:.2f}; encoder and reranker "
        f"{median_ms([each.models for each in searches]):.1f} ms; the rest "
        f"{median_ms([each.rest for each in searches]):.1f} ms; models / whole {share:.2f}"
    ]
