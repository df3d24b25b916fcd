"""A search whose models are clocked from inside."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.wiring import SearchSystem, retriever_settings, today
from models.encoder import Encoder
from models.window_scorer import Window, WindowScore, WindowScorer
from retrieval.records import Evidence, Query
from retrieval.rerank import Reranker
from retrieval.retriever import Retriever


class ClockedEncoder:
    """An encoder that knows how long it has been encoding, in seconds."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.name = encoder.name
        self.weights_sha256 = encoder.weights_sha256
        self.dimension = encoder.dimension
        self.max_tokens = encoder.max_tokens
        self.seconds = 0.0

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Return the vector of a question."""
        start = time.perf_counter()
        vector = self._encoder.encode_query(text)
        self.seconds += time.perf_counter() - start
        return vector

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of passages."""
        start = time.perf_counter()
        vectors = self._encoder.encode_passages(texts)
        self.seconds += time.perf_counter() - start
        return vectors


class ClockedScorer:
    """A scorer that knows how many windows it has read, and how long that took, in seconds."""

    def __init__(self, scorer: WindowScorer) -> None:
        self._scorer = scorer
        self.name = scorer.name
        self.seconds = 0.0
        self.windows = 0

    def score(self, question: str, windows: Sequence[Window]) -> list[WindowScore]:
        """Return one score for each window."""
        start = time.perf_counter()
        scores = self._scorer.score(question, windows)
        self.seconds += time.perf_counter() - start
        self.windows += len(windows)
        return scores


@dataclass(frozen=True, slots=True)
class Searched:
    """One search: seconds of the whole, and of its models alone."""

    whole: float
    models: float

    @property
    def rest(self) -> float:
        """Return the seconds that no model took."""
        return self.whole - self.models


def clocked_searches(
    search: Callable[[Query], object],
    queries: Sequence[Query],
    clocked: Sequence[ClockedEncoder | ClockedScorer],
    *,
    rounds: int,
) -> list[Searched]:
    """Search every question once before the clock runs, then `rounds` times.

    Parameters
    ----------
    clocked
        The models that the search asks.
    """
    found = []
    for turn in range(rounds + 1):
        for query in queries:
            before = sum(each.seconds for each in clocked)
            start = time.perf_counter()
            search(query)
            whole = time.perf_counter() - start
            if turn:
                found.append(Searched(whole, sum(each.seconds for each in clocked) - before))
    return found


def retriever_with(system: SearchSystem, encoder: Encoder, reranker: Reranker) -> Retriever:
    """Return the retriever of the system, with these in the place of its own."""
    return Retriever(
        encoder=encoder,
        indexes=system.indexes,
        documents=system.catalog.documents,
        lexicon=system.lexicon,
        reranker=reranker,
        today=today,
        settings=retriever_settings(system.settings),
    )


def searching(retriever: Retriever, *, limit: int = 10) -> Callable[[Query], tuple[Evidence, ...]]:
    """Return a search for the first `limit` passages."""
    return lambda query: retriever.search(query, limit=limit)
