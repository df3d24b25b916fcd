"""The time, as it is handed to the stages."""

from datetime import UTC, date, datetime


def utc_now() -> datetime:
    """Return the time; the clock that is handed to the stages."""
    return datetime.now(UTC)


def today() -> date:
    """Return the day at this machine's place: rules come into force by the local calendar."""
    return datetime.now().astimezone().date()
