"""Days as documents write them, in Chinese and English."""

import re
import unicodedata
from datetime import date

from models.chinese import to_simplified

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("january", "february", "march", "april", "may", "june", "july", "august", "september",
         "october", "november", "december"),
        start=1,
    )
}  # fmt: skip
_MONTH = "(?:jan|febr?|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6}\\.?"
_ORDINAL = r"\d{1,2}(?:st|nd|rd|th)"
_DAY = rf"(?:{_ORDINAL}|\d{{1,2}})"
DATE = (
    r"(?:\d{4}\s?年\s?\d{1,2}\s?月\s?\d{1,2}\s?日"
    r"|[〇零○一二三四五六七八九]{4}年[一二三四五六七八九十]{1,3}月[一二三四五六七八九十]{1,3}日"
    r"|(?<![\d.-])\d{4}-\d{1,2}-\d{1,2}(?![\d-])|(?<![\d./])\d{4}/\d{1,2}/\d{1,2}(?![\d/])"
    r"|(?<![\d.])\d{4}\.\d{1,2}\.\d{1,2}(?!\.?\d)"
    # `version 2 of January 2023` has no day: only `2nd of January` is one.
    rf"|(?<!\d)(?:{_DAY}|{_ORDINAL} of) {_MONTH},? \d{{4}}(?!\d)"
    rf"|\b{_MONTH} {_DAY},? \d{{4}}(?!\d))"
)
"""Pattern of a whole date in text that `readable` has prepared; it has no groups.

Numbers alone count only in the order year, month, day: 01/02/2025 is two different days.
"""
_ANY = re.compile(rf"{DATE}|(?<!\d)(?P<month>\d{{1,2}})\s?月\s?(?P<day>\d{{1,2}})\s?日")
_SENTENCE_END = re.compile(r"[。！？!?\n]")
_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")}
_DIGITS |= {"〇": 0, "○": 0}
_YEARS = range(1950, 2200)
_TEN = 10


def readable(text: str) -> str:
    """Return text as the patterns want it: NFKC, lower case, Simplified, one space, whole dates.

    A day without a year takes that of the date before it in its sentence: `2025年1月8日发布，2月1日
    起施行`. Where that would be the earlier day, the year may have changed in between, and it is
    left as it is.
    """
    text = to_simplified(unicodedata.normalize("NFKC", text)).lower()
    return _with_years(re.sub(r"[^\S\n]+", " ", text))


def parse_date(text: str) -> date | None:
    """Return the day of a text that `DATE` matches; None for a day that no calendar has."""
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    month = re.search(r"[a-z]{3,}", re.sub(r"\d+(?:st|nd|rd|th)", "", text))
    if not numbers:
        return _chinese_date(text)
    if month is None:
        year, month_number, day = numbers
    else:
        day, year = numbers
        name = month.group()[:3]
        month_number = next(n for full, n in _MONTHS.items() if full.startswith(name))
    return _day(year, month_number, day)


def _day(year: int, month: int, day: int) -> date | None:
    if year not in _YEARS:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _chinese_date(text: str) -> date | None:
    year, month, day = re.split("[年月日]", text)[:3]
    digits = "".join(str(_DIGITS[character]) for character in year)
    return _day(int(digits), _below_hundred(month), _below_hundred(day))


def _below_hundred(text: str) -> int:
    tens, ten, ones = text.rpartition("十")
    value = _DIGITS.get(ones, 0)
    return value + (_DIGITS.get(tens, 1) * _TEN if ten else 0)


def _with_years(text: str) -> str:
    parts: list[str] = []
    end = 0
    before: tuple[date, int] | None = None
    for match in _ANY.finditer(text):
        if match["month"] is None:
            whole = parse_date(match.group())
            before = None if whole is None else (whole, match.end())
            continue
        same = before and not _SENTENCE_END.search(text, before[1], match.start())
        known = before[0] if before and same else None
        day = _day(known.year, int(match["month"]), int(match["day"])) if known else None
        if known and day and day >= known:
            parts += (
                text[end : match.start()],
                f"{known.year}年{match['month']}月{match['day']}日",
            )
            end = match.end()
    return "".join((*parts, text[end:]))
