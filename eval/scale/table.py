"""The figures as Markdown tables."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from eval.scale.scale import Found, Measured

_MILLISECONDS: Final = 1000
Rows = Sequence[tuple[str, ...]]


def scale_tables(measured: Mapping[int, Measured]) -> str:
    """Return what each size takes, what it finds, and how it bears changes."""
    return "\n\n".join(
        _table(*each)
        for each in (
            (
                (
                    "points",
                    "written, s",
                    "longest batch, ms",
                    "tidied, s",
                    "disk, MiB",
                    "peak above bare, MiB",
                    "opened, s",
                    "serving above bare, MiB",
                ),
                [_size_row(size, each) for size, each in measured.items()],
            ),
            (
                (
                    "points",
                    "readers",
                    "matches",
                    "dense recall@10",
                    "p50 / p95, ms",
                    "lexical recall@10",
                    "p50 / p95, ms",
                ),
                [row for size, each in measured.items() for row in _found_rows(size, each.found)],
            ),
            (
                (
                    "points",
                    "meanwhile",
                    "seconds",
                    "longest write, ms",
                    "searches",
                    "search p50 / p95, ms",
                    "longest search, ms",
                ),
                [row for size, each in measured.items() for row in _phase_rows(size, each)],
            ),
            (
                (
                    "points",
                    "readers",
                    "dense recall@10 after adding",
                    "after deleting",
                    "closed and opened again",
                ),
                [row for size, each in measured.items() for row in _changed_rows(size, each)],
            ),
        )
    )


def _table(headings: tuple[str, ...], rows: Rows) -> str:
    rule = ("--:", *("---" if name in {"readers", "meanwhile"} else "--:" for name in headings[1:]))
    return "\n".join(f"| {' | '.join(row)} |" for row in (headings, rule, *rows))


def _size_row(size: int, each: Measured) -> tuple[str, ...]:
    built, served = each.built, each.served
    return (
        f"{size:,}",
        f"{built.write_seconds:.1f}",
        f"{built.longest_write_seconds * _MILLISECONDS:.0f}",
        f"{built.tidy_seconds:.1f}",
        f"{built.disk_mebibytes:.0f}",
        f"{built.peak_mebibytes - built.bare_mebibytes:.0f}",
        f"{served.open_seconds:.2f}",
        f"{served.serving_mebibytes - served.bare_mebibytes:.0f}",
    )


def _found_rows(size: int, found: Sequence[Found]) -> Iterator[tuple[str, ...]]:
    for each in found:
        yield (
            f"{size:,}",
            each.readers.label,
            f"{each.matches:,}",
            f"{each.dense:.4f}",
            _times(each.searched.dense_seconds),
            f"{each.lexical:.4f}",
            _times(each.searched.lexical_seconds),
        )


def _phase_rows(size: int, each: Measured) -> Iterator[tuple[str, ...]]:
    for phase in each.kept.phases:
        yield (
            f"{size:,}",
            phase.name,
            f"{phase.seconds:.1f}",
            f"{phase.longest_seconds * _MILLISECONDS:.0f}",
            f"{len(phase.search_seconds):,}",
            _times(phase.search_seconds),
            f"{max(phase.search_seconds) * _MILLISECONDS:.0f}",
        )


def _changed_rows(size: int, each: Measured) -> Iterator[tuple[str, ...]]:
    recalls = zip(each.added, each.deleted, each.tidied, strict=True)
    for readers, recall in zip(each.changed, recalls, strict=True):
        yield (f"{size:,}", readers.label, *(f"{found:.4f}" for found in recall))


def _times(seconds: Sequence[float]) -> str:
    """Return the median and the 95th percentile in milliseconds."""
    median, late = np.quantile(np.array(seconds) * _MILLISECONDS, (0.5, 0.95))
    return f"{median:.2f} / {late:.2f}"
