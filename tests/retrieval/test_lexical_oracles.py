"""The lexical search against two implementations of BM25 that others wrote, on the same terms.

Passages and questions are those of the sample company. Every passage has as many terms as the
constant of `models.bm25` says, so that it equals the mean length that the others compute.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import bm25s
import numpy as np
import pytest
from rank_bm25 import BM25Okapi

from eval.own_set import DOCUMENTS, load_own_questions
from ingest.parse import parse
from ingest.records import Source
from models.bm25 import AVERAGE_TERMS, K1, B, document_weights, query_weights
from models.terms import TERMS_VERSION, terms
from stores.access import EVERYONE, AccessFilter
from stores.edge import EdgeIndexStore
from stores.index import IndexIdentity, IndexPoint
from stores.records import chunk_id, document_id
from tests.fakes.encoder import FakeEncoder

DEPTH = 10
SUFFIXES = {".md", ".txt", ".html", ".docx", ".eml"}
Ranking = list[int]


@dataclass(frozen=True)
class Corpus:
    passages: list[list[str]]
    questions: list[list[str]]
    ours: list[Ranking]


def passages() -> Iterator[list[str]]:
    for path in sorted(DOCUMENTS.rglob("*")):
        if path.suffix in SUFFIXES:
            blocks = parse(Source(path.as_uri(), path.name, path.read_bytes())).blocks
            found = terms("\n".join(block.text for block in blocks))
            for start in range(0, len(found) - AVERAGE_TERMS + 1, AVERAGE_TERMS):
                yield found[start : start + AVERAGE_TERMS]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    made = list(passages())
    encoder = FakeEncoder()
    identity = IndexIdentity("fake", encoder.weights_sha256, encoder.dimension, TERMS_VERSION)
    store = EdgeIndexStore(tmp_path_factory.mktemp("index"), identity)
    index = store.open("acme")
    owner = document_id("acme", "file:///all")
    ids = [chunk_id(owner, 1, number) for number in range(len(made))]
    dense = encoder.encode_query("")
    index.upsert(
        [
            IndexPoint(chunk, owner, 1, (EVERYONE,), dense, document_weights(passage))
            for chunk, passage in zip(ids, made, strict=True)
        ]
    )
    asked = [terms(question.text) for question in load_own_questions()[::3]]
    access = AccessFilter("acme", (EVERYONE,))
    ours = [
        [
            ids.index(hit.chunk_id)
            for hit in index.search(query_weights(question), access, limit=DEPTH)
        ]
        for question in asked
    ]
    yield Corpus(made, asked, ours)
    store.close()


def best(scores: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> Ranking:
    order = np.argsort(-scores, kind="stable")[:DEPTH]
    return [int(number) for number in order if scores[number] > 0]


def overlap(corpus: Corpus, rank: Callable[[Sequence[str]], Ranking]) -> float:
    """Return the mean share of our ten best passages that are among the other's ten best."""
    shares = []
    for question, ours in zip(corpus.questions, corpus.ours, strict=True):
        theirs = rank(list(dict.fromkeys(question)))
        shares.append(len(set(ours) & set(theirs)) / max(len(ours), len(theirs), 1))
    return float(np.mean(shares))


def test_the_corpus_is_large_enough_to_disagree_on(corpus: Corpus) -> None:
    assert len(corpus.passages) > 300
    assert len(corpus.questions) > 150


def test_the_ten_best_are_those_of_bm25s(corpus: Corpus) -> None:
    reference = bm25s.BM25(method="lucene", k1=K1, b=B)
    reference.index(corpus.passages, show_progress=False)

    def rank(question: Sequence[str]) -> Ranking:
        known = [term for term in question if term in reference.vocab_dict]
        return best(reference.get_scores(known)) if known else []

    assert overlap(corpus, rank) >= 0.99


def test_rank_bm25_agrees_as_far_as_its_other_idf_lets_it(corpus: Corpus) -> None:
    """Its IDF is that of Robertson, 0 at half of the passages and below it raised to a floor."""
    reference = BM25Okapi(corpus.passages, k1=K1, b=B)
    measured = overlap(corpus, lambda question: best(reference.get_scores(question)))
    assert 0.9 <= measured < 1.0
