"""Timing of paired runs."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Paired:
    """Seconds of a thing and of its bare part, measured in turn.

    `ratio` is the median over the pairs of bare seconds / whole seconds: the share of the bare
    part's throughput that the whole keeps.
    """

    whole: tuple[float, ...]
    bare: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Return the median share of the bare throughput, in (0, 1]."""
        return statistics.median(b / w for w, b in zip(self.whole, self.bare, strict=True))


def seconds(action: Callable[[], object]) -> float:
    """Return how long an action takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def paired(whole: Callable[[], object], bare: Callable[[], object], *, rounds: int) -> Paired:
    """Run both in turn, the order swapped from round to round, so that drift hits both alike."""
    wholes, bares = [], []
    for turn in range(rounds):
        if turn % 2:
            bares.append(seconds(bare))
            wholes.append(seconds(whole))
        else:
            wholes.append(seconds(whole))
            bares.append(seconds(bare))
    return Paired(tuple(wholes), tuple(bares))


def median_ms(values: Sequence[float]) -> float:
    """Return the median of seconds, in milliseconds."""
    return statistics.median(values) * 1000


def quantile_ms(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of the seconds lies, in milliseconds."""
    return float(np.quantile(np.array(values), share)) * 1000
