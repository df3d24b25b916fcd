import threading
from collections.abc import Iterator

import pytest

from ingest.ahead import one_ahead


def test_items_come_in_order() -> None:
    assert list(one_ahead(iter(range(100)))) == list(range(100))
    assert list(one_ahead(iter(()))) == []


def test_one_is_made_while_another_is_used_and_no_more() -> None:
    made: list[int] = []
    second = threading.Event()

    def items() -> Iterator[int]:
        for number in range(5):
            made.append(number)
            if number == 1:
                second.set()
            yield number

    ahead = one_ahead(items())
    assert next(ahead) == 0
    assert second.wait(5), "the next one is made before it is asked for"
    ahead.close()
    assert made == [0, 1]


def test_what_making_one_raises_comes_in_its_turn() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise KeyError("away")

    ahead = one_ahead(items())
    assert next(ahead) == 1
    with pytest.raises(KeyError, match="away"):
        next(ahead)
