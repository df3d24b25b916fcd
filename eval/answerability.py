"""Whether the gate tells questions that the evidence answers from those that it does not."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from app.settings import Settings
from app.wiring import ANSWER_PROMPT, System, open_system
from eval.asking import query_of
from eval.collection import Item, bring_in, document_name, kept_settings
from eval.grading import answer_parts_said
from eval.metrics import auroc
from eval.records import Question
from generation.answerer import prompt_variables
from generation.evidence import choose_evidence
from generation.gate import GateWeights, log_odds
from generation.prompts import load_prompt
from retrieval.records import Evidence

_FOUND: Final = 16
_LEAST: Final = 1e-4
_COVERAGES: Final = (0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Judged:
    """A question with the signals of its evidence.

    Attributes
    ----------
    odds, relevance
        What the gate goes by (`generation.gate`); the model is always asked.
    is_stated
        The evidence holds all parts of the answer.
    """

    lang: str
    odds: float
    relevance: float
    is_stated: bool

    @property
    def signals(self) -> tuple[float, float]:
        """Return the numbers that the gate's regression takes."""
        sure = min(max(self.relevance, _LEAST), 1 - _LEAST)
        return self.odds, math.log(sure / (1 - sure))


def judge_set(
    settings: Settings,
    items: Sequence[Item],
    questions: Sequence[Question],
    *,
    folder: Path,
    bereft: bool,
) -> Iterator[Judged]:
    """Yield every question with the evidence that the served search finds.

    Parameters
    ----------
    folder
        Where the index of the items is kept.
    bereft
        Yield each question with an answer again, with the passages that answer it taken out.
    """
    placed = kept_settings(settings, folder, items)
    for _ in bring_in(placed, items):
        pass
    with closing(open_system(placed)) as system:
        judge = _judge_of(system)
        for question in questions:
            found = system.retriever.search(query_of(question), limit=_FOUND)
            yield from judge(question, found)
            others = [each for each in found if document_name(each.uri) not in question.grades]
            if bereft and question.answerable and len(others) < len(found):
                yield from judge(replace(question, answerable=False), others)


def _judge_of(system: System) -> Callable[[Question, Sequence[Evidence]], Iterator[Judged]]:
    answer = system.settings.answer
    prompt = load_prompt(ANSWER_PROMPT)

    def judge(question: Question, found: Sequence[Evidence]) -> Iterator[Judged]:
        query = query_of(question)
        chosen = choose_evidence(
            query.text,
            found[: 2 * answer.max_evidence],
            count_tokens=system.encoder.count_tokens,
            min_relevance=answer.min_relevance,
            max_evidence=answer.max_evidence,
            max_evidence_tokens=answer.max_evidence_tokens,
        )
        if not chosen:
            return
        variables = {**prompt_variables(query, chosen), "judged": query.text}
        odds = log_odds(system.llm.likeliest(prompt.render(variables), cancelled=lambda: False))
        text = "\n".join(each.text for each in chosen)
        is_stated = question.answerable and all(answer_parts_said(text, question.parts))
        if odds is not None:
            relevance = max(each.passage.score for each in chosen)
            yield Judged(query.lang, odds, relevance, bool(is_stated))

    return judge


def probabilities(judged: Sequence[Judged]) -> NDArray[np.float64]:
    """Return what the gate that is shipped says of questions, shape (n,)."""
    by_language = GateWeights.load().by_language
    return np.array(
        [
            by_language[each.lang].probability(odds=each.odds, relevance=each.relevance)
            for each in judged
        ]
    )


def curve_table(lang: str, judged: Sequence[Judged], stated_with: NDArray[np.float64]) -> Table:
    """Return precision and threshold by coverage, and how each signal alone tells them apart.

    Parameters
    ----------
    stated_with
        The probability that the evidence states the answer, for each question.
    """
    stated = np.array([each.is_stated for each in judged])
    signals = np.array([each.signals for each in judged])
    whole, model, search = (
        auroc(values, stated) for values in (stated_with, signals[:, 0], signals[:, 1])
    )
    table = Table(
        "coverage", "probability from", "precision",
        title=f"{lang}: {len(judged)} judged, {stated.sum()} stated; AUROC {whole:.3f} "
        f"(model alone {model:.3f}, search alone {search:.3f})",
    )  # fmt: skip
    order = np.argsort(-stated_with)
    for coverage in _COVERAGES:
        taken = order[: max(1, round(coverage * len(order)))]
        least, precision = stated_with[taken].min(), stated[taken].mean()
        table.add_row(f"{coverage:.1f}", f"{least:.3f}", f"{precision:.3f}")
    return table
