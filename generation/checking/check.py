"""What of a sentence does not stand in the passages that it cites, by rules alone."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Self

from generation.checking.names import unknown_names
from generation.checking.negation import denied
from generation.checking.values import KnownValues, Value, values
from models.terms import terms

_CLAUSE = re.compile(
    r"[，,；;。！？!?：:\n]|\.(?=\s|$)|\b(?:but|however|while)\b|但是?|而(?=不|未)"
)
_ALIKE = 0.65
"""Share of a clause's terms that a clause of the passage must hold to be taken for its source."""
_LEAST_TERMS = 3


class Fault(StrEnum):
    """What is wrong with a sentence."""

    NUMBER = "number"
    UNIT = "unit"
    NAME = "name"
    NEGATION = "negation"


@dataclass(frozen=True, slots=True)
class Finding:
    """A part of a sentence that its passages do not bear out; `text` as it is compared."""

    fault: Fault
    text: str


def find_faults(sentence: str, passages: Sequence[str], *, question: str) -> tuple[Finding, ...]:
    """Return what the passages do not bear out, nothing if all of it stands there.

    - Every number, date, time and code stands in a passage or in the question; a number with the
      unit that it has there, unless one of both stands without. New may be the sum, difference or
      product of two numbers that the sentence takes from there.
    - Every name stands in a passage or in the question.
    - A clause that repeats a clause of a passage denies what that denies, and only that.

    What a passage says in other words is not seen here, nor what it implies.
    """
    return (
        *_wrong_values(sentence, passages, question),
        *(Finding(Fault.NAME, name) for name in unknown_names(sentence, passages, question)),
        *_turned_clauses(sentence, passages),
    )


def _wrong_values(sentence: str, passages: Sequence[str], question: str) -> Iterator[Finding]:
    known, asked = KnownValues.of(passages), KnownValues.of([question])
    said = list(dict.fromkeys(values(sentence)))
    for value in said:
        if asked.agrees(value):
            continue
        if known.holds(value):
            if not known.agrees(value):
                yield Finding(Fault.UNIT, f"{value.text} {value.unit}")
        elif not _is_computed(value, [other for other in said if known.holds(other)]):
            yield Finding(Fault.NUMBER, value.text)


def _is_computed(value: Value, operands: Sequence[Value]) -> bool:
    """Tell whether a number is the sum, difference or product of two that the sentence names."""
    wanted = value.number
    numbers = [each.number for each in operands if each.number is not None]
    return wanted is not None and any(
        wanted in (a + b, a - b, b - a, a * b) for a, b in combinations(numbers, 2)
    )


def _turned_clauses(sentence: str, passages: Iterable[str]) -> Iterator[Finding]:
    sources = [_Clause.read(clause) for passage in passages for clause in _clauses(passage)]
    for text in _clauses(sentence):
        clause = _Clause.read(text)
        if len(clause.terms) < _LEAST_TERMS:
            continue
        alike = [source for source in sources if _share(clause.terms, source.terms) >= _ALIKE]
        if alike and not any(clause.agrees(source) for source in alike):
            yield Finding(Fault.NEGATION, text)


@dataclass(frozen=True, slots=True)
class _Clause:
    terms: frozenset[str]
    denied: frozenset[str]

    @classmethod
    def read(cls, text: str) -> Self:
        return cls(frozenset(terms(text)), denied(text))

    def agrees(self, source: "_Clause") -> bool:
        """Tell whether both deny the same of what both speak of."""
        shared = self.terms & source.terms
        return self.denied & shared == source.denied & shared


def _share(said: frozenset[str], held: frozenset[str]) -> float:
    return len(said & held) / len(said)


def _clauses(text: str) -> list[str]:
    return [clause.strip() for clause in _CLAUSE.split(text) if clause.strip()]
