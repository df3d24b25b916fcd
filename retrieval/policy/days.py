"""The days that a question is about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """From its first day to its last, inclusive."""

    first: date
    last: date

    def distance(self, other: "Period") -> int:
        """Return how many days lie between two periods; 0 if they share a day."""
        return max((other.first - self.last).days, (self.first - other.last).days, 0)


@dataclass(frozen=True, slots=True)
class Asked:
    """What days a question is about.

    Attributes
    ----------
    day
        The day on which it is asked, or as of which it is asked.
    periods
        What an edition has to be in force in to be preferred, at least one.
    earlier, later
        Whether editions that ended before, or begin after, `day` are asked for without a date.
    words
        The words of the question that say any of it; none where it is asked as of `day` alone.
    """

    day: date
    periods: tuple[Period, ...]
    earlier: bool = False
    later: bool = False
    words: tuple[str, ...] = ()

    def distance(self, period: Period) -> int:
        """Return how many days lie between a period and the nearest asked one."""
        return min(asked.distance(period) for asked in self.periods)

    def wants(self, period: Period) -> bool:
        """Tell whether an edition of that period is asked for by a word such as `former`."""
        return (self.earlier and period.last < self.day) or (self.later and period.first > self.day)


def asked_as_of(day: date, named: Iterable[Period] = ()) -> Asked:
    """Return what is asked as of a day, and besides of the named periods."""
    return Asked(day, (Period(day, day), *named))
