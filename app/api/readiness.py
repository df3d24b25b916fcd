"""Asking every part whether it answers, without ever waiting long or piling up."""

import asyncio
from collections.abc import Callable, Mapping

from anyio import CapacityLimiter, to_thread

from app.api.errors import STAGE_ERRORS

CHECK_SECONDS = 2.0


class Readiness:
    """The checks of the parts. One that hangs is asked once, however many callers wait for it."""

    def __init__(self, checks: Mapping[str, Callable[[], None]]) -> None:
        self._checks = checks
        self._running: dict[str, asyncio.Task[None]] = {}
        self._threads = CapacityLimiter(len(checks))

    async def failures(self) -> dict[str, Exception | None]:
        """Ask all parts at once; return what each raised, `TimeoutError` after two seconds."""
        tasks = {name: self._task(name) for name in self._checks}
        await asyncio.wait(tasks.values(), timeout=CHECK_SECONDS)
        return {name: _failure(task) for name, task in tasks.items()}

    def _task(self, name: str) -> asyncio.Task[None]:
        running = self._running.get(name)
        if running is None or running.done():
            running = asyncio.create_task(self._check(name))
            self._running[name] = running
        return running

    async def _check(self, name: str) -> None:
        await to_thread.run_sync(self._checks[name], abandon_on_cancel=True, limiter=self._threads)


def _failure(task: asyncio.Task[None]) -> Exception | None:
    if not task.done():
        return TimeoutError()
    error = task.exception()
    if error is None or isinstance(error, STAGE_ERRORS):
        return error
    raise error
