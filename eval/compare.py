"""Two runs beside each other: what a change did to the same questions."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from rich.table import Table

from eval.errors import RunMismatch
from eval.records import Question, Row, Run, RunHead
from eval.significance import paired_difference_interval, paired_randomisation_p_value
from eval.slices import Slice, crossings_of

# What most changes are about; `Comparison` holds all.
HEADLINES: Final = (
    "final.recall@5",
    "final.mrr@10",
    "final.ndcg@10",
    "final.quote@5",
    "right",
    "right_cited",
    "contained",
    "wrong_said",
    "citation_precision",
    "citation_recall",
    "number_fidelity",
    "refused",
    "leaked",
)
LOWER_IS_BETTER: Final = frozenset({"wrong_said", "leaked"})
_IDS_SHOWN: Final = 12
_SEED: Final = 20260102


@dataclass(frozen=True, slots=True)
class Change:
    """A question of which a metric is another now."""

    id: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Difference:
    """A metric over the questions that both runs have.

    Attributes
    ----------
    crossing
        Empty for all of the set.
    before, after
        Means.
    difference
        `after - before`, with its paired bootstrap 95 % interval.
    p_value
        Of the two-sided paired permutation test: how often chance alone does as much.
    won, lost
        Questions that are better and worse now, in the order of the run.
    """

    set: str
    crossing: str
    metric: str
    rows: int
    before: float
    after: float
    difference: float
    low: float
    high: float
    p_value: float
    won: tuple[Change, ...]
    lost: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class HeadChange:
    """Something that the two runs were made with and that differs, in words."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs beside each other.

    Attributes
    ----------
    changed
        What they were made with that differs.
    left_out
        Sets that only one run has.
    unpaired
        By set, how many questions only one run has.
    """

    before: RunHead
    after: RunHead
    changed: tuple[HeadChange, ...]
    left_out: tuple[str, ...]
    unpaired: Mapping[str, int]
    differences: tuple[Difference, ...]


_Pairs = Sequence[tuple[Row, Row]]


def compare(before: Run, after: Run) -> Comparison:
    """Compare two runs over the questions that both have.

    Raises
    ------
    RunMismatch
        A set's data differ, the passages were searched among others, or no question is common.
    """
    common = [name for name in before.rows if name in after.rows]
    _check(before.head, after.head, common)
    pairs = {name: _pairs(before.rows[name], after.rows[name]) for name in common}
    if not any(pairs.values()):
        raise RunMismatch(
            f"{before.head.name} and {after.head.name} have no question in common: "
            f"{_listed(before.rows)} against {_listed(after.rows)}"
        )
    return Comparison(
        before=before.head,
        after=after.head,
        changed=tuple(_head_changes(before.head, after.head)),
        left_out=tuple(sorted(before.rows.keys() ^ after.rows.keys())),
        unpaired={
            name: len(before.rows[name]) + len(after.rows[name]) - 2 * len(found)
            for name, found in pairs.items()
        },
        differences=tuple(
            difference for name, found in pairs.items() for difference in _differences(name, found)
        ),
    )


def comparison_tables(
    comparison: Comparison, *, metrics: Collection[str] = HEADLINES
) -> list[Table]:
    """Return what differs in the heads, then a table of these metrics for each set."""
    heads = Table("differs", comparison.before.name, comparison.after.name)
    for change in comparison.changed:
        heads.add_row(change.what, change.before, change.after)
    for name in comparison.left_out:
        heads.add_row("in one run only, left out", name, name)
    return [heads, *(_table(comparison, name, metrics) for name in comparison.unpaired)]


def _table(comparison: Comparison, name: str, metrics: Collection[str]) -> Table:
    lone = comparison.unpaired[name]
    title = f"{name} ({lone} questions in one run only, left out)" if lone else name
    table = Table("questions", "metric", "rows", "before", "after", "difference (95 %)", "p")
    table.title = title
    table.add_column("won", overflow="fold")
    table.add_column("lost", overflow="fold")
    for each in comparison.differences:
        if each.set == name and each.metric in metrics:
            table.add_row(
                each.crossing or "all",
                each.metric,
                str(each.rows),
                f"{each.before:.3f}",
                f"{each.after:.3f}",
                f"{each.difference:+.3f} [{each.low:+.3f}, {each.high:+.3f}]",
                f"{each.p_value:.3f}",
                _ids(each.won),
                _ids(each.lost),
            )
    return table


def _ids(changes: Sequence[Change]) -> str:
    shown = " ".join(change.id for change in changes[:_IDS_SHOWN])
    more = len(changes) - _IDS_SHOWN
    return f"{len(changes)}: {shown}{f' … {more} more' if more > 0 else ''}" if changes else "0"


def _check(before: RunHead, after: RunHead, common: Iterable[str]) -> None:
    other = [name for name in common if before.data[name] != after.data[name]]
    if other:
        raise RunMismatch(
            f"{before.name} and {after.name} have other data of {', '.join(other)}; "
            "run both on the same"
        )
    if before.pool != after.pool:
        raise RunMismatch(
            f"{before.name} searched among {before.pool!r}, {after.name} among {after.pool!r}; "
            "run both with the same pool"
        )


def _pairs(before: Sequence[Row], after: Sequence[Row]) -> _Pairs:
    found = {row.question.id: row for row in before}
    return [(found[row.question.id], row) for row in after if row.question.id in found]


def _listed(rows: Mapping[str, Sequence[Row]]) -> str:
    return ", ".join(f"{name} ({len(found)})" for name, found in rows.items()) or "nothing"


def _head_changes(before: RunHead, after: RunHead) -> Iterable[HeadChange]:
    for what in ("config", "commit", "stage", "half", "limit"):
        yield from _head_change(what, getattr(before, what), getattr(after, what))
    yield from _mapping_changes("model", before.models, after.models)
    yield from _mapping_changes("machine", before.machine, after.machine)


def _mapping_changes(
    what: str, before: Mapping[str, str], after: Mapping[str, str]
) -> Iterable[HeadChange]:
    for name in sorted(before.keys() | after.keys()):
        yield from _head_change(f"{what} {name}", before.get(name, "–"), after.get(name, "–"))


def _head_change(what: str, before: object, after: object) -> Iterable[HeadChange]:
    if before != after:
        yield HeadChange(what, str(before), str(after))


def _differences(name: str, pairs: _Pairs) -> Iterable[Difference]:
    crossings = crossings_of(row.question for _, row in pairs)
    slices = [Slice(), *(Slice(crossing=crossing) for crossing in crossings)]
    for part in slices if len(crossings) > 1 else slices[:1]:
        held = [pair for pair in pairs if part.holds(pair[1].question)]
        metrics = {metric: None for pair in held for metric in pair[1].scores}
        for metric in metrics:
            both = [pair for pair in held if all(metric in row.scores for row in pair)]
            if both:
                yield _difference(name, part.crossing, metric, both)


def _difference(name: str, crossing: str, metric: str, pairs: _Pairs) -> Difference:
    before = [row.scores[metric] for row, _ in pairs]
    after = [row.scores[metric] for _, row in pairs]
    changes = [
        (Change(row.question.id, old, new), _gain(row.question, metric, new - old))
        for (_, row), old, new in zip(pairs, before, after, strict=True)
    ]
    generator = np.random.default_rng(_SEED)
    interval = paired_difference_interval(before, after, generator=generator)
    return Difference(
        set=name,
        crossing=crossing,
        metric=metric,
        rows=len(pairs),
        before=sum(before) / len(pairs),
        after=sum(after) / len(pairs),
        difference=interval.estimate,
        low=interval.low,
        high=interval.high,
        p_value=paired_randomisation_p_value(before, after, generator=generator),
        won=tuple(change for change, gain in changes if gain > 0),
        lost=tuple(change for change, gain in changes if gain < 0),
    )


def _gain(question: Question, metric: str, difference: float) -> float:
    """Return the difference with the sign of its worth; a refusal is right without an answer."""
    worse = metric in LOWER_IS_BETTER or (metric == "refused" and bool(question.grades))
    return -difference if worse else difference
