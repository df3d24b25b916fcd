"""What the endpoints work with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Annotated, ParamSpec, TypeVar, cast

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Request

from app.api.readiness import Readiness
from app.erasing import ErasureWorker
from app.ingestion import IngestionWorker
from app.wiring import System

_CALLS = 16
ANSWERS = 16
_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The open system, the workers, the clock, and the threads that the stages run in.

    Attributes
    ----------
    calls
        Bounds the short calls (search, catalog, files); further ones wait.
    answers
        Bounds the answers being written; further ones are refused, since each takes long.
    summaries
        Bounds the summaries being written; further ones wait, since nobody waits for them.
    """

    system: System
    worker: IngestionWorker
    erasures: ErasureWorker
    clock: Callable[[], datetime]
    readiness: Readiness
    calls: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_CALLS))
    answers: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(ANSWERS))
    summaries: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(1))

    async def call(
        self,
        function: Callable[_Arguments, _Result],
        *arguments: _Arguments.args,
        **options: _Arguments.kwargs,
    ) -> _Result:
        """Run a stage's function in a thread."""
        return await to_thread.run_sync(
            partial(function, *arguments, **options), limiter=self.calls
        )


async def _services(request: Request) -> Services:
    return cast("Services", request.app.state.services)


ServicesDependency = Annotated[Services, Depends(_services)]
