"""The windows of a set as both searches see them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.bm25 import document_weights, query_weights
from models.encoder import CountingEncoder
from models.terms import terms
from training.reranker.windows import Window
from training.searching import Postings, build_postings


@dataclass(frozen=True, slots=True)
class Pool:
    """Windows with their vectors and terms.

    Attributes
    ----------
    terms
        Ids of the distinct terms of each window.
    """

    windows: tuple[Window, ...]
    vectors: NDArray[np.float32]
    terms: tuple[frozenset[int], ...]
    postings: Postings

    def cosines(self, question: str, encoder: CountingEncoder) -> NDArray[np.float32]:
        """Return the cosine of every window with a question."""
        cosines: NDArray[np.float32] = self.vectors @ encoder.encode_query(question)
        return cosines

    def lexical(self, question: str) -> NDArray[np.float64]:
        """Return the BM25 score of every window."""
        return self.postings.scores(query_weights(terms(question)))


def build_pool(windows: Sequence[Window], encoder: CountingEncoder) -> Pool:
    """Encode windows and count their terms."""
    texts = [window.text for window in windows]
    weights = [document_weights(terms(text)) for text in texts]
    return Pool(
        tuple(windows),
        encoder.encode_passages(texts),
        tuple(frozenset(each) for each in weights),
        build_postings(weights),
    )


def best(scores: NDArray[np.floating], count: int) -> list[int]:
    """Return the numbers of the best windows, best first."""
    return [int(i) for i in np.argsort(-scores, kind="stable")[:count]]
