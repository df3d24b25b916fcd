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
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from app.settings import Settings, load_settings
from eval.answerability import Judged, curve_table, judge_set
from eval.collection import Item, own_items, passage_items
from eval.own_set import load_own_questions
from eval.records import Question
from eval.sets import load_set
from generation.gate import GateLogistic

_SETS: Final = ("cmrc2018_trial", "squad2_dev_en")
_SEED: Final = 4
_FOLDS: Final = 10
_RARELY: Final = 0.02


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
            judged = list(
                judge_set(settings, items, questions, folder=work / "indexes", bereft=True)
            )
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
