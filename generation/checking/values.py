"""Numbers with their units, dates, times of day and codes of a text, in one spelling each."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final, Self

from models.normalise import normalise
from models.normalise.units import CURRENCIES, UNITS

_WITH_DIGIT = re.compile(
    r"(?:(?<![0-9a-z\u00df-\u024f\u0370-\u03ff])-)?(?<![0-9a-z])(?=[a-z./&_-]*[0-9])"
    r"[0-9a-z]+(?:[-_/.&^][0-9a-z]+)*"
)
_DATE = re.compile(r"(?:(?P<year>\d{4})/)?(?P<month>m\d\d)(?:/(?P<day>d\d\d))?")
_QUARTER = re.compile(r"(?P<year>\d{4})/(?P<quarter>q\d)")
_NUMBER = re.compile(r"(-?\d+(?:\.\d+)?)(?:st|nd|rd|th|/[a-z]+)?")
_JOINERS = re.compile(r"[-_/ ]")
_UNITS = "|".join(
    re.escape(unit) for unit in sorted(set(UNITS.values()), key=lambda unit: (-len(unit), unit))
)
# Of `3~5 day` the unit belongs to both numbers.
_UNIT_BEHIND = re.compile(rf"(?:~-?\d+(?:\.\d+)?)? ?({_UNITS})(?![0-9a-z])")
_CITATION = re.compile(r"[\[【［]\s*\d{1,2}(?:\s*[-–,，、;；]\s*\d{1,2})*\s*[\]】］]")
# Mails quote lists of others: `> 5. …`.
_LIST_NUMBER = re.compile(r"^[ \t>]*\d{1,2}[.)、）](?!\d)|[(（]\d{1,2}[)）]|[①-⑳]", re.MULTILINE)
_ALIKE: Final[Mapping[str, str]] = {"calendarday": "day", "yearold": "year", "°": "°c"}
# So many of the second make one of the first.
_CONTAINED: Final[Mapping[tuple[str, str], int]] = {
    ("year", "month"): 12, ("week", "day"): 7, ("day", "hour"): 24, ("hour", "minute"): 60,
    ("minute", "second"): 60, ("km", "m"): 1000, ("m", "mm"): 1000, ("t", "kg"): 1000,
    ("kg", "g"): 1000, ("l", "ml"): 1000, ("mpa", "kpa"): 1000, ("kv", "v"): 1000,
    ("v", "mv"): 1000, ("a", "ma"): 1000, ("kw", "w"): 1000,
}  # fmt: skip
# Units that one number can be taken to have, if its column does not say which.
_KINDS: Final = (
    ("ms", "second", "minute", "hour", "workhour", "day", "workday", "calendarday", "week",
     "month", "quarter", "year"),
    ("cny", "usd", "hkd", "eur", "gbp", "jpy"),
    ("%", "‰", "pp"), ("pa", "hpa", "kpa", "mpa", "mbar", "bar", "psi"), ("a", "ma"),
    ("mv", "v", "kv"), ("w", "kw"), ("μm", "mm", "cm", "m", "km", "inch"), ("mg", "g", "kg", "t"),
    ("ml", "l", "cbm"),
)  # fmt: skip
# As headings say it: `期限（月）`.
_NAMED_ALONE: Final[Mapping[str, str]] = {"month": "月", "day": "日", "hour": "时", "minute": "分"}
_SCALES: Final[Mapping[int, re.Pattern[str]]] = {
    1_000: re.compile(r"千元|thousand|\bk(?:cny|usd|eur)\b"),
    10_000: re.compile(r"万"),
    1_000_000: re.compile(r"百万|million|\bm(?:cny|usd|eur|n)\b|\b(?:cny|rmb|usd|eur) ?m\b"),
    100_000_000: re.compile(r"亿"),
    1_000_000_000: re.compile(r"billion|十亿"),
}
_REMEMBERED: Final = 512


@dataclass(frozen=True, slots=True)
class Value:
    """Something that is right or wrong to the digit.

    Attributes
    ----------
    text
        A number (`12`, `0.5`), a date or part of one (`2025/m03/d01`, `m03`), a time (`t15h00`), or
        a code without its joiners (`tp380`).
    unit
        Canonical name of what a number counts, such as `day`, `cny`, `%`; empty where none stands
        beside it.
    """

    text: str
    unit: str = ""

    @property
    def number(self) -> Decimal | None:
        """Its value; None for dates, times and codes."""
        return Decimal(self.text) if _NUMBER.fullmatch(self.text) else None

    def elsewhere_called(self) -> Iterator["Value"]:
        """Yield the same quantity in other units: `24 hour` for `1 day`."""
        number = self.number
        for (large, small), count in _CONTAINED.items():
            if number is not None and self.unit == large:
                yield Value(_plain(number * count), small)
            if number is not None and self.unit == small:
                yield Value(_plain(number / count), large)


_normal = lru_cache(_REMEMBERED)(normalise)
"""Each sentence is compared with the same passages."""


@lru_cache(_REMEMBERED)
def values(text: str) -> tuple[Value, ...]:
    """Return the values of a text in order; citation marks and numbers of a list are none."""
    own = _LIST_NUMBER.sub(" ", _CITATION.sub(" ", text))
    return tuple(_values(normalise(own)))


def _values(normal: str) -> Iterator[Value]:
    for match in _WITH_DIGIT.finditer(normal):
        token = match.group()
        number = _NUMBER.fullmatch(token)
        if number:
            unit = _UNIT_BEHIND.match(normal, match.end())
            named = unit[1] if unit else ""
            yield Value(_plain(Decimal(number[1])), _ALIKE.get(named, named))
        elif _DATE.fullmatch(token) or _QUARTER.fullmatch(token):
            yield Value(token)
        else:
            yield Value(_JOINERS.sub("", token))


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


@dataclass(frozen=True, slots=True)
class KnownValues:
    """The values of passages.

    Attributes
    ----------
    units
        By value the units that stand beside it, `""` among them where none does. A date is there
        with all of its parts: `m03/d01` of `2025/m03/d01`.
    text
        The passages, normalised and as they stand: headings name units and scales (`限额（万元）`).
    """

    units: dict[str, frozenset[str]]
    text: str

    @classmethod
    def of(cls, texts: Iterable[str], *, headings: Iterable[str] = ()) -> Self:
        """Read passages; in `headings` units may be named, too."""
        texts = tuple(texts)
        found: dict[str, set[str]] = {}
        for text in texts:
            for each in values(text):
                for part in (each.text, *_parts(each.text)):
                    found.setdefault(part, set()).add(each.unit)
        units = {text: frozenset(units) for text, units in found.items()}
        named = [form for text in (*texts, *headings) for form in (_normal(text), text.lower())]
        return cls(units, "\n".join(named))

    def holds(self, value: Value) -> bool:
        """Tell whether the value stands there, whatever its unit."""
        return value.text in self.units

    def agrees(self, value: Value) -> bool:
        """Tell whether it stands there with the same unit.

        A quantity may be told in another unit (`24 hours` for `1 day`). Where it stands there
        without one, a heading may name it, and must if headings name others of its kind; a heading
        may also name the scale: `万元` over `190` is said as `1,900,000 yuan`.
        """
        units = self.units.get(value.text, frozenset())
        if units and (not value.unit or value.unit in units):
            return True
        if "" in units and (self._names(value.unit) or not self._names_others(value.unit)):
            return True
        others = (*value.elsewhere_called(), *self._scaled(value))
        return any(each.unit in self.units.get(each.text, ()) for each in others)

    def numbers_in(self, unit: str) -> Iterator[Decimal]:
        """Yield the numbers that stand there with a unit."""
        for text, units in self.units.items():
            if unit in units and _NUMBER.fullmatch(text):
                yield Decimal(text)

    def _names(self, unit: str) -> bool:
        return _name_of(unit).search(self.text) is not None

    def _names_others(self, unit: str) -> bool:
        kinds = (kind for kind in _KINDS if unit in kind)
        return any(self._names(other) for kind in kinds for other in kind)

    def _scaled(self, value: Value) -> Iterator[Value]:
        """Yield the value as a column headed by a scale has it: bare, so many times smaller."""
        for scale, words in _SCALES.items():
            if value.number is not None and words.search(self.text):
                yield Value(_plain(value.number / scale))
                yield Value(_plain(value.number / scale), value.unit)


@lru_cache
def _name_of(unit: str) -> re.Pattern[str]:
    """Return what finds the names of a unit; those of Latin letters as whole words."""
    names = {name for name, canonical in UNITS.items() if canonical == unit}
    names |= {name for name, canonical in CURRENCIES.items() if canonical == unit}
    names |= set(_NAMED_ALONE.get(unit, ""))
    patterns = [
        rf"(?<![a-z]){re.escape(name)}(?![a-z])" if name.isascii() else re.escape(name)
        for name in sorted(names, key=lambda name: (-len(name), name))
    ]
    return re.compile("|".join(patterns) or r"(?!)")


def _parts(text: str) -> tuple[str, ...]:
    found = _DATE.fullmatch(text) or _QUARTER.fullmatch(text)
    if not found:
        return ()
    pieces = [piece for piece in found.groups() if piece]
    spans = ((i, j) for i in range(len(pieces)) for j in range(i + 1, len(pieces) + 1))
    return tuple("/".join(pieces[i:j]) for i, j in spans)
