"""Fit how the signals of both searches become one merit, and report on the other questions.

    python -m training.fit_fusion FOLDER --write retrieval/fusion.json

FOLDER/fit.jsonl and FOLDER/report.jsonl are those of `training.reranker.dev`; of our own set the
tuning half is fitted on and the reporting half reported, each crossing as a set of its own. The
numbers are those of a grid with the highest mean reciprocal rank over the sets, each counting
alike, where what a set falls below its better search is taken off twice: the fusion is not to lose
what a search had.

Beside the dense search, BM25 and their fusion by rank the report shows what was tried and left out,
each with the numbers that fit it best: without regard to languages, and with BM25's score as well.
"""

import argparse
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console
from rich.table import Table

from app.settings import load_settings
from eval.significance import Interval, paired_difference_interval
from eval.summary import SEED
from retrieval.fusion import FusionWeights
from training.fused_lists import FusedList, own_lists, pool_lists

Way = Callable[[FusedList], float]
"""A reciprocal rank of a list."""

_COSINES: Final = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0)
_EXPECTED_FROM: Final = (1, 2, 3, 5, 7, 10, 20)
_POWERS: Final = (1.0, 1.5, 2.0, 3.0)
_LEXICAL: Final = (0.1, 0.2, 0.5, 1.0)
_SHORTFALL: Final = 2.0
"""How often what a set falls below its better search is taken off."""

LEGS: Final[Mapping[str, Way]] = {
    "dense": lambda one: one.reciprocal_rank(one.dense_order),
    "BM25": lambda one: one.reciprocal_rank(one.lexical_order),
}


def fused(weights: FusionWeights) -> Way:
    """Return the product's way."""
    return lambda one: one.by(weights.merits(one.signals))


def regardless(cosine: float, power: float) -> Way:
    """Return a way that does not know languages: `cosine · c + v ** power`.

    With a power above 1 the little that a passage in the wrong language covers counts for less.
    """
    return lambda one: one.by([cosine * each.cosine + each.covered**power for each in one.signals])


def with_lexical(weights: FusionWeights, share: float) -> Way:
    """Return a way that adds a share of BM25's score, which is 1 for the best."""

    def way(one: FusedList) -> float:
        top = max(one.lexical, default=0.0) or 1.0
        pairs = zip(weights.merits(one.signals), one.lexical, strict=True)
        return one.by([merit + share * score / top for merit, score in pairs])

    return way


def by_set(lists: Iterable[FusedList], way: Way) -> dict[str, list[float]]:
    """Return the reciprocal ranks of each set."""
    ranks: dict[str, list[float]] = {}
    for one in lists:
        ranks.setdefault(one.source, []).append(way(one))
    return ranks


def better_leg(lists: Sequence[FusedList]) -> dict[str, float]:
    """Return the mean reciprocal rank of each set's better search."""
    legs = [by_set(lists, leg) for leg in LEGS.values()]
    return {source: max(float(np.mean(leg[source])) for leg in legs) for source in legs[0]}


def worth(lists: Sequence[FusedList], way: Way, better: Mapping[str, float]) -> float:
    """Return the mean over the sets, less `_SHORTFALL` times what they fall below a search."""
    means = {source: float(np.mean(ranks)) for source, ranks in by_set(lists, way).items()}
    worths = [m - _SHORTFALL * max(0.0, better[source] - m) for source, m in means.items()]
    return float(np.mean(worths))


def fit_fusion(lists: Sequence[FusedList]) -> FusionWeights:
    """Return the numbers that are worth most; of equal ones the first of the grid."""
    better = better_leg(lists)
    grid = [FusionWeights(*each) for each in product(_COSINES, _EXPECTED_FROM)]
    return max(grid, key=lambda weights: worth(lists, fused(weights), better))


def left_out(lists: Sequence[FusedList], weights: FusionWeights) -> dict[str, Way]:
    """Return what was tried, each with the numbers that are worth most, named by them."""
    better = better_leg(lists)
    cosine, power = max(
        product(_COSINES, _POWERS), key=lambda each: worth(lists, regardless(*each), better)
    )
    share = max(_LEXICAL, key=lambda share: worth(lists, with_lexical(weights, share), better))
    return {
        f"{cosine:g}·c + v^{power:g}": regardless(cosine, power),
        f"fused + {share:g}·BM25": with_lexical(weights, share),
    }


def _gain(ranks: Sequence[float], *legs: Sequence[float]) -> Interval:
    """Return by how much the ranks beat the better leg."""
    better = max(legs, key=sum)
    return paired_difference_interval(better, ranks, generator=np.random.default_rng(SEED))


def report(output: Console, lists: Sequence[FusedList], ways: Mapping[str, Way]) -> None:
    """Print the mean reciprocal rank of each set, and the gain over its better search."""
    found = {name: by_set(lists, way) for name, way in ways.items()}
    table = Table("set", "n", *ways, "fused - better leg", title="held-out questions, MRR@10")
    for source, ranks in found["fused"].items():
        gain = _gain(ranks, *(found[leg][source] for leg in LEGS))
        means = (f"{np.mean(each[source]):.3f}" for each in found.values())
        interval = f"{gain.estimate:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]"
        table.add_row(source, str(len(ranks)), *means, interval)
    means = (f"{np.mean([np.mean(r) for r in each.values()]):.3f}" for each in found.values())
    table.add_row("mean", "", *means, "")
    output.print(table)


def main() -> None:
    """Fit, report, and write the numbers if told so."""
    arguments = argparse.ArgumentParser(description=main.__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--write", type=Path)
    chosen = arguments.parse_args()
    settings = load_settings()
    own = own_lists(settings, settings.data_dir / "eval" / "indexes")
    parts = {
        part: [*pool_lists(chosen.folder / f"{part}.jsonl"), *own[part]]
        for part in ("fit", "report")
    }
    weights = fit_fusion(parts["fit"])
    ways = {
        **LEGS,
        "RRF": FusedList.by_rank,
        "fused": fused(weights),
        **left_out(parts["fit"], weights),
    }
    output = Console(width=140)
    output.print(weights)
    report(output, parts["report"], ways)
    if chosen.write is not None:
        chosen.write.write_text(json.dumps(asdict(weights), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
