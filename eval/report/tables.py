"""The tables of quality: a line for each set and slice, a column for each metric that occurs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from eval.report.failures import STAGES
from eval.report.texts import ANSWER_METRICS, RANK_METRICS, Words, metric_words
from eval.summary import Measured, SliceSummary, Summary

_BRIEF: Final = ("final.recall@5", "final.mrr@10", "final.quote@5", "right", "refused")


@dataclass(frozen=True, slots=True)
class Line:
    """A line; `values` are as many as the columns, None where a metric does not apply.

    `set` and `slice` are empty where the line above says the same; `starts` tells the first line
    of a set.
    """

    set: str
    slice: str
    questions: int
    stage: str
    values: tuple[Measured | None, ...]
    starts: bool


@dataclass(frozen=True, slots=True)
class QualityTable:
    """A table; all of its lines have a stage, or none has."""

    title: str
    columns: tuple[Words, ...]
    lines: tuple[Line, ...]

    @property
    def by_stage(self) -> bool:
        """Tell whether the lines have stages."""
        return any(line.stage for line in self.lines)


def tables_of(summary: Summary) -> list[QualityTable]:
    """Return search by crossing and stage, answers by crossing, and both by the other slices."""
    return [_search(summary), _answers(summary), _others(summary)]


def metrics_of(summary: Summary) -> set[str]:
    """Return the names of all metrics that occur."""
    return {name for each in summary.sets for name in each.whole.metrics}


def _search(summary: Summary) -> QualityTable:
    found = metrics_of(summary)
    metrics = [m for m in RANK_METRICS if any(f"{stage}.{m}" in found for stage in STAGES)]
    lines = [
        _line(name, part, [f"{stage}.{metric}" for metric in metrics], stage=stage)
        for name, part in _parts(summary, crossing=True)
        for stage in STAGES
    ]
    columns = tuple(RANK_METRICS[metric] for metric in metrics)
    title = "Search by set, crossing and stage · 检索质量（按数据集、语言、阶段）"
    return QualityTable(title, columns, _tidy(lines))


def _answers(summary: Summary) -> QualityTable:
    found = metrics_of(summary)
    metrics = [metric for metric in ANSWER_METRICS if metric in found]
    lines = [_line(name, part, metrics) for name, part in _parts(summary, crossing=True)]
    columns = tuple(ANSWER_METRICS[metric] for metric in metrics)
    title = "Answers by set and crossing · 回答质量（按数据集、语言）"
    return QualityTable(title, columns, _tidy(lines))


def _others(summary: Summary) -> QualityTable:
    found = metrics_of(summary)
    metrics = [metric for metric in _BRIEF if metric in found]
    lines = [_line(name, part, metrics) for name, part in _parts(summary, crossing=False)]
    columns = tuple(metric_words(metric) for metric in metrics)
    title = "By half, language and kind, after the last stage · 按数据划分、提问语言、题型"
    return QualityTable(title, columns, _tidy(lines))


def _parts(summary: Summary, *, crossing: bool) -> Iterable[tuple[str, SliceSummary]]:
    """Yield each set's whole and its crossings, or its other slices."""
    for each in summary.sets:
        crossed = [part for part in each.slices if part.slice.crossing]
        others = [part for part in each.slices[1:] if not part.slice.crossing]
        # A set of one crossing would say everything twice.
        chosen = [each.whole, *(crossed if len(crossed) > 1 else [])] if crossing else others
        for part in chosen:
            yield each.name, part


def _line(name: str, part: SliceSummary, metrics: Sequence[str], *, stage: str = "") -> Line:
    values = tuple(part.metrics.get(metric) for metric in metrics)
    return Line(name, part.slice.label, part.questions, stage, values, starts=False)


def _tidy(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Leave out lines without values, and say set and slice once."""
    kept = [line for line in lines if any(value is not None for value in line.values)]
    made: list[Line] = []
    before = ("", "")
    for line in kept:
        same_set = line.set == before[0]
        same_slice = same_set and line.slice == before[1]
        made.append(
            Line(
                set="" if same_set else line.set,
                slice="" if same_slice else line.slice,
                questions=0 if same_slice else line.questions,
                stage=line.stage,
                values=line.values,
                starts=not same_set,
            )
        )
        before = (line.set, line.slice)
    return tuple(made)
