"""Which edition of a document a question is about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from itertools import groupby
from uuid import UUID

from retrieval.policy.days import Asked, Period
from stores.records import Document


class Standing(IntEnum):
    """How a document stands to the asked days; the number is the signal `edition`."""

    IN_FORCE = 1
    """It is in force on an asked day, or it is asked for."""
    NEAREST = 0
    """It is not, but no edition that was found is, and this one is the nearest."""
    EARLIER = -1
    """Another edition is preferred, and this one ended before it."""
    LATER = -2
    """Another edition is preferred, and this one begins after it."""


@dataclass(frozen=True, slots=True)
class Edition:
    """How one document stands, and which edition is preferred to it, if any."""

    standing: Standing
    preferred: UUID | None = None


def editions(documents: Iterable[Document], asked: Asked) -> Mapping[UUID, Edition]:
    """Return how each document with a date of effect stands; others are left out.

    Left out, too, is a document that is over while all that take its place began with it: a price
    list for the spring is not superseded by that for the year.

    Only the given documents take part: an edition that was not found, or that the asker may not
    see, changes nothing. Within a series, an edition ends at the latest the day before the next
    begins. Where none is in force on an asked day, the nearest one stands in for it.
    """
    dated = {each.id: each for each in documents if each.effective_from or each.effective_to}
    in_order = sorted(dated.values(), key=_series_then_begin)
    standings: dict[UUID, Edition] = {}
    for _, group in groupby(in_order, key=lambda document: document.series or document.id):
        series = list(group)
        standings |= _of_series(series, periods_in_force(series), asked)
    return standings


def periods_in_force(series: Sequence[Document]) -> list[Period]:
    """Return when each edition is in force, given in the order in which they begin."""
    begins = [each.effective_from or date.min for each in series]
    periods = []
    for number, each in enumerate(series):
        later = [begin for begin in begins[number + 1 :] if begin > begins[number]]
        ends = [begin - timedelta(days=1) for begin in later[:1]]
        if each.effective_to is not None:
            ends.append(each.effective_to)
        periods.append(Period(begins[number], min(ends, default=date.max)))
    return periods


def _of_series(
    series: Sequence[Document], periods: Sequence[Period], asked: Asked
) -> dict[UUID, Edition]:
    """Return how the editions of one series stand."""
    distances = [asked.distance(period) for period in periods]
    best = min(distances)
    placed = list(zip(series, periods, distances, strict=True))
    nearest = [(each, period.first) for each, period, distance in placed if distance == best]
    standings = {}
    for each, period, distance in placed:
        if distance == best:
            standings[each.id] = Edition(Standing.NEAREST if best else Standing.IN_FORCE)
        elif asked.wants(period):
            standings[each.id] = Edition(Standing.IN_FORCE)
        elif (edition := _behind(period.first, nearest)) is not None:
            standings[each.id] = edition
    return standings


def _behind(begin: date, nearest: Iterable[tuple[Document, date]]) -> Edition | None:
    """Return how an edition stands to the first of the nearest that begins on another day.

    None if all of them begin on the same day as it: what begins together replaces nothing of it,
    even where one of them ends sooner.
    """
    for document, other in nearest:
        if other != begin:
            return Edition(Standing.LATER if begin > other else Standing.EARLIER, document.id)
    return None


def _series_then_begin(document: Document) -> tuple[str, date, str]:
    return (
        document.series or str(document.id),
        document.effective_from or date.min,
        str(document.id),
    )
