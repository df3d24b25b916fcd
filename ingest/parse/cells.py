"""Spreadsheet values as a person sees them."""

import re
from datetime import date, datetime, time

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]'
    r"|(?P<digits>[0#?][0#?,.]*)|(?P<sign>[$¥￥€£%])|\[[^\]]*\]|[_*].|."
)
_EXPONENT = re.compile(r"[0#?]E[+-]", re.IGNORECASE)
_GENERAL_DIGITS = 11
"""Significant digits that the General format of Excel shows."""


def shown(value: object, number_format: str | None) -> str:
    """Return a cell's value in its number format: dates, percent, thousands, decimals, currency.

    Not followed are fractions, exponents and scaling by thousands: the number itself is shown.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return _number(value, number_format or "General")
    if isinstance(value, date | time):
        return _moment(value)
    return str(value)


def _moment(value: date | time) -> str:
    if isinstance(value, datetime):
        has_time = value.time() != time()
        return value.isoformat(" ", "minutes") if has_time else value.date().isoformat()
    return value.isoformat("minutes") if isinstance(value, time) else value.isoformat()


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
