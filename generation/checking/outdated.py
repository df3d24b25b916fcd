"""Values that passages tell of the past, where a sentence says them of today."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from generation.checking.values import KnownValues, Value, values
from generation.tables import Table, split_tables
from models.chinese import to_simplified

_REMEMBERED: Final = 256

_STATEMENT = re.compile(r"[^。；;！？!?\n]+?(?:[。；;！？!?\n]|(?<=\w)\.(?=\s|$)|$)")
_PAST = re.compile(
    r"此前|原先|原来|原(?=为|定|规定|标准)|旧(?=版|办法|规定|标准|制度|口径)|修订前|调整前"
    r"|(?:以前|之前)(?=是|为|的)|曾(?=为|经|是)|过去(?=是|为|的)|不再"
    r"|\b(?:formerly|previously|originally|used to|no longer(?! than))\b"
    r"|\b(?:old|former|previous|earlier) (?:rules?|versions?|editions?|terms|limits?|rates?)\b"
    r"|\b(?:until|till|up to)\b.*\b(?:was|were)\b|\b(?:was|were)\b.*\b(?:until|till)\b",
    re.IGNORECASE,
)
# The old value stands before the verb: `由 5 天提高到 7 天`, `raised from 5 to 7 days`.
_CHANGED = re.compile(
    r"(?:由|从)(?P<zh>[^。；;，,\n]{1,24}?)(?:提高|上调|调整|调|下调|降低|降|增加|增|减少|减|缩短|延长"
    r"|放宽|收紧|改|升)(?:到|至|为|成)"
    r"|\b(?:rais|increas|lower|reduc|cut|chang|extend|shorten|rose|fell|went (?:up|down))\w*\b"
    r"[^.;\n]{0,60}?\bfrom (?P<en>[^.;,\n]{1,40}?) to\b",
    re.IGNORECASE,
)
# What holds since then stands behind: `原定 9 月 1 日，改为 10 月 9 日`.
_SINCE_THEN = re.compile(
    r"(?:改|调整|调|延长|延|提高|上调|下调|降低|降|缩短)(?:为|成|到|至)|现(?:为|行|已)"
    r"|\bnow\b|\b(?:changed|raised|lowered|reduced|extended|moved) to\b",
    re.IGNORECASE,
)
_ABOUT_THE_PAST = re.compile(
    r"(?<!\d)(?:19|20)\d\d(?!\d)|原|以前|之前|此前|旧|曾|过去|当时|提高|上调|下调|降|调整|变|改"
    r"|\b(?:was|were|did|had|been|previous\w*|former\w*|before|old\w*|earlier|used to|until|from"
    r"|chang\w*)\b",
    re.IGNORECASE,
)
_EDITION = re.compile(r"(?P<year>(?:19|20)\d\d) ?年?(?:版|修订|办法)|(?P<en>(?:19|20)\d\d) edition")
_OLD_NAME = re.compile(
    r"旧|原(?!因|料|件|则|始|理)|修订前|调整前|此前|\b(?:old|previous|former|before)\b",
    re.IGNORECASE,
)
_NEW_NAME = re.compile(r"新|现行|修订后?$|调整后|\b(?:new|current|now|after)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Told:
    """The values of a passage: those of the past, and the others."""

    past: KnownValues
    today: KnownValues


def outdated_values(sentence: str, passages: Sequence[str], *, question: str) -> Iterator[Value]:
    """Yield the values of a sentence that its passages tell of the past only.

    Of the past is a statement that says so (`until 2024 the limit was …`, `此前为 …`), the first
    value of a change (`raised from … to`, `由 … 提高到`), and the column of an older edition beside
    a newer one. A sentence or question that itself speaks of the past, or of a year, may take its
    values from there.
    """
    said = to_simplified(f"{question}\n{sentence}")
    if _ABOUT_THE_PAST.search(said) or _CHANGED.search(said):
        return
    told = [_told(passage) for passage in passages]
    for value in dict.fromkeys(values(sentence)):
        is_past = any(each.past.agrees(value) for each in told)
        if is_past and not any(each.today.agrees(value) for each in told):
            yield value


@lru_cache(_REMEMBERED)
def _told(passage: str) -> _Told:
    parts = list(split_tables(to_simplified(passage)))
    past = [text for part in parts for text in _past(part)]
    today = [text for part in parts for text in _today(part)]
    return _Told(KnownValues.of(past), KnownValues.of(today))


def _past(part: str | Table) -> Iterator[str]:
    if isinstance(part, Table):
        old = _old_columns(part.header)
        yield from (cell for row in part.rows for c, cell in enumerate(row) if c in old)
        return
    yield from (past for past, _ in map(_divided, _STATEMENT.findall(part)))


def _today(part: str | Table) -> Iterator[str]:
    if isinstance(part, Table):
        old = _old_columns(part.header)
        yield from (cell for row in part.rows for c, cell in enumerate(row) if c not in old)
        return
    yield from (today for _, today in map(_divided, _STATEMENT.findall(part)))


def _divided(statement: str) -> tuple[str, str]:
    """Return what of a statement is told of the past, and what of today."""
    changes = [change[1] or change[2] for change in _CHANGED.finditer(statement)]
    if changes:
        return "\n".join(changes), _CHANGED.sub(_without_old, statement)
    if not _PAST.search(statement):
        return "", statement
    since = _SINCE_THEN.search(statement)
    if since is None:
        return statement, ""
    return statement[: since.start()], statement[since.end() :]


def _without_old(change: re.Match[str]) -> str:
    return change.group().replace(change[1] or change[2], " ", 1)


def _old_columns(header: Sequence[str]) -> frozenset[int]:
    """Return the columns of older editions, if a column of a newer one stands beside them."""
    years = {column: _year(name) for column, name in enumerate(header)}
    newest = max(years.values(), default=0)
    has_new = any(map(_NEW_NAME.search, header))
    return frozenset(
        column
        for column, name in enumerate(header)
        if 0 < years[column] < newest
        or (has_new and not _NEW_NAME.search(name) and (years[column] or _OLD_NAME.search(name)))
    )


def _year(name: str) -> int:
    found = _EDITION.search(name)
    return int(found["year"] or found["en"]) if found else 0
