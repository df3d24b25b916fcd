"""Fit how the reranker's score is put together with the signals of the search, and its probability.

    python -m training.fit_reranking FOLDER --write retrieval/reranking.json

FOLDER/fit.jsonl and FOLDER/report.jsonl (`training.reranker.dev`) are scored by the model that is
shipped. The weight of the score is the one with the best mean reciprocal rank over the sets to fit
on, each set counting alike. The probability is a logistic regression for each crossing over the two
best windows of each question, and of the same question with everything relevant taken away: that is
what a near miss looks like.
"""

import argparse
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from app.settings import load_settings
from app.wiring import open_scorer
from eval.calibration import expected_calibration_error, reliability_bins
from models.language import detect_language
from models.window_scorer import Window, WindowScorer
from retrieval.window_reranker import ReadLogistic
from training.reranker.dev import DevList, Found, read_dev
from training.reranker.evaluate import ndcg, reciprocal_rank, signals

_WEIGHTS: Final = (0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 1000.0)
_BEST: Final = 2
_BINS: Final = 10
_DEPTH: Final = 20
_COVERAGE: Final = 2
"""Place of the coverage among the features of a row."""
_SAME_LANGUAGE: Final = frozenset({"zh-zh", "en-en"})
_DECIMALS: Final = 4


@dataclass(frozen=True, slots=True)
class Scored:
    """A list with the scorer's value of each window."""

    each: DevList
    values: tuple[float, ...]

    def merits(self, weight: float) -> list[float]:
        """Return what windows are ordered by."""
        pairs = zip(self.values, signals(self.each), strict=True)
        return [weight * value + merit for value, merit in pairs]

    def without_answer(self) -> "Scored":
        """Return the list with everything relevant taken away."""
        kept = [i for i, found in enumerate(self.each.found) if not self._is_relevant(found)]
        found = tuple(self.each.found[i] for i in kept)
        return Scored(replace(self.each, found=found), tuple(self.values[i] for i in kept))

    def rows(self, weight: float) -> Iterator["Row"]:
        """Yield the best windows."""
        merits = self.merits(weight)
        lang = detect_language(self.each.question)
        for i in sorted(range(len(merits)), key=lambda i: -merits[i])[:_BEST]:
            found = self.each.found[i]
            yield Row(
                f"{lang}-{detect_language(found.text)}",
                (self.values[i], found.cosine, found.covered),
                relevant=self._is_relevant(found),
            )

    def _is_relevant(self, found: Found) -> bool:
        return found.passage in self.each.relevant


@dataclass(frozen=True, slots=True)
class Row:
    """Score, cosine and coverage of a window, and whether it is relevant."""

    crossing: str
    features: tuple[float, float, float]
    relevant: bool


def score_lists(scorer: WindowScorer, lists: Sequence[DevList], label: str) -> list[Scored]:
    """Let the scorer read what the product lets it read: the best windows by the signals."""
    scored = []
    for each in track(lists, label):
        merits = signals(each)
        order = sorted(range(len(merits)), key=lambda i: -merits[i])[:_DEPTH]
        kept = replace(each, found=tuple(each.found[i] for i in order))
        found = scorer.score(each.question, [Window(one.text) for one in kept.found])
        scored.append(Scored(kept, tuple(one.value for one in found)))
    return scored


def best_weight(scored: Sequence[Scored]) -> float:
    """Return the weight of the score with the best mean over the sets."""
    return max(_WEIGHTS, key=lambda weight: float(np.mean(list(_by_set(scored, weight).values()))))


def _by_set(scored: Sequence[Scored], weight: float) -> dict[str, float]:
    ranks: dict[str, list[float]] = {}
    for one in scored:
        rank = reciprocal_rank(one.each, one.merits(weight))
        ranks.setdefault(one.each.source, []).append(rank)
    return {source: float(np.mean(values)) for source, values in ranks.items()}


def fit_crossing(rows: Sequence[Row], *, same_language: bool) -> ReadLogistic:
    """Fit one crossing; what would count against a window although it speaks for it is left out.

    Across languages the coverage is left out, too: a window shares a term with the question so
    seldom that its weight would be that of a handful of examples.
    """
    features = np.array([row.features for row in rows])
    if not same_language:
        features[:, _COVERAGE] = 0.0
    relevant = [row.relevant for row in rows]
    regression = LogisticRegression(C=1e6, max_iter=5000)
    for _ in range(features.shape[1]):
        regression.fit(features, relevant)
        negative = regression.coef_[0] < 0
        if not negative.any():
            break
        features[:, negative] = 0.0
    score, cosine, covered = (round(float(value), _DECIMALS) for value in regression.coef_[0])
    return ReadLogistic(round(float(regression.intercept_[0]), _DECIMALS), score, cosine, covered)


def all_rows(scored: Iterable[Scored], weight: float) -> list[Row]:
    """Return the rows of questions with and without what answers them."""
    return [
        row
        for one in scored
        for version in (one, one.without_answer())
        for row in version.rows(weight)
    ]


def _report(output: Console, scored: Sequence[Scored], weight: float) -> None:
    table = Table("set", "n", "signals MRR / nDCG", "reranked", title="held-out questions")
    for source in dict.fromkeys(one.each.source for one in scored):
        lists = [one for one in scored if one.each.source == source]
        table.add_row(source, str(len(lists)), _measures(lists, 0.0), _measures(lists, weight))
    output.print(table)


def _measures(lists: Sequence[Scored], weight: float) -> str:
    ranks = [reciprocal_rank(one.each, one.merits(weight)) for one in lists]
    gains = [ndcg(one.each, one.merits(weight)) for one in lists]
    return f"{np.mean(ranks):.3f} / {np.mean(gains):.3f}"


def _report_calibration(
    output: Console, rows: Sequence[Row], crossings: dict[str, ReadLogistic]
) -> None:
    table = Table("crossing", "n", "relevant", "AUROC", "calibration error")
    for name, fit in crossings.items():
        own = [row for row in rows if row.crossing == name]
        labels = np.array([row.relevant for row in own])
        values = np.array(
            [
                fit.probability(score=score, cosine=cosine, covered=covered)
                for score, cosine, covered in (row.features for row in own)
            ]
        )
        bins = reliability_bins(values, labels, bins=_BINS, binning="width")
        table.add_row(
            name,
            str(len(own)),
            f"{labels.mean():.3f}",
            f"{roc_auc_score(labels, values):.3f}",
            f"{expected_calibration_error(bins):.3f}",
        )
    output.print(table)


def main() -> None:
    """Read the arguments."""
    arguments = argparse.ArgumentParser(description=main.__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--write", type=Path)
    chosen = arguments.parse_args()
    fit_reranking(chosen.folder, chosen.write)


def fit_reranking(folder: Path, write: Path | None) -> None:
    """Fit, report, and write the numbers if told so."""
    with ExitStack() as resources:
        _fit(open_scorer(load_settings(), resources), folder, write, Console(width=120))


def _fit(scorer: WindowScorer, folder: Path, write: Path | None, output: Console) -> None:
    fitting = score_lists(scorer, read_dev(folder / "fit.jsonl"), "to fit on")
    held_out = score_lists(scorer, read_dev(folder / "report.jsonl"), "held out")
    weight = best_weight(fitting)
    rows = all_rows(fitting, weight)
    crossings = {
        name: fit_crossing(
            [row for row in rows if row.crossing == name],
            same_language=name in _SAME_LANGUAGE,
        )
        for name in sorted({row.crossing for row in rows})
    }
    output.print(f"weight of the score: {weight}")
    _report(output, held_out, weight)
    _report_calibration(output, all_rows(held_out, weight), crossings)
    if write is not None:
        numbers = {
            "scorer": scorer.name,
            "score": weight,
            "crossings": {name: asdict(fit) for name, fit in crossings.items()},
        }
        write.write_text(json.dumps(numbers, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
