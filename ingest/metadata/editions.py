"""Editions of one document: which documents are a series.

The series of a document is its title without what tells editions apart: years, versions, words such
as `修订版` or `2025 edition`. Documents with the same series are editions of each other, so a title
that counts something has none: reports, minutes and plans of single months or quarters do not
replace each other.
"""

import re
import unicodedata

from models.chinese import to_simplified
from stores.records import DocType

_YEAR = r"(?:19|20)\d\d"
_MONTHS = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = re.compile(
    rf"{_YEAR}\s?年\s?\d{{1,2}}\s?月\s?\d{{1,2}}\s?日|(?<!\d){_YEAR}([-_.]?)\d\d\1\d\d(?!\d)"
    rf"|\b\d{{1,2}} {_MONTHS} {_YEAR}\b|\b{_MONTHS} \d{{1,2}},? {_YEAR}\b"
)
_PERIOD = re.compile(
    r"\d{1,2}\s?月|[一二三四1-4]\s?季度?|[上下]半年|[上中下]旬|第?\s?\d{1,2}\s?周|[月周季日旬]报"
    rf"|{_YEAR}\s?年?\s?(?:q[1-4]|h[12])|\b(?:q[1-4]|h[12])\b"
    rf"|{_YEAR}[-_/.](?:0?[1-9]|1[0-2])(?!\d)|\b{_YEAR}(?:0[1-9]|1[0-2])\b"
    r"|\b(?:first|second|third|fourth|1st|2nd|3rd|4th) (?:quarter|half)\b"
    rf"|\b(?:week|cw) ?\d+|\b{_MONTHS} {_YEAR}|\b(?:weekly|monthly|quarterly|daily)\b"
)
_EDITION = re.compile(
    r"第\s?[\d.一二三四五六七八九十]+\s?(?:版|次修订)本?"
    rf"|{_YEAR}\s?年?度?\s?(?:\d{{1,2}}\s?月\s?)?(?:版|新版|试行版?|修[订正]版?|征求意见稿)"
    r"|(?:试行|修订|修正|暂行|最新|正式|更新)版|(?:修订|送审|终|定)稿|试行|暂行|修订本"
    r"|\b(?:version|ver\.?|rev(?:ision|\.)?|edition|ed\.)\s?\d[\d.]*[a-z]?\b"
    r"|\b(?:edition|revision|rev\.?)\s[a-z]\b|\bv\d+(?:\.\d+)*\b"
    rf"|\b(?:{_YEAR}|\d+(?:st|nd|rd|th)|first|second|third|fourth|fifth|new|revised|latest|current)"
    rf"\s(?:edition|version|revision)\b|\bedition\s{_YEAR}|\brevised\b|\bfinal\b"
)
_BARE_YEAR = re.compile(
    rf"(?<![\w-])(?:fy\s?)?{_YEAR}\s?(?:年度?|/\d\d)?(?![\w-]*\d)|{_YEAR}\s?年度?"
)
"""A year by itself; in `Q-2025-0412` and `HT2024-01` it is a part of a number."""
_NOISE = re.compile(r"[\W_]+")
_RULING = frozenset({DocType.POLICY, DocType.PROCEDURE, DocType.SPECIFICATION, DocType.MANUAL})
_PASSING = frozenset({DocType.REPORT, DocType.MINUTES, DocType.MAIL, DocType.ANNOUNCEMENT})
_PRICES = re.compile(
    r"价目|价格表|收费|费率|资费|报价单|price ?list|price book|tariffs?\b|rate card|fee schedule"
)
_MIN_HAN, _MIN_LETTERS = 4, 8
_MAX_SERIES = 200


def without_edition(text: str) -> str:
    """Return lower-case text without years and words for editions."""
    return _BARE_YEAR.sub(" ", _EDITION.sub(" ", text))


def series_of(title: str, *, filename_stem: str, doc_type: DocType) -> str:
    """Return the title without its edition, or "" for a document that has no editions.

    Mails, minutes, reports and announcements have none, and neither has a title with a month,
    quarter, half-year or week in it, or other than in rules with a day. A year alone makes an
    edition of rules, manuals, specifications and price lists; elsewhere (`Budget 2025`, and
    contracts, since two with the same title may be with two parties) only a word for editions does.
    A title without any of them is the one edition, perhaps the current one, of rules.
    """
    text, name = _plain(title), _plain(filename_stem)
    if doc_type in _RULING:  # their day is that of the edition
        text, name = _DAY.sub(" ", text), _DAY.sub(" ", name)
    if doc_type in _PASSING or _PERIOD.search(text) or _PERIOD.search(name):
        return ""
    has_editions = doc_type in _RULING or _PRICES.search(text) is not None
    if not has_editions and not _EDITION.search(text) and not _EDITION.search(name):
        return ""
    stem = _NOISE.sub(" ", without_edition(text)).strip()
    return stem[:_MAX_SERIES] if _is_specific(stem) else ""


def _plain(text: str) -> str:
    text = to_simplified(unicodedata.normalize("NFKC", text)).lower()
    if " " in text.strip():
        return text
    # A file name: its hyphens stand for spaces.
    return re.sub(r"(?<=[a-z\d])[-_]+(?=[a-z])|(?<=[a-z])[-_]+(?=\d)", " ", text)


def _is_specific(stem: str) -> bool:
    """Tell a name from a word that many documents have for their title (`Manual`, `制度`)."""
    han = sum("\u3400" <= character <= "\u9fff" for character in stem)
    letters = sum(character.isalpha() for character in stem)
    return han >= _MIN_HAN or (letters >= _MIN_LETTERS and " " in stem)
