"""Amounts, measures and percentages, number first and unit in one form; and ranges of them."""

import re
from decimal import Decimal
from typing import Final

from models.normalise.dates import WEEKDAYS
from models.normalise.patterns import FREE, NUMBER, one_of, pattern, plain, put
from models.normalise.units import CURRENCIES, ENGLISH_UNIT, UNIT, UNITS, scaled

_SAME_KIND = (
    r"(?:\d{4}/)?m\d\d(?:/d\d\d)?",
    r"t\d\dh\d\d",
    "|".join(WEEKDAYS),
)
_RANGES: Final = tuple(
    pattern(rf"\b({kind}) ?(?:-|~|至|到|(?:to|through|until) ) ?(?=(?:{kind})\b)")
    for kind in _SAME_KIND
)
# Not in phone numbers and codes: `0755-8110`, `2024-017`, `138-1234-5678`.
_NUMBER_RANGE = pattern(
    rf"(?<![\w./:-])(?!-?0\d)(-?{NUMBER}(?:\^\d+)?(?: ?(?:{UNIT}))?) ?(?:-|~|至|到|to ) ?"
    rf"(?=-?(?:us|hk)?[$¥€£]?{NUMBER})(?!0\d|\d+-\d)"
)
_CURRENCY = pattern(
    rf"(?<![\w$])(?P<currency>{one_of(CURRENCIES)})[ :]?(?P<number>{NUMBER})"
    rf"(?: ?(?P<scale>k|m|mn|bn)(?!\w))?(?: ?(?:yuan|cny|rmb|usd|hkd|元|圆)(?!\w))?"
)
_QUANTITY = pattern(
    rf"{FREE}(?!\d{{4}}s\b)(?P<number>{NUMBER})"
    rf"(?: ?(?P<unit>{UNIT})|-(?P<word>{ENGLISH_UNIT})(?!\w))(?!-\d)"
)
_DAYS = pattern(rf"{FREE}({NUMBER})(?:个?日历)?日(?=之?内|以内|前|以上|以下|期限)")


def read_quantities(text: str) -> str:
    """Write amounts and measures as number and canonical unit: `12 day`, `15%`."""
    text = _CURRENCY.sub(_amount, text)
    text = _DAYS.sub(lambda match: f"{match[1]}天", text)
    return _QUANTITY.sub(_quantity, text)


def _amount(match: re.Match[str]) -> str:
    number = scaled(match["number"], match["scale"]) if match["scale"] else match["number"]
    return put(match, f"{plain(Decimal(number))} {CURRENCIES[match['currency']]}")


def _quantity(match: re.Match[str]) -> str:
    unit = UNITS[match["unit"] or match["word"]]
    space = "" if unit in {"%", "‰"} else " "
    return put(match, f"{plain(Decimal(match['number']))}{space}{unit}")


def mark_ranges(text: str) -> str:
    """Join the two ends of a range by `~`."""
    for form in (*_RANGES, _NUMBER_RANGE):
        text = form.sub(r"\1~", text)
    return text
