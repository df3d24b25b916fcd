"""One answer while it is written: event by event, in threads, to be stopped at any moment."""

import asyncio
import threading
from collections.abc import Callable, Generator, Iterator

from anyio import CancelScope, CapacityLimiter, WouldBlock, to_thread
from starlette.requests import ClientDisconnect, Request

from app.api.errors import Overloaded
from generation.records import Answer, AnswerDone, AnswerEvent


class Writing:
    """An answer being written; it holds one of the places for answers until it is finished.

    Parameters
    ----------
    start
        Begins the answer, given the function that tells whether to stop.
    places
        How many answers may be written at a time; `Overloaded` is raised when all are taken.
    """

    def __init__(
        self,
        start: Callable[[Callable[[], bool]], Iterator[AnswerEvent]],
        *,
        places: CapacityLimiter,
    ) -> None:
        try:
            places.acquire_on_behalf_of_nowait(self)
        except WouldBlock as error:
            raise Overloaded("all places for answers are taken") from error
        self._places = places
        # Its own: an answer that holds a place never waits for a thread behind another's model.
        self._thread = CapacityLimiter(1)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._events = _closable(start(self._stop.is_set))

    async def next(self) -> AnswerEvent | None:
        """Return the next event; None after the last. When cancelled it returns at once.

        The model is then still at work, until `finish` tells it to stop.
        """
        return await to_thread.run_sync(self._next, abandon_on_cancel=True, limiter=self._thread)

    async def last(self, request: Request) -> Answer:
        """Return the whole answer.

        Raises
        ------
        ClientDisconnect
            The caller went away, and the model was stopped.
        """
        watch = asyncio.create_task(self._stop_with(request))
        try:
            while event := await self.next():
                if isinstance(event, AnswerDone):
                    return event.answer
            raise ClientDisconnect
        finally:
            watch.cancel()

    async def finish(self) -> None:
        """Stop the model if it still writes, wait until it has stopped, and give the place back."""
        self._stop.set()
        try:
            with CancelScope(shield=True):
                await to_thread.run_sync(self._close, limiter=self._thread)
        finally:
            self._places.release_on_behalf_of(self)

    async def _stop_with(self, request: Request) -> None:
        while (await request.receive())["type"] != "http.disconnect":
            continue
        self._stop.set()

    def _next(self) -> AnswerEvent | None:
        with self._lock:
            return next(self._events, None)

    def _close(self) -> None:
        # The lock: a step that was abandoned still runs until the model's next token.
        with self._lock:
            self._events.close()


def _closable(events: Iterator[AnswerEvent]) -> Generator[AnswerEvent, None, None]:
    # Closing it closes what it delegates to: the answer, and in turn the model's stream.
    yield from events
