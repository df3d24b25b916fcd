"""The measures agree with reference implementations and with examples worked by hand."""

import json
import math
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from eval.metrics import (
    Forbidden,
    Shown,
    auroc,
    average_precision,
    citation_scores,
    leakage_rate,
    leaks,
    ndcg_at,
    recall_at,
    reciprocal_rank_at,
    refusal_scores,
)
from tests.eval.test_calibration import statements

Grades = Mapping[str, int]
POOL = [f"d{number}" for number in range(40)]


def random_query(random: np.random.Generator) -> tuple[list[str], dict[str, int]]:
    judged = random.choice(POOL, size=random.integers(1, 25), replace=False)
    grades = {str(id_): int(random.integers(0, 4)) for id_ in judged}
    grades[str(judged[0])] = int(random.integers(1, 4))
    ranking = random.permutation(POOL)[: random.choice([0, 1, 3, 10, 40])]
    return [str(id_) for id_ in ranking], grades


RANKING: Mapping[str, Callable[[Sequence[str], Grades], float]] = {
    **{f"recall@{k}": partial(recall_at, k=k) for k in (1, 5, 10, 100)},
    **{f"mrr@{k}": partial(reciprocal_rank_at, k=k) for k in (1, 5, 10, 100)},
    **{f"ndcg@{k}": partial(ndcg_at, k=k) for k in (1, 5, 10, 100)},
    "map": average_precision,
}


@pytest.fixture(scope="module")
def queries() -> dict[str, tuple[list[str], dict[str, int]]]:
    random = np.random.default_rng(20)
    return {f"q{number:03}": random_query(random) for number in range(400)}


@pytest.fixture(scope="module")
def ranx_scores(
    queries: dict[str, tuple[list[str], dict[str, int]]], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, float]]:
    # ranx takes no empty ranking; its score is 0 by definition.
    ranked = {query: found for query, found in queries.items() if found[0]}
    assert len(ranked) < len(queries)
    run = {
        query: {id_: 1 - place / 100 for place, id_ in enumerate(ranking)}
        for query, (ranking, _) in ranked.items()
    }
    qrels = {query: grades for query, (_, grades) in ranked.items()}
    # ir_datasets makes folders when it is imported.
    home = str(tmp_path_factory.mktemp("ir_datasets"))
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("ranx_scores.py"))],
        input=json.dumps({"qrels": qrels, "run": run, "metrics": list(RANKING)}),
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "IR_DATASETS_HOME": home},
        capture_output=True,
        text=True,
        check=True,
    )
    scores: dict[str, dict[str, float]] = json.loads(done.stdout)
    return scores


@pytest.mark.parametrize("name", RANKING)
def test_ranking_measures_agree_with_ranx(
    queries: dict[str, tuple[list[str], dict[str, int]]],
    ranx_scores: dict[str, dict[str, float]],
    name: str,
) -> None:
    theirs = ranx_scores[name]
    for query, (ranking, grades) in queries.items():
        assert RANKING[name](ranking, grades) == pytest.approx(theirs.get(query, 0.0), abs=1e-6)


def test_ndcg_of_a_worked_example() -> None:
    # Grades 3, 2, 3, 0, 1, 2 in this order have a DCG of 6.861; their best order has 7.141. With
    # two more that were not found, of grades 3 and 2, it has 8.740 (Wikipedia, "Discounted
    # cumulative gain").
    grades = dict(zip("abcdef", (3, 2, 3, 0, 1, 2), strict=True))
    assert ndcg_at("abcdef", grades, 6) == pytest.approx(6.861 / 7.141, abs=1e-4)
    assert ndcg_at("abcdef", grades | {"g": 3, "h": 2}, 6) == pytest.approx(0.785, abs=5e-4)


def test_average_precision_of_worked_examples() -> None:
    # Croft, Metzler and Strohman (2010), figure 8.3: five relevant at ranks 1, 3, 6, 9 and 10 give
    # (1 + 2/3 + 3/6 + 4/9 + 5/10) / 5 = 0.62, three at 2, 5 and 7 (1/2 + 2/5 + 3/7) / 3 = 0.44.
    first = average_precision("abcdefghij", dict.fromkeys("acfij", 1))
    second = average_precision("abcdefghij", dict.fromkeys("beg", 1))
    assert first == pytest.approx(0.62, abs=5e-3)
    assert second == pytest.approx(0.44, abs=5e-3)
    assert (first + second) / 2 == pytest.approx(0.53, abs=5e-3)


def test_a_cutoff_hides_what_stands_below() -> None:
    grades = {"a": 1, "b": 1}
    assert recall_at("xya", grades, 2) == 0
    assert recall_at("xya", grades, 3) == 0.5
    assert reciprocal_rank_at("xya", grades, 2) == 0
    assert reciprocal_rank_at("xya", grades, 3) == pytest.approx(1 / 3)
    assert ndcg_at("xya", grades, 2) == 0


def test_a_grade_of_0_or_less_is_not_relevant() -> None:
    grades = {"a": 0, "b": -1, "c": 2}
    assert recall_at("ab", grades, 2) == 0
    assert reciprocal_rank_at("abc", grades, 3) == pytest.approx(1 / 3)
    assert ndcg_at("abc", grades, 3) == pytest.approx(1 / 2)
    assert average_precision("bac", grades) == pytest.approx(1 / 3)


MEASURES: list[Callable[[Sequence[str], Grades], float]] = [
    lambda ranking, grades: recall_at(ranking, grades, 10),
    lambda ranking, grades: reciprocal_rank_at(ranking, grades, 10),
    lambda ranking, grades: ndcg_at(ranking, grades, 10),
    average_precision,
]


@pytest.mark.parametrize("measure", MEASURES)
def test_ranking_measures_refuse_what_makes_no_sense(
    measure: Callable[[Sequence[str], Grades], float],
) -> None:
    with pytest.raises(ValueError, match="nothing is relevant"):
        measure("abc", {"a": 0})
    with pytest.raises(ValueError, match="twice"):
        measure("aba", {"a": 1})


@pytest.mark.parametrize("measure", [recall_at, reciprocal_rank_at, ndcg_at])
def test_cutoffs_start_at_1(measure: Callable[[Sequence[str], Grades, int], float]) -> None:
    with pytest.raises(ValueError, match="starts at 1"):
        measure("abc", {"a": 1}, 0)


@given(st.permutations("abcdefgh"), st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 3)))
def test_measures_lie_between_0_and_1_and_moving_up_a_relevant_item_never_hurts(
    ranking: list[str], grades: dict[str, int]
) -> None:
    grades |= {ranking[3]: 3}
    better = [ranking[3], *ranking[:3], *ranking[4:]]
    for measure in MEASURES:
        assert 0 <= measure(ranking, grades) <= measure(better, grades) + 1e-12 <= 1 + 1e-9


@pytest.mark.parametrize("seed", range(20))
def test_auroc_agrees_with_scikit_learn(seed: int) -> None:
    scores, positive = statements(seed)
    assert auroc(scores, positive) == pytest.approx(roc_auc_score(positive, scores), abs=1e-12)


def test_auroc_counts_pairs() -> None:
    # Positives 0.8 and 0.4, negatives 0.6, 0.4 and 0.1: 3 + 0 + 0.5 + 1 of six pairs.
    assert auroc([0.8, 0.4, 0.6, 0.4, 0.1], [1, 1, 0, 0, 0]) == pytest.approx(4.5 / 6)
    assert auroc([1, 1, 1], [1, 0, 0]) == 0.5
    assert auroc([-math.inf, math.inf], [0, 1]) == 1


def test_auroc_needs_both_kinds() -> None:
    with pytest.raises(ValueError, match="it takes both"):
        auroc([0.1, 0.2], [1, 1])
    with pytest.raises(ValueError, match="without NaN"):
        auroc([0.1, math.nan], [1, 0])
    with pytest.raises(ValueError, match="one shape"):
        auroc([0.1, 0.2, 0.3], [1, 0])


def test_refusals() -> None:
    refused = [True, True, True, False, False]
    unanswerable = [True, False, True, True, False]
    scores = refusal_scores(refused, unanswerable)
    assert (scores.precision, scores.recall) == pytest.approx((2 / 3, 2 / 3))
    scores = refusal_scores([True, False, False, False], [True, True, True, True])
    assert (scores.precision, scores.recall) == (1, 0.25)


def test_refusal_shares_of_nothing_are_undefined() -> None:
    assert refusal_scores([False], [True]).precision is None
    assert refusal_scores([True], [False]).recall is None
    with pytest.raises(ValueError, match="shorter"):
        refusal_scores([True, False], [True])


def test_citations() -> None:
    scores = citation_scores([{"1": True, "2": False}, {"3": True}, {}, {"1": False}])
    assert scores.precision == 0.5
    assert scores.recall == 0.5
    assert (scores.citations, scores.sentences) == (4, 4)


def test_an_answer_without_citations_has_a_recall_but_no_precision() -> None:
    scores = citation_scores([{}, {}])
    assert (scores.precision, scores.recall, scores.citations) == (None, 0, 0)
    with pytest.raises(ValueError, match="no sentence"):
        citation_scores([])


FORBIDDEN = Forbidden(frozenset({"salaries"}), ("三万八千元", "Project Heron"))


@pytest.mark.parametrize(
    ("shown", "leaking"),
    [
        (Shown(frozenset({"manual"}), frozenset(), "没有找到。"), False),
        (Shown(frozenset({"manual", "salaries"}), frozenset(), ""), True),
        (Shown(frozenset(), frozenset({"salaries"}), ""), True),
        (Shown(frozenset(), frozenset(), "月薪为 38,000 元。"), True),
        (Shown(frozenset(), frozenset(), "known as project  **Heron**s"), True),
        (Shown(frozenset(), frozenset(), "月薪为 3,800 元。"), False),
    ],
)
def test_leaks(shown: Shown, *, leaking: bool) -> None:
    assert leaks(shown, FORBIDDEN) is leaking


def test_leakage_is_the_share_of_questions() -> None:
    safe, open_ = (Shown(frozenset({each}), frozenset(), "") for each in ("manual", "salaries"))
    assert leakage_rate([(safe, FORBIDDEN)] * 3 + [(open_, FORBIDDEN)]) == 0.25
    with pytest.raises(ValueError, match="no cases"):
        leakage_rate([])
    with pytest.raises(ValueError, match="forbids no document"):
        leakage_rate([(safe, Forbidden(frozenset()))])
