"""The reranker with a model: order, depth, probability, highlight."""

import math
from dataclasses import replace

import pytest

from models.window_scorer import WindowScorer
from retrieval.rerank import Reranker
from retrieval.window_reranker import ReadLogistic, ScorerWeights, WindowReranker
from tests.contracts.reranker import RerankerContract
from tests.contracts.window_scorer import WindowScorerContract
from tests.fakes.window_scorer import ScriptedScorer
from tests.retrieval.candidates import make_candidate, make_candidates, make_match

ZH = ReadLogistic(-1.0, 2.0, 0.5, 0.25)
OTHER = ReadLogistic(-3.0, 1.0, 0.0, 0.0)
WEIGHTS = ScorerWeights(
    "scripted", 2.0, {"zh-zh": ZH, "zh-en": OTHER, "en-zh": OTHER, "en-en": OTHER}
)


def _reranker(
    scorer: ScriptedScorer, weights: ScorerWeights | None = WEIGHTS, *, depth: int = 20
) -> WindowReranker:
    return WindowReranker(scorer, weights, depth=depth, step=4)


class TestScriptedScorer(WindowScorerContract):
    @pytest.fixture
    def scorer(self) -> WindowScorer:
        return ScriptedScorer()


class TestWithWeights(RerankerContract):
    @pytest.fixture
    def reranker(self) -> Reranker:
        return _reranker(ScriptedScorer())


class TestWithoutWeights(RerankerContract):
    @pytest.fixture
    def reranker(self) -> Reranker:
        return _reranker(ScriptedScorer(), None)


def test_the_score_is_added_to_the_fused_merit() -> None:
    (candidate,) = make_candidates("年假几天", [make_match("年假五天", cosine=0.4)])

    (found,) = _reranker(ScriptedScorer(lambda _q, _t: 0.3)).judge("年假几天", [candidate])

    assert candidate.fusion > 2 * 0.4
    assert found.merit == pytest.approx(candidate.fusion + 2.0 * 0.3)
    assert found.signals == {"rerank": 0.3}


def test_the_probability_is_that_of_the_crossing() -> None:
    matches = [make_match("年假五天", cosine=0.4), make_match("five days", cosine=0.4)]
    candidates = make_candidates("年假几天", matches)

    found = _reranker(ScriptedScorer(lambda _q, _t: 0.3)).judge("年假几天", candidates)

    covered = candidates[0].coverage
    assert covered > 0
    logits = (-1.0 + 2.0 * 0.3 + 0.5 * 0.4 + 0.25 * covered, -3.0 + 0.3)
    expected = [1 / (1 + math.exp(-logit)) for logit in logits]
    assert [each.probability for each in found] == pytest.approx(expected)


def test_without_weights_the_scorer_has_the_only_word() -> None:
    candidates = [make_candidate("年假", cosine=0.9), make_candidate("b", cosine=0.1)]
    scorer = ScriptedScorer(lambda _q, text: 0.8 if text.endswith("b") else 0.1)

    found = _reranker(scorer, None).judge("年假", candidates)

    assert [(each.merit, each.probability) for each in found] == [(0.1, 0.1), (0.8, 0.8)]


def _falling(count: int) -> list[float]:
    return [0.9 - 0.01 * number for number in range(count)]


def test_the_likeliest_are_read_first_and_reading_ends_when_the_order_is_settled() -> None:
    candidates = [make_candidate(f"text {i}", cosine=c) for i, c in enumerate(_falling(20))]
    scorer = ScriptedScorer(lambda _q, text: 0.525 if text.endswith(" 4") else 0.5)

    found = _reranker(scorer).judge("?", candidates)

    # Four, then four of which one comes third, then four of which none comes among the first three.
    numbers = [[int(text.split()[-1]) for text in asked] for asked in scorer.asked]
    assert numbers == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]
    assert sorted(range(20), key=lambda i: -found[i].merit)[:4] == [0, 1, 4, 2]
    assert ["rerank" in each.signals for each in found] == [True] * 12 + [False] * 8
    assert [each.probability for each in found[12:]] == [
        each.probability for each in candidates[12:]
    ]


def test_reading_goes_on_while_it_finds_better_ones() -> None:
    candidates = [make_candidate(f"text {i}", cosine=c) for i, c in enumerate(_falling(20))]
    scorer = ScriptedScorer(lambda _q, text: int(text.split()[-1]) / 20)

    found = _reranker(scorer).judge("?", candidates)

    assert sum(map(len, scorer.asked)) == 20
    assert max(range(20), key=lambda i: found[i].merit) == 19


@pytest.mark.parametrize("depth", [1, 3, 6])
def test_no_more_are_read_than_the_depth(depth: int) -> None:
    candidates = [make_candidate(f"text {i}", cosine=c) for i, c in enumerate(_falling(9))]
    # What is read is bad: it comes first all the same, since nothing is known of the rest.
    scorer = ScriptedScorer(lambda _q, _t: -1.0)

    found = _reranker(scorer, depth=depth).judge("?", candidates)

    assert sum(map(len, scorer.asked)) == depth
    assert sorted(range(9), key=lambda i: -found[i].merit) == list(range(9))


def test_every_sentence_has_a_score_and_its_place() -> None:
    candidate = make_candidate("总部在北京。年假有十五天。加班另计。")
    chunk = replace(candidate.found.chunk, context="制度 › 休假")
    candidate = replace(candidate, found=replace(candidate.found, chunk=chunk))

    (found,) = _reranker(ScriptedScorer()).judge("年假天", [candidate])

    told = [chunk.text[each.start : each.end] for each in found.sentences]
    assert told == ["总部在北京。", "年假有十五天。", "加班另计。"]
    assert max(found.sentences, key=lambda each: each.score) == found.sentences[1]


def test_the_shipped_numbers_are_those_of_the_shipped_model() -> None:
    from app.wiring import RERANKER
    from models.manifest import read_manifest

    manifest = read_manifest(RERANKER)
    weights = ScorerWeights.load()

    assert weights.scorer == f"{manifest.name}@{manifest.weights_sha256[:12]}"
    assert set(weights.crossings) == {"zh-zh", "zh-en", "en-zh", "en-en"}
