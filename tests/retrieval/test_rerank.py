"""The reranker that leaves the fused order."""

import pytest

from retrieval.rerank import FusedOrder, Reranker
from tests.contracts.reranker import RerankerContract
from tests.retrieval.candidates import make_candidates, make_match


class TestFusedOrder(RerankerContract):
    @pytest.fixture
    def reranker(self) -> Reranker:
        return FusedOrder()

    def test_merit_and_probability_are_those_of_the_fusion(self, reranker: Reranker) -> None:
        texts = ("差旅住宿标准为六百元", "办公用品领用流程")
        candidates = make_candidates("差旅住宿标准", [make_match(text) for text in texts])
        judged = reranker.judge("差旅住宿标准", candidates)
        assert [each.merit for each in judged] == [each.fusion for each in candidates]
        assert [each.probability for each in judged] == [each.probability for each in candidates]
        assert [(each.signals, each.sentences) for each in judged] == [({}, ())] * 2
