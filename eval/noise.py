"""Questions with a few passages given for each, of which a share is beside the point.

As RGB asks them (Chen et al. 2024, "Benchmarking Large Language Models in Retrieval-Augmented
Generation"): five passages a question; the share that does not answer is the noise. If none
answers, the question has to be refused (negative rejection).
"""

import math
from dataclasses import replace
from typing import Final

from eval.errors import EvalError
from eval.records import Question
from eval.sets import PassageSet

PASSAGES: Final = 5


def with_noise(found: PassageSet, share: float) -> PassageSet:
    """Return the set with five passages given for each question, `share` of them beside the point.

    As many as the share says are taken first, rounded up; where a question has too few of one sort,
    the other makes up for it, unless the share is 1. One that is given nothing is left out. The
    name tells the share: `rgb-noise-0.4`.

    Raises
    ------
    EvalError
        The set names no passages that are beside the point.
    """
    if not any(question.beside for question in found.questions):
        raise EvalError(f"{found.name}: names no passages beside the point; only RGB's files do")
    name = f"{found.name}-noise-{share:g}"
    # Nothing given would mean that all passages are searched.
    questions = tuple(one for one in (_given(each, share) for each in found.questions) if one.given)
    left_out = len(found.questions) - len(questions)
    return replace(found, name=name, questions=questions, dropped=found.dropped + left_out)


def _given(question: Question, share: float) -> Question:
    if share >= 1:
        return replace(
            question,
            given=question.beside[:PASSAGES],
            grades={},
            gold=(),
            parts=(),
            wrong=(),
            answerable=False,
        )
    answering = tuple(question.grades)
    noisy = min(math.ceil(PASSAGES * share), len(question.beside))
    right = min(PASSAGES - noisy, len(answering))
    noisy = PASSAGES - right
    given = answering[:right] + question.beside[:noisy]
    gold = tuple(place for place in question.gold if place.document in given)
    grades = {name: question.grades[name] for name in answering[:right]}
    return replace(question, given=given, gold=gold, grades=grades)
