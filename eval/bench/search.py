"""Search beside the encoding of the question, and reranking beside the search without it."""

from collections.abc import Sequence
from contextlib import closing

from app.settings import Settings
from app.wiring import SearchSystem, open_search, retriever_settings, today
from eval.bench.corpus import ingest_samples, sample_queries
from eval.bench.timing import Paired, median_ms, paired
from retrieval.records import Candidate
from retrieval.rerank import Relevance
from retrieval.retriever import Retriever

_LIMIT = 10
_QUESTIONS = 60
_ROUNDS = 5


class FusionOrder:
    """Reranks nothing: the order of the fusion stays. What search costs without a reranker."""

    def judge(self, question: str, candidates: Sequence[Candidate]) -> list[Relevance]:
        """Return the fusion's score for each candidate."""
        return [Relevance(each.fusion, 0.0, {}) for each in candidates]


def run(settings: Settings) -> list[str]:
    """Search the sample questions; return the lines of the report."""
    with closing(open_search(settings)) as system:
        ingest_samples(system)
        queries = sample_queries(_QUESTIONS)
        times = _over(
            [
                paired(
                    lambda query=query: system.retriever.search(query, limit=_LIMIT),  # type: ignore[misc]
                    lambda query=query: system.encoder.encode_query(query.text),  # type: ignore[misc]
                    rounds=_ROUNDS,
                )
                for query in queries
            ]
        )
    rest = [whole - bare for whole, bare in zip(times.whole, times.bare, strict=True)]
    return [
        f"{len(queries)} questions: {median_ms(times.whole):.1f} ms; bare encoder "
        f"{median_ms(times.bare):.1f} ms; the rest {median_ms(rest):.1f} ms; "
        f"bare / whole {times.ratio:.2f} ({len(times.whole)} pairs)"
    ]


def run_rerank(settings: Settings) -> list[str]:
    """Search with and without the reranker; return the lines of the report."""
    with closing(open_search(settings)) as system:
        ingest_samples(system)
        plain = _without_reranker(system)
        queries = sample_queries(_QUESTIONS)
        times = _over(
            [
                paired(
                    lambda query=query: system.retriever.search(query, limit=_LIMIT),  # type: ignore[misc]
                    lambda query=query: plain.search(query, limit=_LIMIT),  # type: ignore[misc]
                    rounds=_ROUNDS,
                )
                for query in queries
            ]
        )
    rest = [whole - bare for whole, bare in zip(times.whole, times.bare, strict=True)]
    return [
        f"{len(queries)} questions: search {median_ms(times.whole):.1f} ms; without reranking "
        f"{median_ms(times.bare):.1f} ms; reranking {median_ms(rest):.1f} ms; "
        f"bare / whole {times.ratio:.2f} ({len(times.whole)} pairs)"
    ]


def _without_reranker(system: SearchSystem) -> Retriever:
    return Retriever(
        encoder=system.encoder,
        indexes=system.indexes,
        documents=system.catalog.documents,
        lexicon=system.lexicon,
        reranker=FusionOrder(),
        today=today,
        settings=retriever_settings(system.settings),
    )


def _over(parts: Sequence[Paired]) -> Paired:
    """Return the pairs of all questions as one."""
    return Paired(
        tuple(seconds for part in parts for seconds in part.whole),
        tuple(seconds for part in parts for seconds in part.bare),
    )
