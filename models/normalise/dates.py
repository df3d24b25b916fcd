"""Times of day, dates, quarters and weekdays."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from models.normalise.chinese_numbers import ONE_TO_TEN, chinese_value
from models.normalise.patterns import FREE, one_of, pattern, put
from models.normalise.units import NOT_BEFORE, UNIT

_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
WEEKDAYS: Final = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip

_PART_OF_DAY = "上午|早上|早晨|清晨|凌晨|中午|下午|傍晚|晚上|晚间|夜间"
_AFTERNOON: Final = frozenset({"下午", "傍晚", "晚上", "晚间", "夜间", "p"})
_NIGHT: Final = frozenset({"晚上", "夜间", "凌晨", "a"})
_HOUR = r"(?:\d{1,2}|二十[一二三四]?|十[一二三四五六七八九]?|[零一二两三四五六七八九])"
_MINUTE = (
    r"(?:\d{2}(?:分(?!钟))?|(?:[二三四五]?十[一二三四五六七八九]?|零[一二三四五六七八九])(?:分(?!钟))?"
    r"|[\d一二三四五六七八九]分(?!钟))"
)
# Without one of these `三点` are three points of a list.
_CLOCK_FOLLOWS = "整|钟|(?=之?[前后]|以[前后]|开始|截止|结束|上班|下班|开门|关门|至|到|[-~])"
_CHINESE_TIME = pattern(
    rf"(?<![\w.:几零{ONE_TO_TEN}])(?P<part>{_PART_OF_DAY})?(?P<hour>{_HOUR})[点时]"
    rf"(?:(?P<half>半)|(?P<minute>{_MINUTE})|(?P<end>{_CLOCK_FOLLOWS})|(?P<nothing>))"
)
_COLON_TIME = pattern(
    rf"(?P<part>{_PART_OF_DAY})?(?<![\w.:])(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?![\d:])"
    r"(?: ?(?P<half>[ap])(?:m(?![a-z])|\.m\.))?"
)
_ENGLISH_TIME = pattern(rf"{FREE}(?P<hour>\d{{1,2}}) ?(?P<half>[ap])(?:m(?![a-z])|\.m\.)")
_OCLOCK = pattern(r"\b(\d{1,2}) o'clock\b")
_NOON = pattern(r"\b(?:12 )?noon\b|正午")
_MIDNIGHT = pattern(r"\b(?:12 )?midnight\b|午夜")


def read_times(text: str) -> str:
    """Write times of day as `t15h00`."""
    text = _COLON_TIME.sub(_colon_time, text)
    text = _ENGLISH_TIME.sub(lambda m: _time(m, int(m["hour"]), 0, m["half"]), text)
    text = _OCLOCK.sub(lambda m: _time(m, int(m[1]), 0, ""), text)
    text = _CHINESE_TIME.sub(_chinese_time, text)
    return _MIDNIGHT.sub("t00h00", _NOON.sub("t12h00", text))


def _colon_time(match: re.Match[str]) -> str:
    part = match["part"] or match["half"] or ""
    return _time(match, int(match["hour"]), int(match["minute"]), part)


def _chinese_time(match: re.Match[str]) -> str:
    said = match["part"] or match["half"] or match["minute"] or match["end"] is not None
    hour, minute = chinese_value(match["hour"]), Decimal(30 if match["half"] else 0)
    if match["minute"]:
        minute = chinese_value(match["minute"].removesuffix("分").lstrip("零")) or minute
    after_range = match.string[: match.start()].endswith(("至", "到", "~", "-"))
    if hour is None or not (said or after_range):
        return match[0]
    return _time(match, int(hour), int(minute), match["part"] or "")


def _time(match: re.Match[str], hour: int, minute: int, part: str) -> str:
    if (part in _AFTERNOON and hour in range(12)) or (part == "中午" and hour in range(3)):
        hour += 12
    elif part in _NIGHT:
        hour = {12: 0}.get(hour, hour)
    if hour not in range(25) or minute not in range(60):
        return match[0]
    return put(match, f"t{hour % 24:02d}h{minute:02d}")


_MONTH_NUMBERS: Final[Mapping[str, int]] = {
    name: number
    for number, month in enumerate(_MONTHS, start=1)
    for name in (month, month[:3], month[:4] if month == "september" else month)
}
_MONTH_NAME = rf"(?P<name>{one_of(_MONTH_NUMBERS)})\b\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?(?![\w/-]|\.\d)"
_YEAR = r"(?P<year>(?:19|20)\d{2})(?!\w|\.\d)"
_MONTH = r"(?P<month>\d{1,2})"
_BEFORE_DATE = r"(?<![\w.:/-])"
_DATES: Final = tuple(
    pattern(form)
    for form in (
        rf"{_BEFORE_DATE}(?P<year>\d{{4}})年{_MONTH}月(?:份|(?P<day>\d{{1,2}})[日号])?",
        rf"{_BEFORE_DATE}{_MONTH}月(?P<day>\d{{1,2}})[日号]",
        rf"{_BEFORE_DATE}(?P<year>\d{{4}})(?P<mark>[-/.]){_MONTH}(?P=mark)(?P<day>\d{{1,2}})(?![\d/-]|\.\d)",
        rf"{_BEFORE_DATE}(?P<year>(?:19|20)\d{{2}})[-/](?P<month>0[1-9]|1[0-2])(?![\w/-]|\.\d)",
        rf"(?<![\w.:/]){_DAY}(?: day)?(?: of)? {_MONTH_NAME},? ?{_YEAR}",
        rf"\b{_MONTH_NAME} ?{_DAY},? ?{_YEAR}",
        rf"\b{_MONTH_NAME},? (?:of )?{_YEAR}",
        rf"(?<![\w.:/]){_DAY}(?: day)?(?: of)? (?!may\b){_MONTH_NAME}",  # `option 1 may be used`
        rf"\b{_MONTH_NAME} {_DAY}",
        rf"\b(?P<name>{one_of(set(_MONTHS) - {'march', 'may'})})\b",
        r"(?:(?<=\bin )|(?<=\bby )|(?<=\bof )|(?<=\bsince )|(?<=\buntil ))(?P<name>march|may)\b",
        rf"(?<![\w.:/\-个第]){_MONTH}月(?:份)?(?![{NOT_BEFORE['月']}])",
    )
)
_ORDINALS: Final = ("first", "second", "third", "fourth")
_QUARTERS: Final = tuple(
    pattern(form)
    for form in (
        r"(?<![\w-])(?P<year>\d{4})年第?(?P<q>[1-4])季度",
        r"(?<![\w-])(?P<year>\d{4})[ -]?q(?P<q>[1-4])(?!\w)",
        r"\bq(?P<q>[1-4])(?: of| in)?,? (?P<year>\d{4})(?!\w)",
        rf"\b(?P<q>{'|'.join(_ORDINALS)}) quarter(?: of| in)?,? (?P<year>\d{{4}})(?!\w)",
        r"(?<![\w.])第?(?P<q>[1-4])季度",
        rf"\b(?P<q>{'|'.join(_ORDINALS)}) quarter\b",
    )
)
_YEAR_ALONE = pattern(r"(?<![\w.第])((?:19|20)\d{2})年(?![度级代龄])")
_UNIT_FOLLOWS = pattern(UNIT)
_CHINESE_WEEKDAY = pattern(
    rf"(?<![\d几零{ONE_TO_TEN}])(?:周|星期|礼拜)([一二三四五六日天])(?![次个年月小天])"
)
_ENGLISH_WEEKDAY = pattern(rf"\b({'|'.join(WEEKDAYS)})s\b")


def read_dates(text: str) -> str:
    """Write dates as `2025/m03/d01`, or what parts of it are said; quarters `2025/q3`."""
    for form in _QUARTERS:
        text = form.sub(_quarter, text)
    for form in _DATES:
        text = form.sub(_date, text)
    text = _YEAR_ALONE.sub(_year, text)
    return _ENGLISH_WEEKDAY.sub(r"\1", text)


def _date(match: re.Match[str]) -> str:
    found = match.groupdict()
    month = _MONTH_NUMBERS.get(found.get("name") or "") or int(found["month"])
    day = int(found.get("day") or 1)
    if month not in range(1, 13) or day not in range(1, 32):
        return match[0]
    parts = [found.get("year"), f"m{month:02d}", f"d{day:02d}" if found.get("day") else None]
    return put(match, "/".join(part for part in parts if part))


def _year(match: re.Match[str]) -> str:
    # `2007年人均` speaks of no 2007 persons.
    unit_follows = _UNIT_FOLLOWS.match(match.string, match.end())
    return f"{match[1]}/" if unit_follows else put(match, match[1])


def _quarter(match: re.Match[str]) -> str:
    said = match["q"]
    quarter = f"q{said if said.isdigit() else _ORDINALS.index(said) + 1}"
    year = match.groupdict().get("year")
    return put(match, f"{year}/{quarter}" if year else quarter)


def read_weekdays(text: str) -> str:
    """Read `周一` as Monday; before the numerals, which would make one week of `一周`."""
    return _CHINESE_WEEKDAY.sub(
        lambda match: put(match, WEEKDAYS["一二三四五六日".find(match[1].replace("天", "日"))]),
        text,
    )
