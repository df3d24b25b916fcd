"""One page on a run that a stranger can read."""

from eval.report.page import write_report

__all__ = ["write_report"]
