"""What a question of a public set is there for: to learn from, to fit on, or to report on."""

import hashlib
import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

_XQUAD: Final = re.compile(r"xq\d+-")
_BUCKETS: Final = 8


class Part(StrEnum):
    """What a question is there for."""

    LEARN = "learn"
    FIT = "fit"
    REPORT = "report"


def part_of(passages: Iterable[str]) -> Part | None:
    """Return what a question that these passages answer is there for; None if they disagree.

    A hash of a passage's id decides: half of the passages are for reports, an eighth to fit the few
    numbers that put signals together, the rest to learn weights from. No passage is of two parts.
    XQuAD is split by its articles, whose number begins the id, since the same passages come in two
    languages.
    """
    parts = {_part(passage) for passage in passages}
    return parts.pop() if len(parts) == 1 else None


def half_of(passages: Iterable[str]) -> str:
    """Return `reporting`, `tuning` for both other parts, or nothing if the passages disagree."""
    halves = {"reporting" if _part(one) is Part.REPORT else "tuning" for one in passages}
    return halves.pop() if len(halves) == 1 else ""


def _part(passage: str) -> Part:
    article = _XQUAD.match(passage)
    key = article.group() if article else passage
    bucket = hashlib.sha256(key.encode()).digest()[0] % _BUCKETS
    if bucket % 2:
        return Part.REPORT
    return Part.LEARN if bucket else Part.FIT
