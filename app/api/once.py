"""Work of the language model that is answered as a whole: it takes a place, and ends early."""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, WouldBlock, to_thread
from starlette.requests import ClientDisconnect, Request

from app.api.errors import Overloaded

_Result = TypeVar("_Result")


async def worked(
    work: Callable[[Callable[[], bool]], _Result | None],
    *,
    places: CapacityLimiter,
    request: Request,
) -> _Result:
    """Return what `work` does in a thread, holding one of the places for answers meanwhile.

    `work` is given the function that tells whether to stop, and returns None once it has.

    Raises
    ------
    Overloaded
        All places are taken.
    ClientDisconnect
        The caller went away, and the work was stopped.
    """
    borrower = object()
    try:
        places.acquire_on_behalf_of_nowait(borrower)
    except WouldBlock as error:
        raise Overloaded("all places for answers are taken") from error
    stop = threading.Event()
    watch = asyncio.create_task(_stop_with(request, stop))
    try:
        # A limiter of its own: it never waits for a thread behind the model's other work.
        result = await to_thread.run_sync(work, stop.is_set, limiter=CapacityLimiter(1))
    finally:
        watch.cancel()
        places.release_on_behalf_of(borrower)
    if result is None:
        raise ClientDisconnect
    return result


async def _stop_with(request: Request, stop: threading.Event) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        continue
    stop.set()
