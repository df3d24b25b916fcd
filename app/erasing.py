"""What goes on behind the API: erasures are finished, and what is due is let go of."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from app.settings import Settings
from stores.catalog import Catalog
from stores.errors import StoreError

_FIRST_WAIT_SECONDS = 0.5
# Each attempt writes the index anew; whoever asks again does not wait.
_LONGEST_WAIT_SECONDS = 600.0
_UPKEEP_SECONDS = 3600.0
_STOP_SECONDS = 10.0
_logger = logging.getLogger("zhiku.erasing")


class ErasureWorker:
    """Finishes the erasures that are pending, all at once, until none is left.

    One that meets a store which is away or full is tried again, with pauses of at most ten
    minutes; one that a stop or a crash interrupted is taken up again by the next start.

    Parameters
    ----------
    finish
        Finishes what is pending, or raises.
    upkeep
        Lets go of what is due; called at the start and every hour.
    """

    def __init__(self, *, finish: Callable[[], object], upkeep: Callable[[], object]) -> None:
        self._finish = finish
        self._upkeep = upkeep
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="erasing", daemon=True)

    def start(self) -> None:
        """Begin with what an earlier run left."""
        self._thread.start()

    def stop(self) -> None:
        """Stop before the next erasure; one that is going on breaks off when the index closes."""
        self._stop.set()
        self._wake.set()
        self._thread.join(_STOP_SECONDS)

    def wake(self) -> None:
        """Say that there is something to finish."""
        self._wake.set()

    def _work(self) -> None:
        wait, upkeep_at = _FIRST_WAIT_SECONDS, time.monotonic()
        while not self._stop.is_set():
            self._wake.clear()
            try:
                self._finish()
                if time.monotonic() >= upkeep_at:
                    self._upkeep()
                    upkeep_at = time.monotonic() + _UPKEEP_SECONDS
            except (StoreError, OSError) as error:
                _logger.warning("an erasure waits: %s", error)
                self._wake.wait(wait)
                wait = min(2 * wait, _LONGEST_WAIT_SECONDS)
            else:
                wait = _FIRST_WAIT_SECONDS
                self._wake.wait(_UPKEEP_SECONDS)


def let_go_of_what_is_due(settings: Settings, catalog: Catalog, *, now: datetime) -> None:
    """Erase the traces, conversations and receipts that are older than they may be."""
    catalog.traces.purge(now=now, days=settings.traces.days)
    catalog.receipts.purge(now=now)
    days = settings.retention.conversation_days
    if days:
        catalog.conversations.purge(before=now - timedelta(days=days))
