"""Working ahead: the next item is made while the one before is used."""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_Item = TypeVar("_Item")
_END = object()


def one_ahead(items: Iterator[_Item]) -> Generator[_Item, None, None]:
    """Yield the items, each made in another thread while the one before is used.

    Never more than one is made ahead, so that whoever uses them slowly holds up their making. What
    making one raises is raised when its turn comes. Where the user stops early, the one that is
    being made is waited for and dropped.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as maker:
        coming = maker.submit(next, items, _END)
        while (item := coming.result()) is not _END:
            coming = maker.submit(next, items, _END)
            yield item  # type: ignore[misc]
