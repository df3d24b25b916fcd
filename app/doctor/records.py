"""A check, and what became of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.errors import AppError


class NotSafe(AppError):
    """Mending could lose what only this place has; nothing was mended."""


class Level(StrEnum):
    """What it means that a check finds something."""

    FAULT = "fault"
    """Something is wrong: it has to be mended."""
    NOTICE = "notice"
    """Something to know, and to act on or not."""


@dataclass(frozen=True, slots=True)
class Check:
    """Something to look at.

    Attributes
    ----------
    name
        Stable, for programs.
    title
        What it looks for, in the words of the report.
    advice
        What to do with what it finds.
    find
        Yields a line for each thing that is found.
    fix
        Mends them and returns how many; None where people have to.
    skipped
        Why it cannot be made now; "" if it can.
    """

    name: str
    level: Level
    title: str
    advice: str
    find: Callable[[], Iterable[str]]
    fix: Callable[[], int] | None = None
    skipped: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What a check found.

    Attributes
    ----------
    found, left
        How many things, at first and after mending.
    examples
        Lines of the first of those that are left, or of those that were found.
    mended
        How many were mended.
    problem
        Why the check could not be made to its end; "" if it could.
    """

    check: Check
    found: int = 0
    examples: tuple[str, ...] = ()
    mended: int = 0
    left: int = 0
    problem: str = ""

    @property
    def is_fault(self) -> bool:
        """Tell whether something is wrong now."""
        return bool(self.problem) or (self.left > 0 and self.check.level is Level.FAULT)

    @property
    def state(self) -> str:
        """One word for the report."""
        if self.problem:
            return "failed"
        if self.check.skipped:
            return "not checked"
        if self.left:
            return self.check.level.value
        return "mended" if self.found else "ok"
