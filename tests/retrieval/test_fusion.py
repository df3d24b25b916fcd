"""One merit for what either search found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.bm25 import query_weights, term_id
from models.terms import terms
from retrieval.fusion import Fusion, FusionWeights
from retrieval.relevance import Logistic, RelevanceModel, Signals
from tests.retrieval.candidates import make_candidates, make_match

WEIGHTS = FusionWeights(cosine=2.0, expected_from=2)
COSINES = st.lists(st.integers(-100, 100).map(lambda each: each / 100), min_size=1, max_size=20)


def own(cosine: float, covered: float) -> Signals:
    return Signals(cosine, covered, "zh-zh")


def other(cosine: float, covered: float = 0.0) -> Signals:
    return Signals(cosine, covered, "zh-en")


def test_the_formula() -> None:
    merits = WEIGHTS.merits([own(0.5, 0.8), own(0.4, 0.6), own(0.9, 0.1), other(0.6, 0.05)])
    # Of the own ones 2·c + v; the best two cover .8 and .6, so .7 is expected of the other.
    assert merits == pytest.approx([1.8, 1.4, 1.9, 1.2 + 0.05 + 0.7])


def test_nothing_is_expected_where_no_passage_is_in_the_own_language() -> None:
    assert WEIGHTS.merits([other(0.6), other(0.5, 0.2)]) == pytest.approx([1.2, 1.2])
    assert WEIGHTS.merits([]) == []


def test_fewer_own_passages_than_the_mean_is_taken_of() -> None:
    assert WEIGHTS.merits([own(0.5, 0.4), other(0.5)]) == pytest.approx([1.4, 1.4])


@given(COSINES)
def test_a_lexical_search_with_nothing_to_say_leaves_the_dense_order(cosines: list[float]) -> None:
    """Where the words cannot meet, those that chance brings together do not pull answers down."""
    chance = [own(-1.0, 0.3), own(-1.0, 0.2)]
    merits = WEIGHTS.merits([*(other(cosine) for cosine in cosines), *chance])
    answers = merits[: len(cosines)]
    by_merit = sorted(range(len(cosines)), key=lambda i: -answers[i])
    assert by_merit == sorted(range(len(cosines)), key=lambda i: -cosines[i])
    assert sum(merit > max(merits[-2:]) for merit in answers) == sum(c > -0.975 for c in cosines)


def test_a_dense_search_with_nothing_to_say_leaves_the_order_of_the_words() -> None:
    covered = [0.9, 0.1, 0.5, 0.7]
    merits = WEIGHTS.merits([own(0.8, each) for each in covered])
    assert sorted(range(4), key=lambda i: -merits[i]) == [0, 3, 2, 1]


def test_the_shipped_numbers_weigh_both_signals() -> None:
    weights = FusionWeights.load()
    assert weights.cosine > 0
    assert weights.expected_from >= 1


def test_a_passage_that_has_the_words_wins() -> None:
    texts = ("差旅住宿标准为六百元", "办公用品领用流程")
    hit, miss = make_candidates("差旅住宿标准", [make_match(text) for text in texts])
    assert hit.fusion > miss.fusion
    assert hit.probability > miss.probability
    assert hit.coverage > 0.9
    assert miss.coverage == 0.0


def test_across_languages_the_cosine_decides() -> None:
    far = make_match("Office supplies are ordered on Mondays.", cosine=0.77)
    near = make_match("Hotel costs are limited to 600 CNY a night.", cosine=0.84)
    second, first = make_candidates("差旅住宿标准是多少", [far, near])
    assert first.fusion > second.fusion
    assert first.probability > second.probability
    assert (first.ranks["fusion_rank"], second.ranks["fusion_rank"]) == (1, 2)


def test_candidates_stay_in_their_order_and_keep_what_the_searches_said() -> None:
    matches = [make_match(text, cosine=0.5) for text in ("住宿", "年假五天", "停车")]
    candidates = make_candidates("年假几天", matches)
    assert [each.found for each in candidates] == [each.found for each in matches]
    assert [each.cosine for each in candidates] == [0.5] * 3
    # The first and the last are equal; which came first decides.
    assert [each.ranks["fusion_rank"] for each in candidates] == [2, 1, 3]


def test_the_probability_is_that_of_the_crossing_and_does_not_order() -> None:
    crossings = {"zh-zh": Logistic(-9.0, 0.0, 0.0), "zh-en": Logistic(9.0, 0.0, 0.0)}
    fusion = Fusion(WEIGHTS, RelevanceModel(crossings, 1.0, {}))
    matches = [make_match("年假", cosine=0.9), make_match("hotel", cosine=0.5)]
    zh, en = fusion.fuse("年假", query_weights(terms("年假")), matches)
    assert zh.probability < 0.001
    assert en.probability > 0.999
    assert zh.fusion > en.fusion


def test_words_of_the_lexicon_count_as_they_are_sought() -> None:
    match = make_match("annual leave")
    question = query_weights(terms("年假"))
    (without,) = Fusion.load().fuse("年假", question, [match])
    synonym = {term_id(term): 0.5 for term in terms("annual leave")}
    (with_it,) = Fusion.load().fuse("年假", {**synonym, **question}, [match])
    assert without.coverage == 0 < with_it.coverage
