"""From a call that blocks and calls back to an iterator that can be left at any time."""

import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

Item = TypeVar("Item")

Emit = Callable[[Item], bool]
"""Takes what was produced; True tells the producer to stop."""

_MOST_THREADS = 64
_POLL_SECONDS = 0.05


class Bridge(Generic[Item]):
    """Runs producers on threads and hands over what they emit.

    A model that thinks about a long prompt emits nothing for seconds; the consumer is not held up
    by it, so that a cancel takes effect at once for the one who cancelled, and in the producer at
    its next emit.
    """

    def __init__(self, name: str) -> None:
        self._threads = ThreadPoolExecutor(_MOST_THREADS, thread_name_prefix=name)
        self._closing = threading.Event()

    def stream(
        self, produce: Callable[[Emit[Item]], None], *, cancelled: Callable[[], bool]
    ) -> Iterator[Item]:
        """Yield what `produce` emits, until it ends, `cancelled` is true or the consumer leaves.

        An exception of `produce` is raised here, after the items before it.
        """
        items: queue.SimpleQueue[Item | Future[None]] = queue.SimpleQueue()
        stop = threading.Event()

        def emit(item: Item) -> bool:
            items.put(item)
            return stop.is_set() or self._closing.is_set()

        # The future itself, put last, is the mark of the end and carries the exception.
        self._threads.submit(produce, emit).add_done_callback(items.put)
        try:
            yield from _drain(items, cancelled)
        finally:
            stop.set()

    def close(self) -> None:
        """Tell all producers to stop and wait for them."""
        self._closing.set()
        self._threads.shutdown(wait=True, cancel_futures=True)


def _drain(
    items: "queue.SimpleQueue[Item | Future[None]]", cancelled: Callable[[], bool]
) -> Iterator[Item]:
    while not cancelled():
        try:
            item = items.get(timeout=_POLL_SECONDS)
        except queue.Empty:
            continue
        if isinstance(item, Future):
            item.result()
            return
        yield item
