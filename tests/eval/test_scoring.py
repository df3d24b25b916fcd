"""Which scores a row gets, and what they say."""

from dataclasses import replace

import pytest

from eval.records import GivenAnswer, Question, Row, ShownSentence
from eval.scoring import scores

LEAVE = Question(
    "q1",
    "How many days of leave?",
    "en",
    "en",
    grades={"leave.md": 1},
    parts=(("12 days", "12 天"),),
    wrong=("9 days",),
    answerable=True,
)
NOTHING = replace(LEAVE, grades={}, parts=(), answerable=False)
HELD = dict.fromkeys(("dense", "lexical", "fusion", "final"), 1.0)


def given(text: str, *, refusal: bool = False, right: tuple[bool, ...] = (True,)) -> GivenAnswer:
    sentences = (ShownSentence(text, ("leave.md",) * len(right), right, "unverified"),)
    return GivenAnswer(
        text=text,
        refusal=refusal,
        sentences=() if refusal else sentences,
        evidence=("leave.md",),
        evidence_texts=("12 days of leave after 5 years",),
        first_token_seconds=None,
        seconds=1.0,
    )


def row(question: Question, answer: GivenAnswer | None, *documents: str) -> Row:
    ranking = documents or ("trips.md", "leave.md")
    return Row(
        question=question,
        rankings={"dense": ranking, "lexical": (), "fusion": ranking, "final": ranking},
        quotes={},
        probability=0.5,
        relevant=False,
        search_seconds=0.01,
        answer=answer,
        scores={},
    )


def score(question: Question, answer: GivenAnswer | None, *documents: str) -> dict[str, float]:
    return scores(row(question, answer, *documents), HELD)


def test_search_alone_has_the_scores_of_each_stage() -> None:
    found = score(LEAVE, None)
    assert found["dense.mrr@10"] == found["dense.map"] == 0.5
    assert found["dense.recall@1"] == 0
    assert found["dense.recall@5"] == 1
    assert found["lexical.recall@50"] == 0
    assert found["final.quote@5"] == 1
    assert set(found) == {
        f"{stage}.{name}"
        for stage in HELD
        for name in ("recall@1", "recall@5", "recall@10", "recall@50", "mrr@10", "ndcg@10", "map",
                     "quote@5")
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "contained", "wrong", "right"),
    [
        ("You have 12 days [1].", 1, 0, 1),
        ("您有 12 天[1]。", 1, 0, 1),
        ("You have 9 days [1].", 0, 1, 0),
        ("You have 12 days, formerly 9 days [1].", 1, 1, 0),
        ("You have 112 days [1].", 0, 0, 0),
    ],
)
def test_answer_is_right_if_all_is_said_and_nothing_wrong(
    text: str, contained: float, wrong: float, right: float
) -> None:
    found = score(LEAVE, given(text))
    assert (found["contained"], found["wrong_said"], found["right"]) == (contained, wrong, right)
    assert found["right_cited"] == right
    assert found["refused"] == 0


def test_right_answer_that_cites_another_passage_is_not_right_and_cited() -> None:
    found = score(LEAVE, given("12 days [1].", right=(False,)))
    assert (found["right"], found["right_cited"]) == (1, 0)
    assert (found["citation_precision"], found["citation_recall"]) == (0, 0)


def test_bare_answer_is_exact() -> None:
    assert score(LEAVE, given("12 days [1]."))["exact"] == 1
    assert score(LEAVE, given("It is 12 days [1]."))["exact"] == 0


def test_refusal_of_what_has_an_answer_is_wrong() -> None:
    found = score(LEAVE, given("Nothing found about 12 days.", refusal=True))
    assert (found["refused"], found["right"], found["contained"], found["wrong_said"]) == (
        1, 0, 0, 0
    )  # fmt: skip
    assert "citation_precision" not in found
    assert "number_fidelity" not in found


def test_refusal_of_what_has_no_answer_is_right() -> None:
    found = score(NOTHING, given("Nothing found.", refusal=True))
    assert (found["right"], found["right_cited"]) == (1, 1)
    assert score(NOTHING, given("9 days [1]."))["right"] == 0
    assert not any(name.startswith("final") for name in found)


def test_two_passages_of_a_document_are_judged_apart() -> None:
    found = score(LEAVE, given("12 days [1][2].", right=(True, False)))
    assert (found["citation_precision"], found["citation_recall"]) == (0.5, 1)


def test_numbers_that_the_evidence_lacks_cost_fidelity() -> None:
    assert score(LEAVE, given("12 days after 5 years [1]."))["number_fidelity"] == 1
    assert score(LEAVE, given("12 days after 7 years [1]."))["number_fidelity"] == 0.5


def test_leak_is_anything_found_or_shown_of_a_secret_document() -> None:
    secret = replace(NOTHING, secret=("hr/pay.docx",))
    assert score(secret, None, "hr/pay.docx")["leaked"] == 1
    assert score(secret, None)["leaked"] == 0
    shown = replace(given("No.", refusal=True), evidence=("hr/pay.docx",))
    assert score(secret, shown)["leaked"] == 1
    assert "leaked" not in score(NOTHING, None)
