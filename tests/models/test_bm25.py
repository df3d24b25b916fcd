import math
from collections import Counter

import bm25s
import numpy as np
import pytest
from rank_bm25 import BM25Okapi

from models.bm25 import AVERAGE_TERMS, K1, B, document_weights, query_weights, term_id
from models.terms import terms


def test_ids_are_stable_and_unsigned() -> None:
    assert term_id("年假") == 2262906360
    assert 0 <= term_id("a") < 2**32


def test_a_passage_of_average_length_saturates_by_k1_alone() -> None:
    passage = ["x"] * 2 + [f"t{i}" for i in range(AVERAGE_TERMS - 2)]
    weight = document_weights(passage)[term_id("x")]
    assert weight == pytest.approx(2 * (K1 + 1) / (2 + K1))


def test_longer_passages_weigh_less() -> None:
    short = document_weights(["x"])[term_id("x")]
    long = document_weights(["x", *(["y"] * 500)])[term_id("x")]
    assert long < short


def test_terms_of_a_question_count_once() -> None:
    assert query_weights(["a", "b", "a"]) == {term_id("a"): 1.0, term_id("b"): 1.0}


def test_nothing_gives_nothing() -> None:
    assert document_weights([]) == {}
    assert query_weights([]) == {}


def _passages() -> list[list[str]]:
    """A hundred passages of `AVERAGE_TERMS` terms each, drawn as words are (few often, many
    seldom), so that the constant equals the mean that the references compute."""
    rng = np.random.default_rng(7)
    draws = rng.zipf(1.3, size=(100, AVERAGE_TERMS)) % 1_000
    return [[f"w{number}" for number in row] for row in draws]


def _scores(passages: list[list[str]], question: list[str]) -> list[float]:
    """What the engine computes: the dot product, times the IDF of Lucene and Qdrant."""
    weights = [document_weights(passage) for passage in passages]
    found = Counter(key for passage in weights for key in passage)
    total = len(passages)
    idf = {key: math.log(1 + (total - n + 0.5) / (n + 0.5)) for key, n in found.items()}
    asked = query_weights(question)
    return [sum(idf[k] * w for k, w in passage.items() if k in asked) for passage in weights]


def test_scores_equal_those_of_bm25s() -> None:
    passages = _passages()
    reference = bm25s.BM25(method="lucene", k1=K1, b=B)
    reference.index(passages, show_progress=False)
    for question in (["w3", "w17"], ["w1", "w400", "w5"], ["w2"]):
        # bm25s leaves out the constant factor (K1 + 1).
        expected = reference.get_scores(question) * (K1 + 1)
        assert _scores(passages, question) == pytest.approx(expected.tolist(), rel=1e-4)


def test_ranking_agrees_with_rank_bm25_on_rare_terms() -> None:
    passages = _passages()
    reference = BM25Okapi(passages, k1=K1, b=B)
    question = ["w40", "w77"]
    expected = np.argsort(-reference.get_scores(question), kind="stable")[:5]
    actual = np.argsort(-np.array(_scores(passages, question)), kind="stable")[:5]
    assert set(actual.tolist()) == set(expected.tolist())


def test_real_text_finds_its_passage() -> None:
    passages = [terms("员工每年享有带薪年假五天。"), terms("差旅住宿每晚不超过六百元。")]
    scores = _scores(passages, terms("年假有几天"))
    assert scores[0] > 0 == scores[1]
