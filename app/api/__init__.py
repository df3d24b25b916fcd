"""The REST service. `create_app` is its only entry; the client shares `schemas`."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI

    from app.wiring import System


def _utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(system: "System", *, clock: Callable[[], datetime] = _utc_now) -> "FastAPI":
    """Return the ASGI application that serves an open system; it does not close it.

    `clock` tells the time, in UTC, that keys expire by.
    """
    # The client shares this package's schemas and is no server: it does not load one.
    from app.api.build import build_service  # noqa: PLC0415

    return build_service(system, clock=clock)
