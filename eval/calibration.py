"""Measures of calibration: whether what is stated with a probability comes true as often."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Statements of similar probability beside what came true.

    Attributes
    ----------
    count
        How many statements; never 0.
    lowest, highest
        The smallest and the largest probability stated in the bin.
    stated
        Mean of the probabilities stated.
    true
        Share that came true.
    """

    count: int
    lowest: float
    highest: float
    stated: float
    true: float


def reliability_bins(
    stated: ArrayLike, came_true: ArrayLike, *, bins: int, binning: Literal["width", "mass"]
) -> list[ReliabilityBin]:
    """Sort statements into bins, lowest probability first; empty bins are left out.

    `width` cuts [0, 1] into `bins` equal intervals, each open below and closed above, the first
    closed on both sides (Guo et al., 2017). `mass` puts equally many statements into each bin
    (Nguyen and O'Connor, 2015); equal probabilities stay together, since otherwise the result would
    hang on the order of the input, so there may be fewer bins and uneven ones.

    Parameters
    ----------
    stated
        Probabilities in [0, 1], shape (n,), n ≥ 1.
    came_true
        Whether each came true, shape (n,).
    """
    probabilities, outcomes = _statements(stated, came_true)
    if bins < 1:
        raise ValueError(f"{bins} bins asked for; it takes at least 1")
    number = _bins_of_width(probabilities, bins)
    if binning == "mass":
        number = _bins_of_mass(probabilities, bins)
    groups = [number == each for each in np.unique(number)]
    return [_bin(probabilities[group], outcomes[group]) for group in groups]


def expected_calibration_error(bins: Sequence[ReliabilityBin]) -> float:
    """Return how far the stated probabilities are from what comes true, from 0 to 1.

    `ECE = sum over bins of count / n * |true - stated|` (Naeini, Cooper and Hauskrecht, 2015).
    """
    total = sum(each.count for each in bins)
    return sum(each.count / total * abs(each.true - each.stated) for each in bins)


def brier_score(stated: ArrayLike, came_true: ArrayLike) -> float:
    """Return the mean of `(stated - came true)²`, from 0 (best) to 1 (Brier, 1950).

    The form for two outcomes, half of Brier's own sum over both. Parameters: see
    `reliability_bins`.
    """
    probabilities, outcomes = _statements(stated, came_true)
    return float(np.mean((probabilities - outcomes) ** 2))


def _statements(
    stated: ArrayLike, came_true: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    probabilities = np.asarray(stated, dtype=np.float64)
    outcomes = np.asarray(came_true, dtype=np.bool_).astype(np.float64)
    if probabilities.ndim != 1 or probabilities.shape != outcomes.shape or not probabilities.size:
        shapes = f"{probabilities.shape} and {outcomes.shape}"
        raise ValueError(f"the statements and outcomes have the shapes {shapes}; both must be (n,)")
    if not np.all((probabilities >= 0) & (probabilities <= 1)):
        raise ValueError("a stated probability is not in [0, 1]")
    return probabilities, outcomes


def _bins_of_width(probabilities: NDArray[np.float64], bins: int) -> NDArray[np.intp]:
    inner_edges = np.linspace(0, 1, bins + 1)[1:-1]
    return np.searchsorted(inner_edges, probabilities, side="left")


def _bins_of_mass(probabilities: NDArray[np.float64], bins: int) -> NDArray[np.intp]:
    starts = np.arange(1, bins) * len(probabilities) // bins
    return np.searchsorted(np.sort(probabilities)[starts], probabilities, side="right")


def _bin(stated: NDArray[np.float64], outcomes: NDArray[np.float64]) -> ReliabilityBin:
    return ReliabilityBin(
        count=len(stated),
        lowest=float(stated.min()),
        highest=float(stated.max()),
        stated=float(stated.mean()),
        true=float(outcomes.mean()),
    )
