"""Whether the evidence states what a question asks, before an answer is written.

`P(answerable) = 1 / (1 + exp(-(intercept + odds · o + relevance · logit(r))))`, where o is the
language model's log-odds of `yes` against `no`, asked whether the passages state the answer, r the
probability that the best passage is relevant, and the numbers are those of the question's language
(`training/fit_gate.py`). The question to the model shares its beginning with the prompt of the
answer, so that a backend that keeps the common start of prompts reads the evidence once.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from generation.llm import LanguageModel
from generation.prompts import Prompt
from generation.question_parts import question_parts

WEIGHTS: Final = Path(__file__).parent / "gate.json"
_YES: Final = frozenset({"yes", "是", "是的", "能", "有"})
_NO: Final = frozenset({"no", "否", "不", "不是", "不能", "没有", "无"})
_LEAST: Final = 1e-6
_NEARLY_SURE: Final = 1 - 1e-4


@dataclass(frozen=True, slots=True)
class GateLogistic:
    """The numbers of one language.

    Attributes
    ----------
    least_odds
        Log-odds that one in fifty evidences that state the answer stays below.
    """

    intercept: float
    odds: float
    relevance: float
    least_odds: float

    def probability(self, *, odds: float, relevance: float) -> float:
        """Return the probability that the evidence states the answer."""
        sure = min(max(relevance, 1 - _NEARLY_SURE), _NEARLY_SURE)
        logit = self.intercept + self.odds * odds
        logit += self.relevance * math.log(sure / (1 - sure))
        return 1 / (1 + math.exp(-logit))


@dataclass(frozen=True, slots=True)
class GateWeights:
    """The numbers by language."""

    by_language: Mapping[str, GateLogistic]

    @classmethod
    def load(cls, path: Path = WEIGHTS) -> Self:
        """Read the numbers that were fitted for the embedded model."""
        read = json.loads(path.read_text(encoding="utf-8"))
        return cls({lang: GateLogistic(**numbers) for lang, numbers in read.items()})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a gate says.

    Attributes
    ----------
    probability
        That the evidence states the answer: of the likeliest part, where there are several.
    answered
        The question as far as the evidence answers it; empty if it does not.
    missing
        The parts of the question that it does not answer.
    judged
        What the model was asked about last; empty if it was not asked, or did not tell.
    """

    probability: float
    answered: str
    missing: tuple[str, ...] = ()
    judged: str = ""


class Gate:
    """Judges questions by their evidence.

    Parameters
    ----------
    prompt
        That of the answer, whose variable `judged` makes it ask whether the passages state the
        answer to that text.
    min_answerable
        Less probable questions, and parts of questions, are not answered.
    """

    def __init__(
        self, llm: LanguageModel, prompt: Prompt, weights: GateWeights, *, min_answerable: float
    ) -> None:
        self._llm = llm
        self._prompt = prompt
        self._weights = weights
        self._min_answerable = min_answerable

    def judge(
        self,
        variables: Mapping[str, object],
        *,
        question: str,
        lang: str,
        relevance: float,
        cancelled: Callable[[], bool],
    ) -> Verdict:
        """Judge a question with its evidence; without log-probabilities it is let through.

        A question of several parts is judged by its parts. A question of one part is let through
        unasked where the passages are so probably relevant that the least odds would do.

        Parameters
        ----------
        variables
            Of the answer's prompt.
        relevance
            Probability that the best passage is relevant.

        Raises
        ------
        ModelUnavailable, PromptTooLong
            From the language model.
        """
        parts = question_parts(question, lang)
        logistic = self._weights.by_language[lang]
        at_least = logistic.probability(odds=logistic.least_odds, relevance=relevance)
        if len(parts) == 1 and at_least >= self._min_answerable:
            return Verdict(at_least, question)
        probabilities = []
        for part in parts:
            messages = self._prompt.render({**variables, "judged": part})
            odds = log_odds(self._llm.likeliest(messages, cancelled=cancelled))
            if odds is None:
                return Verdict(relevance, question)
            probabilities.append(logistic.probability(odds=odds, relevance=relevance))
        stated = [p >= self._min_answerable for p in probabilities]
        if all(stated):
            return Verdict(max(probabilities), question, judged=parts[-1])
        answered = [part for part, is_stated in zip(parts, stated, strict=True) if is_stated]
        missing = [part for part, is_stated in zip(parts, stated, strict=True) if not is_stated]
        joined = {"zh": "，", "en": ", "}[lang].join(answered)
        return Verdict(max(probabilities), joined, tuple(missing), parts[-1])


def log_odds(likeliest: Mapping[str, float]) -> float | None:
    """Return the log-odds of yes against no; None where the model does not tell or says neither.

    Parameters
    ----------
    likeliest
        Log-probabilities of first tokens.
    """
    yes = _mass(likeliest, _YES)
    no = _mass(likeliest, _NO)
    return None if yes + no == 0 else math.log((yes + _LEAST) / (no + _LEAST))


def _mass(likeliest: Mapping[str, float], words: frozenset[str]) -> float:
    return sum(
        math.exp(value) for token, value in likeliest.items() if token.strip().lower() in words
    )
