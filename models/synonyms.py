"""Expressions that mean the same in a company: abbreviations and synonyms, of both languages."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from models.terms import units

MAX_EXPANSIONS = 8
"""How many expressions a question is given at most, beside its own."""

_ENGLISH = re.compile(
    r"a|all|am|an|and|any|are|as|at|be|but|by|can|do|for|go|had|has|he|her|him|his|i|if|in|into|is"
    r"|it|its|let|may|me|my|no|not|of|off|on|one|or|our|out|own|per|she|so|than|that|the|them|then"
    r"|they|this|to|too|up|us|was|we|who|why|will|you"
)
"""Words that stand in any English question; an abbreviation spelt as one (`IT`, `US`) is meant only
where it is written as the lexicon has it."""

_Units = tuple[str, ...]


class Synonyms:
    """Knows for each expression the others of its group.

    Parameters
    ----------
    groups
        Expressions that mean the same, in groups; one that is in several groups has the others of
        all of them.
    abbreviations
        Those of the expressions that are abbreviations.
    """

    def __init__(
        self, groups: Iterable[Sequence[str]], *, abbreviations: Iterable[str] = ()
    ) -> None:
        self._others: dict[_Units, dict[str, None]] = {}
        for group in groups:
            for expression in group:
                key = tuple(units(expression))
                if key:
                    others = [each for each in group if tuple(units(each)) != key]
                    self._others.setdefault(key, {}).update(dict.fromkeys(others))
        self._exact = {
            key: written
            for written in abbreviations
            if len(key := tuple(units(written))) == 1 and _ENGLISH.fullmatch(key[0])
        }
        lengths: dict[str, set[int]] = {}
        for expressed in self._others:
            lengths.setdefault(expressed[0], set()).add(len(expressed))
        self._lengths = {first: sorted(found, reverse=True) for first, found in lengths.items()}

    def of(self, text: str) -> list[str]:
        """Return what the expressions of a text can also be called, in the order of the text.

        The longest expression at a place counts, and none within it. At most `MAX_EXPANSIONS`, and
        none that the text itself has.
        """
        if not self._others:
            return []
        there = units(text)
        others = dict.fromkeys(
            other for key in self._expressions(text, there) for other in self._others[key]
        )
        added = [other for other in others if not _holds(there, units(other))]
        return added[:MAX_EXPANSIONS]

    def groups(self, text: str) -> list[frozenset[str]]:
        """Return each expression of a text together with its others, all as units with spaces."""
        return [
            frozenset((" ".join(key), *(" ".join(units(other)) for other in self._others[key])))
            for key in self._expressions(text, units(text))
        ]

    def _expressions(self, text: str, there: Sequence[str]) -> Iterator[_Units]:
        start = 0
        while start < len(there):
            lengths = self._lengths.get(there[start], ())
            candidates = (tuple(there[start : start + length]) for length in lengths)
            found = next((key for key in candidates if self._is_meant(key, text)), None)
            if found is not None:
                yield found
            start += 1 if found is None else len(found)

    def _is_meant(self, key: _Units, text: str) -> bool:
        if key not in self._others:
            return False
        exact = self._exact.get(key)
        if exact is None:
            return True
        written = unicodedata.normalize("NFKC", text)
        return bool(re.search(rf"(?<![A-Za-z0-9]){re.escape(exact)}(?![A-Za-z0-9])", written))


def _holds(there: Sequence[str], sought: Sequence[str]) -> bool:
    width = len(sought)
    return any(
        list(there[start : start + width]) == list(sought)
        for start in range(len(there) - width + 1)
    )
