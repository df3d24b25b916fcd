"""Spreadsheet values as a person sees them."""

import re
from datetime import date, datetime, time, timedelta

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]'
    r"|(?P<digits>[0#?][0#?,.]*)|(?P<sign>[$¥￥€£%])|\[[^\]]*\]|[_*].|."
)
_EXPONENT = re.compile(r"[0#?]E[+-]", re.IGNORECASE)
_LITERAL = re.compile(r'"[^"]*"|\\.|[_*].|\[(?!h+\]|m+\]|s+\])[^\]]*\]|am/pm|a/p', re.IGNORECASE)
"""What stands in a date format and is no part of the date; `[h]` counts hours beyond a day."""
_HOUR = 3600
_GENERAL_DIGITS = 11
"""Significant digits that the General format of Excel shows."""


def shown(value: object, number_format: str | None) -> str:
    """Return a cell's value in its number format: dates, percent, thousands, decimals, currency.

    Days are written as in ISO 8601, whatever their order in the format; what the format leaves out,
    a day of the month or a time, is left out. Not followed are fractions, exponents and scaling by
    thousands: the number itself is shown.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return _number(value, number_format or "General")
    if isinstance(value, date | time | timedelta):
        return _moment(value, _LITERAL.sub("", number_format or "").lower())
    return str(value)


def _moment(value: date | time | timedelta, number_format: str) -> str:
    """Return a moment with the parts that the format shows, all of them if it names none."""
    precision = "seconds" if "s" in number_format else "minutes"
    if isinstance(value, timedelta):
        return _duration(value, precision)
    if isinstance(value, time):
        return value.isoformat(precision)
    has_time = isinstance(value, datetime) and value.time() != time()
    is_free = not any(letter in number_format for letter in "ymdh")
    if isinstance(value, datetime) and ("h" in number_format or (is_free and has_time)):
        return value.isoformat(" ", precision)
    if is_free or "d" in number_format or "h" in number_format:
        return f"{value:%Y-%m-%d}"
    return f"{value:%Y-%m}" if "m" in number_format else f"{value:%Y}"


def _duration(value: timedelta, precision: str) -> str:
    """Return hours, minutes and seconds; hours may be more than a day has."""
    total = round(abs(value).total_seconds())
    parts = [total // _HOUR, total // 60 % 60, *([total % 60] if precision == "seconds" else [])]
    return ("-" if value < timedelta() else "") + ":".join(f"{part:02d}" for part in parts)


def _number(value: float, number_format: str) -> str:
    sections = number_format.split(";")
    tokens = list(_TOKEN.finditer(sections[1] if value < 0 and len(sections) > 1 else sections[0]))
    patterns = [token["digits"] for token in tokens if token["digits"]]
    if len(patterns) != 1 or _EXPONENT.search(number_format):
        return _general(value)
    is_percent = any(token["sign"] == "%" for token in tokens)
    number = _digits(abs(value) * 100 if is_percent else abs(value), patterns[0])
    return ("-" if value < 0 else "") + "".join(_part(token, number) for token in tokens).strip()


def _digits(value: float, pattern: str) -> str:
    """Format by a pattern such as `#,##0.00` or `000`."""
    whole, _, decimals = pattern.partition(".")
    places = len(decimals.strip(","))
    if "," in whole.rstrip(","):
        return f"{value:,.{places}f}"
    width = whole.count("0") + (places + 1 if places else 0)
    return f"{value:0{width}.{places}f}"


def _part(token: re.Match[str], number: str) -> str:
    """Return what a token of the format shows; colours, fillings and brackets show nothing."""
    if token["digits"]:
        return number
    literals = (token["quoted"], token["escaped"], token["currency"], token["sign"])
    text = next((literal for literal in literals if literal), "")
    return "" if text in {"(", ")", "-"} else text


def _general(value: float) -> str:
    if isinstance(value, int) or (value.is_integer() and abs(value) < 10**_GENERAL_DIGITS):
        return str(int(value))
    return f"{value:.{_GENERAL_DIGITS}g}"
