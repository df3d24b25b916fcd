"""The figures as a Markdown table, and the files that lost most."""

from collections.abc import Iterator, Sequence

from eval.documents.measure import GOOD, Result, Summary

_HEAD = (
    f"| format | files | parsed | with text | recall >= {GOOD:g} | median | 10th pct | reference |"
)


def lines(summaries: Sequence[Summary], results: Sequence[Result], *, worst: int) -> Iterator[str]:
    """Yield the table, then per format the `worst` files below the bound with their reason."""
    yield _HEAD
    yield "|---|--:|--:|--:|--:|--:|--:|---|"
    for summary in summaries:
        yield _row(summary)
    for summary in summaries[:-1]:
        yield from _worst([r for r in results if r.format == summary.format], most=worst)


def _row(summary: Summary) -> str:
    share = summary.good / summary.with_words if summary.with_words else 0.0
    tools = "" if summary.format == "all" else "; ".join(summary.tools)
    return (
        f"| {summary.format} | {summary.files} | {summary.parsed} | {summary.with_words} "
        f"| {summary.good} ({share:.1%}) | {summary.median:.3f} | {summary.tenth:.3f} | {tools} |"
    )


def _worst(results: Sequence[Result], *, most: int) -> Iterator[str]:
    poor = [r for r in results if r.recall is not None and r.recall < GOOD]
    for result in sorted(poor, key=lambda r: (r.recall or 0.0, r.name))[:most]:
        yield f"{result.format}/{result.name}: recall {result.recall:.3f}; {result.reason}"
