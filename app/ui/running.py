"""A turn that goes on while the page is drawn anew.

Streamlit runs the page's script again at every click. The turn lives in a thread of its own, so
that a click elsewhere does not end it, and a click on "stop" is noticed while the model is silent.
"""

import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing

from app.client import ApiError
from app.ui.turn import Ended, Event, Phase, Turn

# A page that is open fetches events several times a second. When so many wait for so long, nobody
# will come back for them: the stream is ended, and the API stops the model.
_WAITING_EVENTS = 512
_ABANDONED_SECONDS = 10.0


def _generated(events: Iterator[Event]) -> Generator[Event, None, None]:
    yield from events


class RunningTurn:
    """Carries out a turn in the background; `advance` takes over what has happened.

    Parameters
    ----------
    turn
        The turn before anything happened.
    events
        What happens; iterated in the background, and closed when the turn is stopped.
    broken_off
        The line to show if the events end without an answer.
    told
        Returns the line to show for an error of the API.
    """

    def __init__(
        self,
        turn: Turn,
        events: Iterator[Event],
        *,
        broken_off: str,
        told: Callable[[ApiError], str] = str,
    ) -> None:
        self.turn = turn
        self._broken_off = broken_off
        self._told = told
        self._began = time.monotonic()
        self._stop = threading.Event()
        self._waiting: queue.Queue[Event] = queue.Queue(_WAITING_EVENTS)
        self._thread = threading.Thread(target=self._pump, args=(events,), daemon=True)
        self._thread.start()

    @property
    def elapsed_seconds(self) -> int:
        """Whole seconds since the turn began."""
        return int(time.monotonic() - self._began)

    @property
    def going_on(self) -> bool:
        """Whether more may happen."""
        return self._thread.is_alive()

    def advance(self, *, seconds: float) -> Turn:
        """Wait for something to happen, `seconds` at most, and return the turn as it is now."""
        ended = not self.going_on
        try:
            self._take(self._waiting.get(timeout=0 if ended else seconds))
            self._take_waiting()
        except queue.Empty:
            if ended:
                self._take(Ended(Phase.FAILED, self._broken_off))
        return self.turn

    def stop(self) -> Turn:
        """End the turn; what was written so far stays."""
        self._stop.set()
        self._take_waiting()
        self._take(Ended(Phase.STOPPED))
        return self.turn

    def _take_waiting(self) -> None:
        while not self._waiting.empty():
            self._take(self._waiting.get_nowait())

    def _take(self, event: Event) -> None:
        self.turn = self.turn.after(event)

    def _pump(self, events: Iterator[Event]) -> None:
        try:
            with closing(_generated(events)) as stream:
                for event in stream:
                    if self._stop.is_set():
                        return
                    self._waiting.put(event, timeout=_ABANDONED_SECONDS)
        except ApiError as error:
            self._put_last(Ended(Phase.FAILED, self._told(error)))
        except queue.Full:
            return

    def _put_last(self, event: Event) -> None:
        try:
            self._waiting.put(event, timeout=_ABANDONED_SECONDS)
        except queue.Full:
            return
