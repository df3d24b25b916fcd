"""Sentences made wrong in one place."""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Final

from eval.checks.exchange import done_by_another, moved, negated
from eval.checks.other_cells import from_another_cell

_NUMBER = re.compile(r"(?<![\w.\-/])\d+(?:,\d{3})*(?:\.\d+)?(?![\w\-/])(?! ?[年月日])")
_UNITS: Final = (
    ("工作日", "自然日"), ("个月", "天"), ("天", "个月"), ("小时", "天"), ("分钟", "小时"),
    ("元", "美元"), ("%", "‰"), ("days", "weeks"), ("hours", "days"),
    ("minutes", "hours"), ("months", "years"),
    ("weeks", "months"), ("yuan", "dollars"), ("CNY", "USD"), ("USD", "CNY"), ("mm", "cm"),
    ("MPa", "kPa"), ("mA", "A"), ("kg", "g"), ("bar", "psi"),
)  # fmt: skip
_ENGLISH_MONTHS: Final = (
    "January", "February", "March", "April", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip
_DATE = re.compile(rf"(?:(?<=年)|(?<=年 ))(\d{{1,2}})(?= ?月)|\b({'|'.join(_ENGLISH_MONTHS)})\b")
_MONTHS_IN_YEAR: Final = 12


class Change(StrEnum):
    """What is made wrong."""

    NUMBER = "number"
    UNIT = "unit"
    DATE = "date"
    NEGATION = "negation"
    PLACE = "place"
    ACTOR = "actor"
    CELL = "cell"


def perturbed(
    sentence: str,
    change: Change,
    chance: random.Random,
    *,
    passages: Sequence[str] = (),
    question: str = "",
) -> str | None:
    """Return the sentence with one thing wrong, None if it has nothing of that kind.

    Figures are exchanged for others of the tables of its passages.
    """
    if change is Change.CELL:
        return from_another_cell(sentence, passages, question, chance)
    made = _CHANGES[change](sentence, chance)
    return None if made == sentence else made


def _number(sentence: str, chance: random.Random) -> str | None:
    match = _any(_NUMBER, sentence, chance)
    if match is None:
        return None
    written = match.group().replace(",", "")
    more = f"{float(written) * 1.5:.2f}" if "." in written else str(int(written) + 7)
    return _put(sentence, match, more)


def _unit(sentence: str, _: random.Random) -> str | None:
    for unit, other in _UNITS:
        end = r"(?![a-zA-Z])" if unit.isascii() else ""
        found = re.search(
            rf"(?<=\d){re.escape(unit)}{end}|(?<=\d ){re.escape(unit)}{end}", sentence
        )
        if found:
            return _put(sentence, found, other)
    return None


def _date(sentence: str, chance: random.Random) -> str | None:
    match = _any(_DATE, sentence, chance)
    if match is None:
        return None
    if match[1]:
        return _put(sentence, match, str(int(match[1]) % _MONTHS_IN_YEAR + 1))
    following = _ENGLISH_MONTHS.index(match[2]) + 1
    return _put(sentence, match, _ENGLISH_MONTHS[following % len(_ENGLISH_MONTHS)])


_CHANGES: Final[Mapping[Change, Callable[[str, random.Random], str | None]]] = {
    Change.NUMBER: _number,
    Change.UNIT: _unit,
    Change.DATE: _date,
    Change.NEGATION: negated,
    Change.PLACE: moved,
    Change.ACTOR: done_by_another,
}


def _any(pattern: re.Pattern[str], text: str, chance: random.Random) -> re.Match[str] | None:
    found = list(pattern.finditer(text))
    return chance.choice(found) if found else None


def _put(text: str, match: re.Match[str], replacement: str) -> str:
    return text[: match.start()] + replacement + text[match.end() :]
