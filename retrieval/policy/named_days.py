"""Dates, years and words of time in a question, in Chinese and English."""

import calendar
import re
from collections.abc import Iterator
from datetime import date, timedelta

from retrieval.policy.days import Asked, Period

_MONTHS = {
    name.casefold(): number
    for names in (calendar.month_name, calendar.month_abbr)
    for number, name in enumerate(names)
    if name
}
_EN_MONTH = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\.?"
_EN_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_DIGITS = r"(?P<year>(?:19|20)\d\d)"
_EN_BEFORE = r"(?P<before>\b(?:before|prior to)\s+)?"
_ZH_BEFORE = r"(?P<before>\s*(?:之|以)?前)?"
_HAN_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_RELATIVE = {"前年": -2, "去年": -1, "今年": 0, "明年": 1}
_RELATIVE |= {"last year": -1, "this year": 0, "next year": 1}
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        # 2024-03-01, 2024/3/1, 2024.03; not a piece of a document number such as FIN-2024-03.
        rf"(?<![\w./-]){_DIGITS}[-/.](?P<month>\d{{1,2}})(?:[-/.](?P<day>\d{{1,2}}))?(?![\w/-])"
        rf"{_ZH_BEFORE}",
        r"(?P<year>(?<!\d)(?:19|20)\d\d\s*年|[一二][〇零○九][〇零○一二三四五六七八九]{2}年|[去前今明]年)"
        r"(?:的?\s*(?P<month>\d{1,2})\s*月(?:份|底|初)?(?:\s*(?P<day>\d{1,2})\s*[日号號])?)?"
        rf"{_ZH_BEFORE}",
        rf"{_EN_BEFORE}{_EN_DAY}\s+(?:of\s+)?{_EN_MONTH},?\s+{_DIGITS}\b",
        rf"{_EN_BEFORE}{_EN_MONTH}\s+{_EN_DAY},\s*{_DIGITS}\b",
        rf"{_EN_BEFORE}\b{_EN_MONTH},?\s+(?:of\s+)?{_DIGITS}\b",
        r"\b(?P<year>(?:last|this|next) year)\b",
        rf"{_EN_BEFORE}(?<![\w./-]){_DIGITS}(?![\w/-]|\.\d)",
    )
)
_YEARS_BACK, _YEARS_AHEAD = 30, 10
"""A number further away from the present is a quantity rather than a year."""

_RULES = r"(?:edition|version|rules?|polic(?:y|ies)|price list|standards?|regulations?|handbook)"
_EARLIER = re.compile(
    r"旧版|旧的|旧办法|旧规|旧制|新旧|老版|老办法|老规|原版|原来的|原先|从前|上一版|前一版|两版|各版|废止"
    r"|历史版本|当时|那时|那会儿|(?:^|[，,。；、\s])以前|之前的?(?:版|规|办法|制度|标准)"
    r"|\b(?:old|former|formerly|previous|previously|superseded|repealed|back then|used to|editions"
    r"|at (?:the|that) time|of the time|earlier (?:edition|version|rules?|polic(?:y|ies)))\b",
    re.IGNORECASE,
)
_LATER = re.compile(
    r"即将|将要|将于|下一版|新版将|\b(?:upcoming|forthcoming|future|next (?:edition|version)"
    r"|will (?:apply|change|come into (?:force|effect)|take effect))\b",
    re.IGNORECASE,
)
_OF_THAT_TIME = re.compile(
    r"当时|那时|那会儿|(?:\d|\d\s*年)\s*那?(?:试行|修订)?版"
    r"|\b(?:back then|at (?:the|that) time|of the time|in force then)\b"
    rf"|\b(?:19|20)\d\d (?:\w+ ){{0,2}}{_RULES}|{_RULES} (?:of|from|for) (?:19|20)\d\d\b",
    re.IGNORECASE,
)
_PRESENT = re.compile(
    r"现在|現在|目前|当前|現時|现行|現行|如今|新版|新旧"
    r"|\b(?:now|current|currently|today|present|latest|still|new)\b",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"第\s*[\d一二三四五六七八九十]+(?:\.\d+)*\s*版|\b(?:edition|version|revision|rev\.?)\s*\d|\bv\d"
    r"|\b(?:first|second|third|last) (?:edition|version|revision)\b",
    re.IGNORECASE,
)


def read_asked_days(question: str, *, day: date) -> Asked:
    """Return what days a question is about.

    A year in a question may date a fact of it (`the invoice of 2024`) rather than name an edition,
    and then the rules in force are still what is asked for: a named year lets editions of that year
    in, it does not shut the present one out. That takes words which say that the rules of that time
    are meant (`按当时的规定`, `the 2020 edition`) and none that ask for the present as well.

    Parameters
    ----------
    day
        On which it is asked, or as of which the asker wants to know.
    """
    present = Period(day, day)
    periods = list(_periods(question, day))
    found = [(period, words) for period, words in periods if period.distance(present)]
    named = tuple(period for period, _ in found)
    days = tuple(words for _, words in found)
    asks_for_present = len(named) < len(periods) or _PRESENT.search(question)
    if named and _OF_THAT_TIME.search(question) and not asks_for_present:
        return Asked(day, named, words=days)
    numbered, earlier, later = (
        tuple(match[0].strip() for match in pattern.finditer(question))
        for pattern in (_NUMBERED, _EARLIER, _LATER)
    )
    return Asked(
        day,
        (present, *named),
        earlier=bool(numbered or earlier),
        later=bool(numbered or later),
        words=(*days, *numbered, *earlier, *later),
    )


def _periods(question: str, day: date) -> Iterator[tuple[Period, str]]:
    """Yield the named dates, months and years with their words; the most exact form reads first."""
    rest = question
    for form in _FORMS:
        for match in form.finditer(rest):
            period = _period(match.groupdict(), day)
            if period is not None:
                yield period, match[0].strip()
        rest = form.sub(lambda match: " " * len(match[0]), rest)


def _period(found: dict[str, str | None], day: date) -> Period | None:
    """Return what was named; None where there is no such day, or a number is hardly a year."""
    year = _year(found["year"] or "", day)
    if not day.year - _YEARS_BACK <= year <= day.year + _YEARS_AHEAD:
        return None
    month, day_of_month = found.get("month"), found.get("day")
    try:
        if month is None:
            period = Period(date(year, 1, 1), date(year, 12, 31))
        elif day_of_month is None:
            first = date(year, _month(month), 1)
            last = calendar.monthrange(year, first.month)[1]
            period = Period(first, first.replace(day=last))
        else:
            exact = date(year, _month(month), int(day_of_month))
            period = Period(exact, exact)
    except ValueError:
        return None
    if found.get("before"):
        eve = period.first - timedelta(days=1)
        return Period(eve, eve)
    return period


def _year(text: str, day: date) -> int:
    word = " ".join(text.casefold().split())
    if word in _RELATIVE:
        return day.year + _RELATIVE[word]
    return int(word.rstrip("年 ").translate(_HAN_DIGITS))


def _month(text: str) -> int:
    return _MONTHS.get(text.casefold()) or int(text)
