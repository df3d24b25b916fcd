"""What every reranker must do."""

from retrieval.rerank import Reranker
from tests.retrieval.candidates import make_candidate, make_candidates, make_match


class RerankerContract:
    def test_one_judgement_for_each_candidate_in_order(self, reranker: Reranker) -> None:
        question = "年假几天"
        texts = ("年假 五 天", "hotel limits", "年假")
        candidates = make_candidates(question, [make_match(text) for text in texts])
        together = [judged.merit for judged in reranker.judge(question, candidates)]
        turned = [judged.merit for judged in reranker.judge(question, candidates[::-1])]
        assert len(together) == 3
        assert all(abs(a - b) < 1e-5 for a, b in zip(together, turned[::-1], strict=True))

    def test_scores_are_probabilities(self, reranker: Reranker) -> None:
        matches = [
            make_match("a " * length, cosine=cosine)
            for length, cosine in [(1, -1.0), (10, 0.0), (600, 1.0)]
        ]
        candidates = make_candidates("a b", matches)
        assert all(0 <= each.probability <= 1 for each in reranker.judge("a b", candidates))

    def test_nothing_to_judge(self, reranker: Reranker) -> None:
        assert reranker.judge("anything", []) == []

    def test_question_without_terms(self, reranker: Reranker) -> None:
        assert len(reranker.judge("?!", [make_candidate("年假")])) == 1
