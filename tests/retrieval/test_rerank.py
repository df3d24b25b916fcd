"""Coverage, the relevance model and the rerankers."""

import pytest

from models.bm25 import query_weights
from models.terms import terms
from retrieval.coverage import coverage
from retrieval.rerank import RelevanceModel, Reranker, SignalReranker
from tests.contracts.reranker import RerankerContract
from tests.retrieval.candidates import make_candidate


def test_coverage_weighs_terms_by_their_idf() -> None:
    background = {1: 0.5}
    assert coverage({1, 2}, {1}, background, rare=1.5) == pytest.approx(0.25)
    assert coverage({1, 2}, {2}, background, rare=1.5) == pytest.approx(0.75)
    assert coverage({1, 2}, {1, 2, 3}, background, rare=1.5) == pytest.approx(1.0)


def test_coverage_of_a_question_without_terms_is_zero() -> None:
    assert coverage((), {1}, {}, rare=1.0) == 0.0


def test_shipped_model_knows_every_crossing_and_never_punishes_a_signal() -> None:
    model = RelevanceModel.load()
    assert set(model.crossings) == {"zh-zh", "zh-en", "en-zh", "en-en"}
    assert all(fit.cosine > 0 and fit.coverage >= 0 for fit in model.crossings.values())
    common = query_weights(terms("the 的")).keys()
    assert all(model.background_idf[term] < model.rare_idf for term in common)


class TestSignalReranker(RerankerContract):
    @pytest.fixture
    def reranker(self) -> Reranker:
        return SignalReranker()

    def test_passage_that_has_the_words_wins(self, reranker: Reranker) -> None:
        passages = [make_candidate("差旅住宿标准为六百元"), make_candidate("办公用品领用流程")]
        hit, miss = reranker.judge("差旅住宿标准", passages)
        assert hit.merit > miss.merit
        assert hit.probability > miss.probability
        assert hit.signals["coverage"] > 0.9
        assert miss.signals["coverage"] == 0.0

    def test_across_languages_the_cosine_decides(self, reranker: Reranker) -> None:
        near = make_candidate("Hotel costs are limited to 600 CNY a night.", cosine=0.84)
        far = make_candidate("Office supplies are ordered on Mondays.", cosine=0.77)
        judged = reranker.judge("差旅住宿标准是多少", [near, far])
        assert judged[0].merit > judged[1].merit
        assert judged[0].probability > judged[1].probability
