"""The words of a company: names of several words or characters that stand for one thing."""

import hashlib
from collections.abc import Iterable, Sequence

from models.terms import units

_CHINESE_PAIR = 2


class CompanyWords:
    """Finds words in a text and gives each a term of its own, beside the terms of its pieces.

    A text has the term of a word exactly if the word's units stand in it side by side, wherever
    they stand: no word hides another, so that passage and question always agree. The other way,
    a dictionary of jieba for each company, would cut the text around the words differently with
    every new word, and takes 0.7 s and 70 MiB each.

    A word of one unit and one of two Chinese characters have terms already; they add nothing.

    Parameters
    ----------
    words
        As people write them.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(
            found for word in words if _adds_a_term(found := tuple(units(word)))
        )
        lengths: dict[str, set[int]] = {}
        for word in self._words:
            lengths.setdefault(word[0], set()).add(len(word))
        self._lengths = {first: tuple(sorted(found)) for first, found in lengths.items()}

    @property
    def fingerprint(self) -> str:
        """Tell what the terms of a passage depend on: 16 hex digits, empty without words."""
        if not self._words:
            return ""
        listed = "\n".join(sorted(map(_term, self._words)))
        return hashlib.sha256(listed.encode()).hexdigest()[:16]

    def among(self, units: Sequence[str]) -> list[str]:
        """Return the terms of the words that stand in a text of these units, with repetitions."""
        if not self._words:
            return []
        return [
            _term(word)
            for start, first in enumerate(units)
            for length in self._lengths.get(first, ())
            if (word := tuple(units[start : start + length])) in self._words
        ]


def _adds_a_term(word: tuple[str, ...]) -> bool:
    is_pair = len(word) == _CHINESE_PAIR and all(_is_chinese(unit) for unit in word)
    return len(word) > 1 and not is_pair


def _is_chinese(unit: str) -> bool:
    return len(unit) == 1 and not unit.isascii()


def _term(word: Sequence[str]) -> str:
    # No other term holds a space.
    return " ".join(word)
