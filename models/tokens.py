"""Tokens: how a text of either language falls apart before its terms are made.

The forms in which one thing is written meet here: full-width and half-width characters, Traditional
and Simplified ones, accents, dashes, `5 kg` and `5kg`, a date in three notations, a telephone
number with and without its separators.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from models.chinese import to_simplified

Kind = Literal["chinese", "date", "phone", "measure", "word"]

_CJK = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_WORD = rf"[^\W_{_CJK}]+"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_DATE = (
    # With a time behind it or not, and no piece of a longer number.
    r"\d{4}(?P<by>[-/.])\d{1,2}(?P=by)\d{1,2}(?![-/.]?(?!t\d)\w)"
    r"|\d{4} ?年 ?\d{1,2} ?月 ?\d{1,2} ?[日号]"
    rf"|{_MONTH} {_DAY},? \d{{4}}\b|{_DAY} (?:of )?{_MONTH},? \d{{4}}\b"
)
# Of China: a mobile number, or one with its area code; of any country: what begins with a plus.
_PHONE = (
    r"(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?![-.]?\w)"
    r"|\(?0\d{2,3}\)?[- ]?\d{3,4}[- ]?\d{4}(?![-.]?\w)"
    r"|\+\d{1,3}(?:[- ]\(?\d{1,4}\)?){2,5}(?![-.]?\w)"
)
_UNIT = (
    "(?:"
    "mg|kg|g|km|cm|mm|nm|μm|um|m|ml|kwh|kw|kva|w|kv|mv|v|ma|khz|mhz|ghz|hz|gb|mb|tb|kb|mpa|kpa|pa"
    "|mbar|bar|psi|rpm|db|ms|s|min|h|n[·⋅]m|[kmc]?m[23]|l|°[cf]|%|‰"
    ")"
)
_TOKEN = re.compile(
    rf"(?P<date>(?<![\w.]){_DATE})"
    rf"|(?P<phone>(?<![\w.]){_PHONE})"
    rf"|(?P<measure>(?<![\w.])\d+(?:\.\d+)? ?{_UNIT}(?!{_WORD}))"
    rf"|(?P<chinese>[{_CJK}]+)"
    # A standard: `gb/t 7714-2015`, with or without the space.
    rf"|[a-z]+/[a-z]+ ?\d+(?:[-.]\d+)*(?!{_WORD})"
    # A host, so that what follows its slash is a token of its own.
    r"|[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?=[/:])"
    # A word, a number, or several joined: `e-mail`, `hr-2024-017`, `v1.2.3`, `r&d`, `c++`, `a@b.c`.
    rf"|{_WORD}(?:[-_./&@]+{_WORD})*(?:\+\+|\#)?"
)
_ACCENTS = re.compile("[\u0300-\u036f]+")
_APOSTROPHE = re.compile(r"['’](?:s\b)?")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_DASHES = re.compile(r"[‐‑‒–−]|(?<=\d)—(?=\d)")
_PART = re.compile(r"[^\W\d_]+|\d+(?:\.\d+)*")
_DIGITS = re.compile(r"\d+")
_COUNTRY = re.compile(r"\+86|\+\d+(?=[- ])|86(?=[- ]?1\d{2})")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a normalised text.

    Attributes
    ----------
    text
        As it stands in the normalised text.
    whole
        One spelling for all in which the thing is written: `20250710`, `5kg`, `hr2024017`.
    """

    kind: Kind
    text: str
    whole: str

    def parts(self) -> list[str]:
        """Return the runs of letters and the numbers in it; a date's month is a number, too."""
        found = _PART.findall(self.text)
        if self.kind == "date":
            return [*_date(self.text), *(part for part in found if part[:3] in _MONTHS)]
        return found


def normalise(text: str) -> str:
    """Return a text in NFKC, lower case and Simplified Chinese, without accents and apostrophes.

    Thousands separators go, every dash within a number or a code becomes a hyphen.
    """
    normal = unicodedata.normalize("NFKC", text).lower()
    if not normal.isascii():
        normal = _DASHES.sub("-", to_simplified(_without_accents(normal)))
    return _THOUSANDS.sub("", _APOSTROPHE.sub("", normal))


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a text, in order."""
    for match in _TOKEN.finditer(normalise(text)):
        kind: Kind = match.lastgroup or "word"  # type: ignore[assignment]  # names of the groups
        yield Token(kind, match.group(), _whole(kind, match.group()))


def _without_accents(text: str) -> str:
    # Kana keep their marks: those are of another block.
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    return unicodedata.normalize("NFC", bare)


def _whole(kind: Kind, text: str) -> str:
    if kind == "date":
        year, month, day = _date(text)
        return f"{year}{month:>02}{day:>02}"
    if kind == "phone":
        # Without country code and the zero before an area code, as it may be written either way.
        return "".join(_DIGITS.findall(_COUNTRY.sub("", text))).lstrip("0")
    if kind == "measure":
        return text.replace(" ", "")
    return re.sub(r"[-_/ ]+", "", text)


def _date(text: str) -> tuple[str, str, str]:
    """Return year, month and day, without leading zeros."""
    numbers = [number.lstrip("0") for number in _DIGITS.findall(text)]
    if len(numbers) == 3:  # noqa: PLR2004  (a month in figures)
        return numbers[0], numbers[1], numbers[2]
    day, year = numbers
    named = next(name for name in _PART.findall(text) if name[:3] in _MONTHS)
    return year, str(_MONTHS.index(named[:3]) + 1), day
