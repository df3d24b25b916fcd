"""Coverage of a question by a passage."""

import pytest

from retrieval.coverage import coverage


def test_terms_are_weighed_by_their_idf() -> None:
    background = {1: 0.5}
    sought = {1: 1.0, 2: 1.0}
    assert coverage(sought, {1}, background, rare=1.5) == pytest.approx(0.25)
    assert coverage(sought, {2}, background, rare=1.5) == pytest.approx(0.75)
    assert coverage(sought, {1, 2, 3}, background, rare=1.5) == pytest.approx(1.0)


def test_a_question_without_terms_is_not_covered() -> None:
    assert coverage({}, {1}, {}, rare=1.0) == 0.0


def test_a_synonym_can_take_the_place_of_a_term_and_is_not_missed() -> None:
    sought = {1: 1.0, 2: 1.0, 3: 0.5}
    assert coverage(sought, {1}, {}, rare=1.0) == pytest.approx(0.5)
    assert coverage(sought, {1, 3}, {}, rare=1.0) == pytest.approx(0.75)
    assert coverage(sought, {3}, {}, rare=1.0) == pytest.approx(0.25)
    assert coverage(sought, {1, 2, 3}, {}, rare=1.0) == 1.0
