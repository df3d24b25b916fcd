"""What describes a document: its series, its days, its type and its tags.

What people say comes first, then the fields of the file, then the text. A wrong date is worse than
none, so everything that is read from text has to be said in so many words.
"""

from dataclasses import replace
from datetime import date
from pathlib import PurePath

from ingest.metadata.dates import readable
from ingest.metadata.doc_type import doc_type_of
from ingest.metadata.editions import series_of
from ingest.metadata.in_force import Period, period_in_force
from ingest.metadata.properties import stated_by_file, written_day
from ingest.metadata.published import day_in_name, published_in
from ingest.metadata.sidecar import SUFFIX, parse_sidecar
from ingest.records import Metadata, ParsedDocument, Source
from stores.records import BlockKind, DocType, Given

EXTRACTION_VERSION = 1
"""Raised by every change to what is extracted: documents of an older version are read again."""

_LEAD_BLOCKS = 8
_LEAD_CHARACTERS = 800
_LEAD_PAGES = 2
_MAIL = "message/rfc822"
_FAR_DAYS = 366


def extract(parsed: ParsedDocument, source: Source, *, today: date) -> Metadata:
    """Return what describes a document; the same input gives the same result.

    Parameters
    ----------
    today
        A document cannot have been issued later.

    Raises
    ------
    UnreadableFile
        The sidecar says something that cannot be.
    """
    beside = parse_sidecar(source.sidecar, name=source.filename + SUFFIX)
    said = _merged(source.given, beside, stated_by_file(parsed.properties))
    stem = PurePath(source.filename).stem
    doc_type = said.doc_type or _doc_type(parsed, stem)
    is_mail = parsed.media_type == _MAIL  # what a mail says of dates is about other things
    lead, text = ("", "") if is_mail else _texts(parsed)
    period = _period(said, lead, text)
    series = said.series or series_of(parsed.title, filename_stem=stem, doc_type=doc_type)
    published = said.published or _published(parsed, stem, lead, period, today=today)
    return Metadata(
        series=series,
        effective_from=period.first,
        effective_to=period.last,
        published=published,
        doc_type=doc_type,
        tags=said.tags,
    )


def _merged(*stated: Given) -> Given:
    """Return one statement: of each field the first that says something; tags are joined."""
    first, *others = stated
    for other in others:
        first = replace(
            first,
            series=first.series or other.series,
            effective_from=first.effective_from or other.effective_from,
            effective_to=first.effective_to or other.effective_to,
            published=first.published or other.published,
            doc_type=first.doc_type or other.doc_type,
            tags=tuple(sorted({*first.tags, *other.tags})),
        )
    return first


def _doc_type(parsed: ParsedDocument, stem: str) -> DocType:
    return DocType.MAIL if parsed.media_type == _MAIL else doc_type_of(parsed.title, stem)


def _texts(parsed: ParsedDocument) -> tuple[str, str]:
    """Return the beginning, in which a document describes itself, and all text, both prepared."""
    blocks = [block for block in parsed.blocks if block.kind is not BlockKind.CODE]
    lead = [parsed.properties.subject[:_LEAD_CHARACTERS]]
    for block in blocks[:_LEAD_BLOCKS]:
        if (block.page or 1) <= _LEAD_PAGES and sum(map(len, lead)) < _LEAD_CHARACTERS:
            lead.append(block.text[:_LEAD_CHARACTERS])
    return readable("\n".join(lead)), readable("\n".join(block.text for block in blocks))


def _period(said: Given, lead: str, text: str) -> Period:
    found = period_in_force(lead, text)
    first, last = said.effective_from or found.first, said.effective_to or found.last
    if first is not None and last is not None and last < first:
        # One of them is from the text, and what people say holds.
        return Period(said.effective_from, said.effective_to)
    return Period(first, last)


def _published(
    parsed: ParsedDocument, stem: str, lead: str, period: Period, *, today: date
) -> date | None:
    stated = published_in(lead) or day_in_name(readable(parsed.title), readable(stem))
    if stated is not None and stated <= today:
        return stated
    written = written_day(parsed.properties, today=today)
    # Files are often written again long after their text: exported, converted, copied.
    if written is None or _is_far_off(written, period, parsed.title, stem):
        return None
    return written


def _is_far_off(written: date, period: Period, title: str, stem: str) -> bool:
    """Tell whether a file was written at another time than its document tells of."""
    if period.last is not None and written > period.last:
        return True
    if period.first is not None and abs((written - period.first).days) > _FAR_DAYS:
        return True
    years = [int(year) for name in (title, stem) for year in _years(name)]
    return bool(years) and not min(years) - 1 <= written.year <= max(years)


def _years(name: str) -> list[str]:
    digits = "".join(character if character.isdigit() else " " for character in name)
    return [run for run in digits.split() if len(run) == 4 and run.startswith(("19", "20"))]  # noqa: PLR2004
