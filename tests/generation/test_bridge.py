import threading
from collections.abc import Iterator

import pytest

from generation.bridge import Bridge, Emit


@pytest.fixture
def bridge() -> Iterator[Bridge[int]]:
    made: Bridge[int] = Bridge("test")
    yield made
    made.close()


def never() -> bool:
    return False


def test_items_come_in_order(bridge: Bridge[int]) -> None:
    def produce(emit: Emit[int]) -> None:
        for number in range(100):
            emit(number)

    assert list(bridge.stream(produce, cancelled=never)) == list(range(100))


def test_a_failure_is_raised_after_the_items_before_it(bridge: Bridge[int]) -> None:
    def produce(emit: Emit[int]) -> None:
        emit(1)
        raise OSError("away")

    stream = bridge.stream(produce, cancelled=never)
    assert next(stream) == 1
    with pytest.raises(OSError, match="away"):
        next(stream)


def produce_until_told(emit: Emit[int], *, stopped: threading.Event) -> None:
    while not emit(0):
        pass
    stopped.set()


def test_the_producer_stops_when_the_consumer_leaves(bridge: Bridge[int]) -> None:
    stopped = threading.Event()
    stream = bridge.stream(lambda emit: produce_until_told(emit, stopped=stopped), cancelled=never)
    next(stream)
    assert not stopped.is_set()
    stream.close()  # type: ignore[attr-defined]
    assert stopped.wait(10)


def test_a_cancel_is_seen_while_the_producer_is_silent(bridge: Bridge[int]) -> None:
    release = threading.Event()
    cancel = threading.Event()

    def produce(emit: Emit[int]) -> None:
        cancel.set()
        release.wait(10)

    assert list(bridge.stream(produce, cancelled=cancel.is_set)) == []
    release.set()


def test_closing_stops_a_running_producer(bridge: Bridge[int]) -> None:
    stopped = threading.Event()
    stream = bridge.stream(lambda emit: produce_until_told(emit, stopped=stopped), cancelled=never)
    next(stream)
    bridge.close()
    assert stopped.is_set()
