"""A circuit breaker: while a server is away, nobody waits for it again and again.

Our own forty lines, because the libraries read the wall clock themselves, so that their opening
and closing could be tested only by waiting or patching.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

_FAILURES = 3
_PAUSE_SECONDS = 5.0


class CircuitOpen(Exception):
    """The server was away a moment ago; it was not asked."""


class CallAbandoned(Exception):
    """Raised inside a call that was left before the server said anything: nothing was learnt."""


class Breaker:
    """Refuses calls after some failures in a row, and then lets one through now and again.

    Parameters
    ----------
    failure
        The errors that mean that the server is away; all others count as its answer.
    failures
        So many in a row open the circuit.
    pause_seconds
        So long no call is let through; then one is, and its result decides.
    clock
        Seconds that only go up.
    """

    def __init__(
        self,
        failure: type[Exception],
        *,
        failures: int = _FAILURES,
        pause_seconds: float = _PAUSE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._failure = failure
        self._failures = failures
        self._pause_seconds = pause_seconds
        self._clock = clock
        self._lock = Lock()
        self._failed = 0
        self._refused_until = 0.0

    @contextmanager
    def call(self) -> Iterator[None]:
        """Surround a call to the server; raises `CircuitOpen` instead of entering.

        Raises
        ------
        CallAbandoned
            The call raised it; the circuit stays as it is.
        """
        self._admit()
        failed: bool | None = False
        try:
            yield
        except CallAbandoned:
            failed = None
            raise
        except self._failure:
            failed = True
            raise
        finally:
            if failed is not None:
                self._settle(failed=failed)

    def _admit(self) -> None:
        with self._lock:
            if self._failed < self._failures:
                return
            now = self._clock()
            if now < self._refused_until:
                raise CircuitOpen
            # This one is the probe; the others wait for what it finds.
            self._refused_until = now + self._pause_seconds

    def _settle(self, *, failed: bool) -> None:
        with self._lock:
            self._failed = self._failed + 1 if failed else 0
            self._refused_until = self._clock() + self._pause_seconds
