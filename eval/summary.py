"""What a run amounts to: means with intervals by slice, and what only many rows tell."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

import numpy as np
from pydantic import TypeAdapter
from rich.table import Table

from eval.calibration import (
    ReliabilityBin,
    brier_score,
    expected_calibration_error,
    reliability_bins,
)
from eval.metrics import auroc, refusal_scores
from eval.records import Row, Run, RunHead
from eval.significance import bootstrap_interval, wilson_interval
from eval.slices import Slice, slices_of

Timing = Literal["search", "first token", "answer"]
TIMINGS: Final[Mapping[Timing, Callable[[Row], float | None]]] = {
    "search": lambda row: row.search_seconds,
    "first token": lambda row: row.answer.first_token_seconds if row.answer else None,
    "answer": lambda row: row.answer.seconds if row.answer else None,
}
_HEADLINES: Final = ("final.recall@5", "final.mrr@10", "final.quote@5", "right", "wrong_said")
_BINS: Final = 10
SEED: Final = 20260101


@dataclass(frozen=True, slots=True)
class Measured:
    """A mean over `rows` questions with its 95 % interval."""

    mean: float
    low: float
    high: float
    rows: int

    @property
    def text(self) -> str:
        """Return `0.812 [0.780, 0.840]`."""
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


@dataclass(frozen=True, slots=True)
class SliceSummary:
    """The metrics of a slice; those that apply to none of its questions are absent."""

    slice: Slice
    questions: int
    metrics: Mapping[str, Measured]


@dataclass(frozen=True, slots=True)
class Refusals:
    """Refusals among the questions of which the set tells whether they have an answer.

    Attributes
    ----------
    precision
        Share of the refused that has no answer; None if none was refused.
    recall
        Share of those without an answer that was refused; None if all have one.
    """

    refused: int
    unanswerable: int
    precision: float | None
    recall: float | None


@dataclass(frozen=True, slots=True)
class Calibration:
    """How honest the probability of the best passage is.

    Attributes
    ----------
    language
        Of the questions; empty for all.
    expected_error
        Mean over the questions of |stated - true| of their bin; ten bins of equal width.
    brier
        Mean squared distance of probability and truth.
    """

    language: str
    rows: int
    expected_error: float
    brier: float
    bins: tuple[ReliabilityBin, ...]


@dataclass(frozen=True, slots=True)
class NumberFidelity:
    """Share of numbers said that the evidence holds; `answers` were given, `measured` had any."""

    measured: Measured
    answers: int


@dataclass(frozen=True, slots=True)
class Latency:
    """Percentiles in seconds of what was timed."""

    what: Timing
    rows: int
    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class SetSummary:
    """A set; what does not apply to it is None or empty.

    Attributes
    ----------
    slices
        The whole first, then halves, languages, crossings and kinds.
    auroc
        How well `probability` tells questions with an answer from those without.
    calibrations
        Over all questions first, then by language.
    """

    name: str
    questions: int
    slices: tuple[SliceSummary, ...]
    refusals: Refusals | None
    auroc: float | None
    calibrations: tuple[Calibration, ...]
    number_fidelity: NumberFidelity | None
    latencies: tuple[Latency, ...]

    @property
    def whole(self) -> SliceSummary:
        """Return the summary of all its questions."""
        return self.slices[0]


@dataclass(frozen=True, slots=True)
class Summary:
    """A run in numbers; `calibrations` are over all sets, then by language."""

    head: RunHead
    sets: tuple[SetSummary, ...]
    calibrations: tuple[Calibration, ...]


_SUMMARY: Final = TypeAdapter(Summary)


def summarise(run: Run) -> Summary:
    """Summarise a run; the same run gives the same numbers, intervals too."""
    rows = [row for found in run.rows.values() for row in found]
    return Summary(
        head=run.head,
        sets=tuple(_set_summary(name, found) for name, found in run.rows.items() if found),
        calibrations=_calibrations(rows),
    )


def summary_json(summary: Summary) -> bytes:
    """Return the summary as JSON."""
    return _SUMMARY.dump_json(summary, indent=2)


def summary_table(summary: Summary) -> Table:
    """Return what matters most of each set and crossing, for the terminal."""
    found = {name for each in summary.sets for name in each.whole.metrics}
    metrics = [metric for metric in _HEADLINES if metric in found]
    table = Table("set", "questions", "number", *metrics)
    for each in summary.sets:
        for part in each.slices:
            if part is each.whole or part.slice.crossing:
                values = (part.metrics.get(metric) for metric in metrics)
                texts = ("–" if value is None else value.text for value in values)
                table.add_row(each.name, part.slice.label, str(part.questions), *texts)
    return table


def measure(scores: Sequence[float]) -> Measured:
    """Return the mean of at least one value in [0, 1] with its interval.

    By resampling; for values that are all 0 or 1, Wilson's, since resampling twenty right answers
    says that there cannot be a wrong one.
    """
    return _measure(tuple(scores))


@lru_cache(maxsize=4096)
def _measure(scores: tuple[float, ...]) -> Measured:
    # Kept, since the slices of a set that has one crossing are all the same.
    if set(scores) <= {0.0, 1.0}:
        interval = wilson_interval(round(sum(scores)), len(scores))
    else:
        interval = bootstrap_interval(scores, generator=np.random.default_rng(SEED))
    return Measured(interval.estimate, interval.low, interval.high, len(scores))


def scores_of(rows: Iterable[Row], part: Slice, metric: str) -> list[float]:
    """Return a metric of the rows of a slice to which it applies."""
    return [row.scores[metric] for row in rows if metric in row.scores and part.holds(row.question)]


def _set_summary(name: str, rows: Sequence[Row]) -> SetSummary:
    return SetSummary(
        name=name,
        questions=len(rows),
        slices=tuple(_slice_summary(rows, part) for part in slices_of(r.question for r in rows)),
        refusals=_refusals(rows),
        auroc=_auroc(rows),
        calibrations=_calibrations(rows),
        number_fidelity=_number_fidelity(rows),
        latencies=tuple(_latencies(rows)),
    )


def _slice_summary(rows: Sequence[Row], part: Slice) -> SliceSummary:
    held = [row for row in rows if part.holds(row.question)]
    metrics = {metric: None for row in held for metric in row.scores}
    return SliceSummary(
        slice=part,
        questions=len(held),
        metrics={metric: measure(scores_of(held, part, metric)) for metric in metrics},
    )


def _refusals(rows: Iterable[Row]) -> Refusals | None:
    told = [
        (row.answer.refusal, not row.question.answerable)
        for row in rows
        if row.answer is not None and row.question.answerable is not None
    ]
    if not told:
        return None
    refused, unanswerable = zip(*told, strict=True)
    scores = refusal_scores(refused, unanswerable)
    return Refusals(sum(refused), sum(unanswerable), scores.precision, scores.recall)


def _auroc(rows: Iterable[Row]) -> float | None:
    told = [row for row in rows if row.question.answerable is not None]
    if len({row.question.answerable for row in told}) < len((True, False)):
        return None
    return auroc([row.probability for row in told], [bool(row.question.answerable) for row in told])


def _calibrations(rows: Sequence[Row]) -> tuple[Calibration, ...]:
    languages = sorted({row.question.lang for row in rows})
    parts = [("", rows)] if rows else []
    parts += [(lang, [row for row in rows if row.question.lang == lang]) for lang in languages]
    return tuple(_calibration(language, part) for language, part in parts)


def _calibration(language: str, rows: Sequence[Row]) -> Calibration:
    stated = [row.probability for row in rows]
    true = [row.relevant for row in rows]
    bins = reliability_bins(stated, true, bins=_BINS, binning="width")
    return Calibration(
        language=language,
        rows=len(rows),
        expected_error=expected_calibration_error(bins),
        brier=brier_score(stated, true),
        bins=tuple(bins),
    )


def _number_fidelity(rows: Sequence[Row]) -> NumberFidelity | None:
    scores = scores_of(rows, Slice(), "number_fidelity")
    answers = sum(row.answer is not None and not row.answer.refusal for row in rows)
    return NumberFidelity(measure(scores), answers) if scores else None


def _latencies(rows: Sequence[Row]) -> Iterable[Latency]:
    for what, seconds_of in TIMINGS.items():
        seconds = [found for row in rows if (found := seconds_of(row)) is not None]
        if seconds:
            p50, p95 = np.percentile(seconds, (50, 95))
            yield Latency(what, len(seconds), float(p50), float(p95))
