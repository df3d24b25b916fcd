from dataclasses import replace

import pytest

from eval.asking import query_of
from eval.collection import passage_document
from eval.errors import EvalError
from eval.noise import with_noise
from eval.sets import Passage, PassageSet
from tests.eval.runs import question

ANSWERING = ("a1", "a2", "a3")
BESIDE = tuple(f"b{number}" for number in range(8))


def asked(*, answering: int = 3, beside: int = 8) -> PassageSet:
    """Return a set with one question, which so many of its passages answer."""
    one = question(1, grades=dict.fromkeys(ANSWERING[:answering], 1), beside=BESIDE[:beside])
    passages = tuple(Passage(name, "", name, "en") for name in (*ANSWERING, *BESIDE))
    return PassageSet("rgb", "unknown", "0" * 64, passages, (one,), 0)


@pytest.mark.parametrize(
    ("share", "answering", "beside"),
    [(0, 3, 2), (0.4, 3, 2), (0.6, 2, 3), (0.8, 1, 4)],
)
def test_each_question_is_given_five_passages(share: float, answering: int, beside: int) -> None:
    noisy = with_noise(asked(), share)

    (one,) = noisy.questions
    assert one.given == ANSWERING[:answering] + BESIDE[:beside]
    assert tuple(one.grades) == ANSWERING[:answering]
    assert one.answerable
    assert noisy.name == f"rgb-noise-{share:g}"


def test_where_one_sort_runs_out_the_other_makes_up_for_it() -> None:
    assert with_noise(asked(answering=1), 0.4).questions[0].given == ("a1", *BESIDE[:4])
    assert with_noise(asked(beside=2), 0.8).questions[0].given == ("a1", "a2", "a3", "b0", "b1")


def test_with_nothing_but_noise_a_question_has_no_answer() -> None:
    (one,) = with_noise(asked(), 1).questions

    assert one.given == BESIDE[:5]
    assert one.answerable is False
    assert (one.grades, one.gold, one.parts) == ({}, (), ())


def test_a_question_that_is_given_nothing_is_left_out() -> None:
    found = asked()
    bare = replace(found.questions[0], id="q2", beside=())
    noisy = with_noise(replace(found, questions=(*found.questions, bare)), 1)

    assert [one.id for one in noisy.questions] == ["q1"]
    assert noisy.dropped == 1


def test_what_is_given_alone_is_searched() -> None:
    (one,) = with_noise(asked(), 0.8).questions

    assert query_of(one).filters.document_ids == tuple(map(passage_document, one.given))
    assert not query_of(replace(one, given=())).filters


def test_a_set_without_passages_beside_the_point_is_refused() -> None:
    with pytest.raises(EvalError, match="rgb: names no passages beside the point"):
        with_noise(asked(beside=0), 0.4)
