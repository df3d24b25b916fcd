"""Fit the probability that the evidence states an answer, and print its precision and coverage.

    python -m training.fit_gate DATA --write generation/gate.json

Questions of our own tuning half are asked among the sample documents, those of CMRC 2018 and SQuAD
2.0 among the passages of their set: as they are, and with the passages that answer them taken out
of what was found. The search is the one that is served, the log-odds are those of the embedded
model; a question counts as answerable where the evidence holds all parts of its answer. For each
language a logistic regression of both signals is fitted (`generation.gate`), by cross-validation
for the figures that are printed.
"""

import argparse
import json
import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict

from app.settings import Settings, load_settings
from app.wiring import ANSWER_PROMPT, System, open_system
from eval.asking import query_of
from eval.collection import (
    Item,
    bring_in,
    document_name,
    kept_settings,
    own_items,
    passage_items,
)
from eval.grading import answer_parts_said
from eval.own_set import load_own_questions
from eval.records import Question
from eval.sets import load_set
from generation.answerer import prompt_variables
from generation.evidence import choose_evidence
from generation.gate import GateLogistic, log_odds
from generation.prompts import load_prompt
from retrieval.records import Evidence

_SETS: Final = ("cmrc2018_trial", "squad2_dev_en")
_SEED: Final = 4
_FOLDS: Final = 10
_FOUND: Final = 16
_LEAST: Final = 1e-4
_RARELY: Final = 0.02
_COVERAGES: Final = (0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Judged:
    """A question with the signals of its evidence.

    Attributes
    ----------
    odds, relevance
        What the gate goes by.
    is_stated
        The evidence holds all parts of the answer.
    """

    lang: str
    odds: float
    relevance: float
    is_stated: bool

    @property
    def signals(self) -> tuple[float, float]:
        """Return the numbers that the regression takes."""
        sure = min(max(self.relevance, _LEAST), 1 - _LEAST)
        return self.odds, math.log(sure / (1 - sure))


def judge_set(
    settings: Settings, items: Sequence[Item], questions: Sequence[Question], *, folder: Path
) -> Iterator[Judged]:
    """Yield every question as it is and, where it has an answer, without the passages of it."""
    placed = kept_settings(settings, folder, items)
    for _ in bring_in(placed, items):
        pass
    system = open_system(placed)
    try:
        judge = _judge_of(system)
        for question in questions:
            found = system.retriever.search(query_of(question), limit=_FOUND)
            yield from judge(question, found)
            others = [each for each in found if document_name(each.uri) not in question.grades]
            if question.answerable and len(others) < len(found):
                yield from judge(replace(question, answerable=False), others)
    finally:
        system.close()


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


def fit(judged: Sequence[Judged]) -> tuple[GateLogistic, NDArray[np.float64]]:
    """Return the numbers of one language, and the probabilities by cross-validation."""
    signals = np.array([each.signals for each in judged])
    stated = np.array([each.is_stated for each in judged])
    crossed = cross_val_predict(
        LogisticRegression(), signals, stated, cv=_FOLDS, method="predict_proba"
    )
    model = LogisticRegression().fit(signals, stated)
    odds, relevance = (round(float(weight), 4) for weight in model.coef_[0])
    least = round(float(np.quantile(signals[stated, 0], _RARELY)), 2)
    logistic = GateLogistic(round(float(model.intercept_[0]), 4), odds, relevance, least)
    return logistic, np.asarray(crossed[:, 1])


def curve_table(lang: str, judged: Sequence[Judged], probabilities: NDArray[np.float64]) -> Table:
    """Return precision and threshold by coverage, and how each signal alone tells them apart."""
    stated = np.array([each.is_stated for each in judged])
    auroc = roc_auc_score(stated, probabilities)
    alone = [roc_auc_score(stated, [each.signals[i] for each in judged]) for i in (0, 1)]
    table = Table(
        "coverage", "probability from", "precision",
        title=f"{lang}: {len(judged)} judged, {stated.sum()} stated; AUROC {auroc:.3f} "
        f"(model alone {alone[0]:.3f}, search alone {alone[1]:.3f})",
    )  # fmt: skip
    order = np.argsort(-probabilities)
    for coverage in _COVERAGES:
        taken = order[: max(1, round(coverage * len(order)))]
        least, precision = probabilities[taken].min(), stated[taken].mean()
        table.add_row(f"{coverage:.1f}", f"{least:.3f}", f"{precision:.3f}")
    return table


def main() -> None:
    """Judge, fit, print, and write the numbers if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder of the sets")
    parser.add_argument("--work", type=Path, default=Path("gate-work"), help="indexes, judgements")
    parser.add_argument("--most", type=int, default=60, help="questions of each set")
    parser.add_argument("--write", type=Path, help="where to write the numbers")
    arguments = parser.parse_args()
    settings = load_settings()
    judged = list(_judge_all(settings, arguments.data, arguments.work, most=arguments.most))
    fitted, console = {}, Console()
    for lang in ("zh", "en"):
        of_language = [each for each in judged if each.lang == lang]
        fitted[lang], probabilities = fit(of_language)
        console.print(curve_table(lang, of_language, probabilities))
    if arguments.write:
        numbers = {lang: asdict(logistic) for lang, logistic in fitted.items()}
        arguments.write.write_text(json.dumps(numbers, indent=2) + "\n", encoding="utf-8")


def _judge_all(settings: Settings, data: Path, work: Path, *, most: int) -> Iterator[Judged]:
    """Yield what was judged; kept in `work`, so that a run that was broken off goes on."""
    sources: list[tuple[str, Callable[[], tuple[Sequence[Item], Sequence[Question]]]]] = [
        ("own", lambda: (own_items(), _own_questions()))
    ]
    for name in _SETS:
        sources.append((name, lambda name=name: _of_set(data / name, most)))  # type: ignore[misc]
    work.mkdir(parents=True, exist_ok=True)
    for name, load in sources:
        kept = work / f"{name}.jsonl"
        if not kept.exists():
            items, questions = load()
            judged = list(judge_set(settings, items, questions, folder=work / "indexes"))
            kept.write_text("\n".join(json.dumps(asdict(each)) for each in judged) + "\n")
        for line in kept.read_text().splitlines():
            yield Judged(**json.loads(line))


def _own_questions() -> list[Question]:
    questions = [each for each in load_own_questions() if each.half == "tuning"]
    return [each for each in questions if not each.history]


def _of_set(folder: Path, most: int) -> tuple[Sequence[Item], Sequence[Question]]:
    data = load_set(folder)
    chosen = random.Random(_SEED).sample(list(data.questions), most)
    return passage_items(data.passages), chosen


if __name__ == "__main__":
    main()
