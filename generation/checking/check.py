"""What of a sentence does not stand in the passages that it cites, by rules alone."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import combinations, product

from generation.checking.cells import misreadings
from generation.checking.names import strange_names
from generation.checking.outdated import outdated_values
from generation.checking.places import other_places
from generation.checking.polarity import is_turned_round
from generation.checking.values import KnownValues, Value, values
from models.normalise import normalise

# `There are two options: …` counts what the sentence itself goes on to say.
_COUNTS_WHAT_FOLLOWS = re.compile(
    r"(?<![\d.])(\d{1,2}) ?(?:种|项|点|类|步|方面|个(?:条件|步骤|方面|选项|方式|要点|阶段)"
    r"|(?:options|steps|ways|conditions|items|types|kinds|points|things|cases)\b)"
)
_HALF = re.compile(r"一半|半数|各半|减半|\bhal(?:f|ved)\b", re.IGNORECASE)
_HUNDRED = Decimal(100)


class Fault(StrEnum):
    """What is wrong with a sentence."""

    NUMBER = "number"
    UNIT = "unit"
    NAME = "name"
    NEGATION = "negation"
    CELL = "cell"
    OUTDATED = "outdated"


@dataclass(frozen=True, slots=True)
class Finding:
    """A part of a sentence that its passages do not bear out; `text` as it is compared."""

    fault: Fault
    text: str


def find_faults(sentence: str, passages: Sequence[str], *, question: str) -> Iterator[Finding]:
    """Yield what the passages do not bear out: values, names, negations, cells, the past.

    Values are right or wrong; of names and negations one in twenty is found in a right sentence
    that has words of its own.
    """
    yield from find_wrong_values(sentence, passages, question=question)
    names = list(strange_names(sentence, passages, question=question))
    for name in names or other_places(sentence, passages):
        yield Finding(Fault.NAME, name)
    if is_turned_round(sentence, passages, question=question):
        yield Finding(Fault.NEGATION, sentence)
    for misread in misreadings(sentence, passages, question=question):
        yield Finding(Fault.CELL, misread.value.text)
    for value in outdated_values(sentence, passages, question=question):
        yield Finding(Fault.OUTDATED, value.text)


def find_wrong_values(
    sentence: str, passages: Sequence[str], *, question: str
) -> Iterator[Finding]:
    """Yield the numbers, dates, times and codes that stand in no passage and not in the question.

    A number has to stand there with the same unit, unless one of both stands without; a quantity
    may be told in another unit. New may be the sum of the numbers that the sentence takes from
    there, the difference or product of two, a share of one in per cent, half of one where the
    passages speak of a half, and so many times a number of the passages as the question says.
    Numbers that count what the sentence lists are no values.

    What a passage does not say in figures is not seen here.
    """
    known = KnownValues.of(passages, headings=[question])
    asked = KnownValues.of([question], headings=passages)
    said = tuple(dict.fromkeys(values(sentence)))
    halves = any(map(_HALF.search, passages))
    counts = set(_COUNTS_WHAT_FOLLOWS.findall(normalise(sentence)))
    for value in said:
        if asked.agrees(value) or known.agrees(value) or (value.text in counts and not value.unit):
            continue
        if known.holds(value):
            yield Finding(Fault.UNIT, f"{value.text} {value.unit}")
            continue
        taken = [each for each in said if known.holds(each) or asked.holds(each)]
        is_computed = _is_computed(value, taken, halves=halves)
        if not (is_computed or _is_multiple(value, values(question), known)):
            yield Finding(Fault.NUMBER, value.text)


def _is_computed(value: Value, taken: Sequence[Value], *, halves: bool) -> bool:
    numbers = [each.number for each in taken if each.number is not None]
    shares = [each.number for each in taken if each.number is not None and each.unit == "%"]
    return value.number is not None and (
        value.number == sum(numbers)
        or (halves and 2 * value.number in numbers)
        or any(
            value.number in (a + b, a - b, b - a, a * b, a * b / _HUNDRED)
            for a, b in combinations(numbers, 2)
        )
        or any(
            value.number in (a * (_HUNDRED + b) / _HUNDRED, a * (_HUNDRED - b) / _HUNDRED)
            for a, b in product(numbers, shares)
        )
    )


def _is_multiple(value: Value, asked: Sequence[Value], known: KnownValues) -> bool:
    times = [each.number for each in asked if each.number is not None]
    return value.number is not None and any(
        value.number == count * number for count in times for number in known.numbers_in(value.unit)
    )
