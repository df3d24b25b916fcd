"""What a file says in its own fields: keywords, front matter, the date it was written."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date

from ingest.metadata.dates import DATE, parse_date, readable
from ingest.records import FileProperties
from stores.names import check_tag
from stores.records import DocType, Given

_MAX_TAGS = 20
_SPLIT = re.compile(r"[,;，；、\n|]")
_WHOLE = re.compile(DATE)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?=[t ])")
_TEMPLATE_DAYS = frozenset(
    {
        date(2013, 12, 23),  # python-docx
        date(2013, 1, 27),  # python-pptx
        date(2006, 9, 16),  # Excel's own, which many writers copied
        date(2000, 1, 1),  # reportlab, asked for the same bytes every time
        date(1980, 1, 1),  # the oldest day of a ZIP entry
        date(1970, 1, 1),
        date(1601, 1, 1),
    }
)
_FIRST_YEAR = 1985
_NAMES: Mapping[str, tuple[str, ...]] = {
    "effective_from": (
        *("effective_from", "effective_date", "effective", "valid_from"),
        *("生效日期", "施行日期", "实施日期"),
    ),
    "effective_to": (
        *("effective_to", "valid_until", "valid_to", "expires", "expiry_date"),
        *("失效日期", "有效期至"),
    ),
    "published": (
        *("published", "date", "publish_date", "pubdate", "publishdate", "publication_date"),
        *("article:published_time", "dc.date", "dc.date.issued", "dcterms.issued"),
        *("dcterms.created", "citation_publication_date", "发布日期", "日期"),
    ),
    "doc_type": ("doc_type", "document_type", "type", "文档类型"),
    "series": ("series",),
}
"""The names that each of our fields has in front matter and meta tags, the best first."""


def stated_by_file(properties: FileProperties) -> Given:
    """Return what the fields of a file say that we understand; the rest is ignored.

    The fields belong to other programs, so nothing in them is an error.
    """
    days = {
        name: _day(_first(properties.fields, _NAMES[name]))
        for name in ("effective_from", "effective_to", "published")
    }
    kind = _first(properties.fields, _NAMES["doc_type"]).strip().lower()
    return Given(
        series=_first(properties.fields, _NAMES["series"]).strip() or None,
        doc_type=DocType(kind) if kind in set(DocType) else None,
        tags=tags_of(properties.keywords),
        **days,
    )


def written_day(properties: FileProperties, *, today: date) -> date | None:
    """Return the day that a file was written, unless its program put a default there."""
    day = properties.written
    if day is None or day in _TEMPLATE_DAYS or day.year < _FIRST_YEAR or day > today:
        return None
    return day


def tags_of(keywords: Iterable[str]) -> tuple[str, ...]:
    """Return the tags that lists of keywords hold, sorted; what no tag can be is left out."""
    tags: set[str] = set()
    for keyword in keywords:
        for part in _SPLIT.split(keyword):
            tag = " ".join(unicodedata.normalize("NFKC", part).lower().strip(" #\"'[]").split())
            try:
                tags.add(check_tag(tag))
            except ValueError:
                continue
    return tuple(sorted(tags)) if len(tags) <= _MAX_TAGS else ()


def _first(fields: Mapping[str, str], names: Iterable[str]) -> str:
    return next((fields[name] for name in names if fields.get(name)), "")


def _day(text: str) -> date | None:
    plain = readable(text).strip()
    moment = _MOMENT.match(plain)
    whole = moment or _WHOLE.fullmatch(plain)
    return parse_date(whole.group()) if whole else None
