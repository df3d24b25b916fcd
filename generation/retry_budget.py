"""How many of a model's requests may be sent again, whoever asked."""

import time
from collections.abc import Callable
from threading import Lock
from typing import Final

_SHARE: Final = 0.1
_RESERVE: Final = 3.0
_SECONDS_PER_RETRY: Final = 10.0


class RetryBudget:
    """Lets one request in ten be sent again, three at once at most, and one every ten seconds.

    A server that fails now and then is not asked twice for everything: retries come to at most
    `3 + requests / 10 + seconds / 10`. The last part is for a system that is seldom asked. Safe to
    use from several threads.

    Parameters
    ----------
    clock
        Seconds that only go up.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._left = _RESERVE
        self._counted_at = clock()

    def add_request(self) -> None:
        """Count a request that is sent for the first time."""
        with self._lock:
            self._earn(_SHARE)

    def take(self) -> bool:
        """Tell whether a request may be sent again; it then counts as sent."""
        with self._lock:
            now = self._clock()
            self._earn((now - self._counted_at) / _SECONDS_PER_RETRY)
            self._counted_at = now
            # Tenths that were added up are no more exact than this.
            if self._left < 1 - 1e-9:
                return False
            self._left -= 1
            return True

    def _earn(self, retries: float) -> None:
        self._left = min(_RESERVE, self._left + retries)
