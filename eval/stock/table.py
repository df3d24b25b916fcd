"""The comparison as one table."""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from eval.significance import bootstrap_interval, paired_difference_interval
from eval.stock.comparison import MEASURES, Comparison, StackResult
from eval.stock.measure import Measurement, StackName
from eval.summary import SEED

_ALL: Final = "all"
_OURS: Final = frozenset[StackName]({"Zhiku", "Zhiku, no model"})
_MILLISECONDS: Final = 1000
Results = Mapping[StackName, StackResult]


def comparison_table(comparison: Comparison) -> str:
    """Return quality with 95 % intervals and paired differences, speed, memory; by size.

    It is Markdown, below a line that says what was compared. Differences are Zhiku's minus the
    other's on the same questions; of times and memory the other's is divided by Zhiku's instead, so
    that above 1 means that Zhiku takes less.
    """
    first = next(iter(comparison.results.values()))
    headings = (
        *("chunks", "set", "measure"),
        *first,
        *(f"{ours} against {other}" for ours, other in _pairs(first)),
    )
    rows = [
        (str(size), *row)
        for size, results in comparison.results.items()
        for row in (*_quality_rows(results), *_cost_rows(results))
    ]
    rule = ("---", "---", "---", *("--:" for _ in headings[3:]))
    lines = (f"| {' | '.join(row)} |" for row in (headings, rule, *rows))
    return "\n".join([_title(comparison), "", *lines])


def _pairs(results: Results) -> list[tuple[StackName, StackName]]:
    """Return each Zhiku with each stock stack, in the order of the columns."""
    return [
        (ours, other)
        for ours in results
        if ours in _OURS
        for other in results
        if other not in _OURS
    ]


def _title(comparison: Comparison) -> str:
    documents = ", ".join(
        f"{size} chunks of {whole} documents ({made} of them recombined)"
        for size, (whole, made) in comparison.documents.items()
    )
    return (
        f"{documents}; reranker of Zhiku: {comparison.reranker}; cross-encoder "
        f"of the stock stack: {comparison.rerank or 'none'}; commit {comparison.commit}; "
        f"{comparison.machine['processor']}, {comparison.machine['cores']} cores"
    )


def _quality_rows(results: Results) -> Iterator[tuple[str, ...]]:
    sets = list(next(iter(results.values())).scores)
    for name in (*sets, *([_ALL] if len(sets) > 1 else [])):
        for label in MEASURES:
            values = {stack: _scores(result, name, label) for stack, result in results.items()}
            yield (
                f"{name} ({len(next(iter(values.values())))})",
                label,
                *map(_mean, values.values()),
                *(_difference(values[other], values[ours]) for ours, other in _pairs(results)),
            )


def _scores(result: StackResult, name: str, label: str) -> tuple[float, ...]:
    if name != _ALL:
        return result.scores[name][label]
    return tuple(value for scores in result.scores.values() for value in scores[label])


def _mean(values: tuple[float, ...]) -> str:
    found = bootstrap_interval(values, generator=np.random.default_rng(SEED))
    return f"{found.estimate:.3f} [{found.low:.3f}, {found.high:.3f}]"


def _difference(other: tuple[float, ...], ours: tuple[float, ...]) -> str:
    found = paired_difference_interval(other, ours, generator=np.random.default_rng(SEED))
    return f"{found.estimate:+.3f} [{found.low:+.3f}, {found.high:+.3f}]"


def _cost_rows(results: Results) -> Iterator[tuple[str, ...]]:
    costs = {stack: _costs(result.measured) for stack, result in results.items()}
    pairs = _pairs(results)
    for label in next(iter(costs.values())):
        values = {stack: cost[label] for stack, cost in costs.items()}
        yield (
            "",
            label,
            *(f"{value:.1f}" for value in values.values()),
            *(_factor(values[other], values[ours]) for ours, other in pairs),
        )
    chunks = (str(result.measured.chunks) for result in results.values())
    yield ("", "chunks held", *chunks, *("" for _ in pairs))


def _factor(other: float, ours: float) -> str:
    """Return how many times as much the other takes; memory may not have grown at all."""
    return f"× {other / ours:.2f}" if ours > 0 else "–"


def _costs(measured: Measurement) -> dict[str, float]:
    search = np.array(measured.search_seconds) * _MILLISECONDS
    encode = np.array(measured.encode_seconds) * _MILLISECONDS
    return {
        "search p50, ms": float(np.median(search)),
        "search p95, ms": float(np.quantile(search, 0.95)),
        "encoding alone p50, ms": float(np.median(encode)),
        "search less encoding p50, ms": float(np.median(search - encode)),
        "build, s": measured.build_seconds,
        "peak memory, MiB": measured.peak_mebibytes,
        "memory after searching, MiB": measured.serving_mebibytes,
        "before the stack was there, MiB": measured.bare_mebibytes,
        "peak above that, MiB": measured.peak_mebibytes - measured.bare_mebibytes,
    }
