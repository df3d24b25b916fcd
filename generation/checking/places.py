"""Places that a sentence speaks of where its passages speak of others."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from models.place_names import place_names

_WHOLE_COUNTRY: Final = frozenset({"中 国", "china"})
"""What holds for all of it is said of places in it, too; of other countries less is known."""
_REMEMBERED: Final = 256


def other_places(sentence: str, passages: Sequence[str]) -> Iterator[str]:
    """Yield the places of a sentence that no passage names, where a passage names another place.

    Names count in both languages. The question is no excuse: what holds for one office is easily
    said of the one that was asked about. Where the passages name no place, or the whole country,
    they may hold for all.
    """
    named = frozenset[str]().union(*map(_places, passages))
    if not named or named & _WHOLE_COUNTRY:
        return
    for group in place_names().groups(sentence):
        if not group & named:
            yield min(group)


@lru_cache(_REMEMBERED)
def _places(text: str) -> frozenset[str]:
    return frozenset[str]().union(*place_names().groups(text))
