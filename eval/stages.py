"""What each stage of the search gives: the legs, their fusion, the final order, side by side.

Differences are over the same questions, with paired bootstrap 95 % intervals: the fusion against
the better of its legs, and the final order against the fusion.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from rich.table import Table

from eval.records import Row, Run
from eval.significance import Interval, paired_difference_interval
from eval.slices import Slice, crossings_of
from eval.summary import SEED, Measured, measure

LEGS: Final = ("dense", "lexical")
FUSION: Final = "fusion"
FINAL: Final = "final"
STAGES: Final = (*LEGS, FUSION, FINAL)


@dataclass(frozen=True, slots=True)
class StageComparison:
    """The stages on one crossing of a set.

    Attributes
    ----------
    measured
        The metric by stage.
    best_leg
        Which of the two searches alone is better.
    fusion_gain, final_gain
        Fusion minus best leg, and final order minus fusion.
    """

    set_name: str
    crossing: str
    questions: int
    measured: Mapping[str, Measured]
    best_leg: str
    fusion_gain: Interval
    final_gain: Interval


def compare_stages(run: Run, metric: str) -> list[StageComparison]:
    """Compare the stages of a run on each crossing of each set.

    Parameters
    ----------
    metric
        Name without stage: `mrr@10`, `recall@10`, `ndcg@10`.
    """
    return [
        found
        for name, rows in run.rows.items()
        for crossing in crossings_of(row.question for row in rows)
        for found in _compared(name, crossing, rows, metric)
    ]


def _compared(
    name: str, crossing: str, rows: Sequence[Row], metric: str
) -> Iterator[StageComparison]:
    part = Slice(crossing=crossing)
    ranked = [row for row in rows if row.question.grades and part.holds(row.question)]
    if not ranked:
        return
    values = {stage: [row.scores[f"{stage}.{metric}"] for row in ranked] for stage in STAGES}
    best_leg = max(LEGS, key=lambda leg: sum(values[leg]))
    yield StageComparison(
        set_name=name,
        crossing=crossing,
        questions=len(ranked),
        measured={stage: measure(found) for stage, found in values.items()},
        best_leg=best_leg,
        fusion_gain=_gain(values[best_leg], values[FUSION]),
        final_gain=_gain(values[FUSION], values[FINAL]),
    )


def _gain(before: Sequence[float], after: Sequence[float]) -> Interval:
    return paired_difference_interval(before, after, generator=np.random.default_rng(SEED))


_HEADS: Final = ("set", "crossing", "n", *STAGES, "fusion - best leg", "final - fusion")


def stages_table(comparisons: Sequence[StageComparison], metric: str) -> Table:
    """Return the comparison for the terminal."""
    table = Table(*_HEADS, title=metric)
    for each in comparisons:
        table.add_row(*_cells(each))
    return table


def stages_markdown(comparisons: Sequence[StageComparison], metric: str) -> str:
    """Return the comparison as a Markdown table below the name of the metric."""
    lines = [metric, "", f"| {' | '.join(_HEADS)} |", "|---" * len(_HEADS) + "|"]
    lines += [f"| {' | '.join(_cells(each))} |" for each in comparisons]
    return "\n".join(lines) + "\n"


def _cells(each: StageComparison) -> list[str]:
    return [
        each.set_name,
        each.crossing,
        str(each.questions),
        *(each.measured[stage].text for stage in STAGES),
        f"{_signed(each.fusion_gain)} ({each.best_leg})",
        _signed(each.final_gain),
    ]


def _signed(interval: Interval) -> str:
    return f"{interval.estimate:+.3f} [{interval.low:+.3f}, {interval.high:+.3f}]"
