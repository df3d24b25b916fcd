"""The scores of one question: what `metrics` and `grading` say of its row, by name.

A score that does not apply is left out: a mean is over the questions for which it means something.
"""

from collections.abc import Mapping

from eval.grading import answer_parts_said, exact_match, number_fidelity, wrong_said
from eval.metrics import (
    Forbidden,
    Shown,
    average_precision,
    citation_scores,
    leaks,
    ndcg_at,
    recall_at,
    reciprocal_rank_at,
)
from eval.records import GivenAnswer, Question, Row

_RECALL_DEPTHS = (1, 5, 10, 50)
_DEPTH = 10


def scores(row: Row, held_quotes: Mapping[str, float | None]) -> dict[str, float]:
    """Return the scores of a row.

    Parameters
    ----------
    held_quotes
        By stage: the share of the gold quotes that its first five passages hold; None without any.
    """
    found: dict[str, float] = {}
    if row.question.grades:
        for stage, ranking in row.rankings.items():
            found |= _ranking_scores(stage, ranking, row.question.grades)
            held = held_quotes[stage]
            if held is not None:
                found[f"{stage}.quote@5"] = held
    if row.question.secret:
        found["leaked"] = float(_leaked(row))
    if row.answer is not None:
        found |= _answer_scores(row.question, row.answer)
    return found


def _ranking_scores(
    stage: str, ranking: tuple[str, ...], grades: Mapping[str, int]
) -> dict[str, float]:
    return {
        **{f"{stage}.recall@{k}": recall_at(ranking, grades, k) for k in _RECALL_DEPTHS},
        f"{stage}.mrr@{_DEPTH}": reciprocal_rank_at(ranking, grades, _DEPTH),
        f"{stage}.ndcg@{_DEPTH}": ndcg_at(ranking, grades, _DEPTH),
        f"{stage}.map": average_precision(ranking, grades),
    }


def _leaked(row: Row) -> bool:
    """Tell whether anything of a document was found or shown that the asker may not see."""
    found = {document for ranking in row.rankings.values() for document in ranking}
    given = row.answer
    shown = Shown(
        evidence=frozenset(found | set(given.evidence if given else ())),
        cited=frozenset(each for s in (given.sentences if given else ()) for each in s.cited),
        text=given.text if given else "",
    )
    return leaks(shown, Forbidden(frozenset(row.question.secret)))


def _answer_scores(question: Question, given: GivenAnswer) -> dict[str, float]:
    found = {"refused": float(given.refusal)}
    wrong = not given.refusal and bool(wrong_said(given.text, question.wrong, question.parts))
    if question.wrong:
        found["wrong_said"] = float(wrong)
    if question.answerable is False:
        found["right"] = found["right_cited"] = float(given.refusal)
    elif question.parts:
        found |= _answerable_scores(question, given, wrong=wrong)
    if not given.refusal:
        found |= _grounding_scores(question, given)
    return found


def _answerable_scores(question: Question, given: GivenAnswer, *, wrong: bool) -> dict[str, float]:
    """Score an answer that ought to be given; a refusal says nothing of it."""
    contained = not given.refusal and all(answer_parts_said(given.text, question.parts))
    right = contained and not wrong
    exact = contained and len(question.parts) == 1 and exact_match(given.text, question.parts[0])
    cited = any(judgement for sentence in given.sentences for judgement in sentence.right)
    return {
        "contained": float(contained),
        "exact": float(exact),
        "right": float(right),
        "right_cited": float(right and cited),
    }


def _grounding_scores(question: Question, given: GivenAnswer) -> dict[str, float]:
    found: dict[str, float] = {}
    if question.grades and given.sentences:
        judged = citation_scores(
            [
                {f"{number} {cited}": right for number, (cited, right) in enumerate(pairs)}
                for pairs in (zip(s.cited, s.right, strict=True) for s in given.sentences)
            ]
        )
        found["citation_recall"] = judged.recall
        if judged.precision is not None:
            found["citation_precision"] = judged.precision
    fidelity = number_fidelity(given.text, given.evidence_texts, question=question.text).share
    if fidelity is not None:
        found["number_fidelity"] = fidelity
    return found
