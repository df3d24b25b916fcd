"""The day that a document gives for itself: when it was issued, or else last brought up to date."""

import re
from collections.abc import Iterable
from datetime import date

from ingest.metadata.dates import DATE, parse_date

_SEPARATOR = r"[\s:：|为是]{0,6}"
_VERSION = r"(?:version|edition|revision|rev\.?|issue|release|第 ?[\w.]{1,6} ?版)"
_SELF = "本(?:文件|办法|制度|规定|规程|标准|通知|报告|手册|指南)"
_START = rf"(?:^|[,，。；;:：(（|]|\. |{_SELF}|第 ?[\w.]{{1,6}} ?版)[-*•\s]*(?:于|自|已)? ?"
_RANKED = (
    (
        rf"(?:发布|印发|发文|签发|颁布|公布|公告|出版|成文)(?:日期|时间|日){_SEPARATOR}({DATE})",
        rf"{_START}({DATE})[^\W\d_]{{0,10}}(?:发布|印发|签发|颁布|公布|出版)",
        rf"(?:published|issued|released)(?: on)?{_SEPARATOR}({DATE})",
        rf"(?:publication|issue|release) date{_SEPARATOR}({DATE})",
        rf"date of (?:issue|publication){_SEPARATOR}({DATE})",
    ),
    (
        rf"(?:更新|修订|修改)(?:日期|时间|日|于){_SEPARATOR}({DATE})",
        rf"最后(?:更新|修订){_SEPARATOR}({DATE})",
        rf"{_START}({DATE}) ?(?:更新|修订)",
        rf"{_START}(?:last )?(?:updated|revised)(?: on)?{_SEPARATOR}({DATE})",
        rf"{_START}{_VERSION} ?[\w.]{{0,8}},? (?:of|dated|from)? ?({DATE})",
    ),
    (
        rf"{_START}(?:编制|签订|签署|报告|会议)?(?:日期|时间){_SEPARATOR}({DATE})",
        rf"{_START}({DATE}) ?(?:签订|签署|编制|制定)",
        rf"{_START}(?:date|dated|signed on|date of (?:the )?[a-z]+){_SEPARATOR}({DATE})",
    ),
    (rf"(?:^|[,，。；;]|\. ) ?({DATE})(?= ?(?:[,，。；;.]|\d\d?:\d\d|$))",),
)
_PATTERNS = tuple(tuple(re.compile(pattern) for pattern in rank) for rank in _RANKED)
_NUMERIC = re.compile(r"(?<!\d)(\d{4})([-_.]?)(\d\d)\2(\d\d)(?!\d)")
_WHOLE = re.compile(DATE)


def published_in(lead: str) -> date | None:
    """Return the day that the first dated line of the beginning of a document gives.

    In a line, words for issuing rank before words for bringing up to date, then a plain date of the
    document (`日期：…`, `Date: …`, a signature), then a date that stands alone between two marks.
    Two different days of the same rank are none.
    """
    for line in lead.split("\n"):
        for patterns in _PATTERNS:
            days = _days(match[1] for pattern in patterns for match in pattern.finditer(line))
            if days:
                return days.pop() if len(days) == 1 else None
    return None


def day_in_name(*names: str) -> date | None:
    """Return the one whole date that titles and file names hold, `20250131` included."""
    numeric = ("-".join(m.group(1, 3, 4)) for name in names for m in _NUMERIC.finditer(name))
    days = _days((*numeric, *(m.group() for name in names for m in _WHOLE.finditer(name))))
    return days.pop() if len(days) == 1 else None


def _days(written: Iterable[str]) -> set[date]:
    return {day for text in written if (day := parse_date(text)) is not None}
