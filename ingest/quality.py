"""Chunks that will hardly answer a question, by their text alone."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from stores.records import Chunk

_FEWEST_LETTERS: Final = 4
_LOWEST_SHARE: Final = 0.5
"""Of letters and digits among what is visible; half of the characters of a formula are signs."""
_LAYOUT: Final = re.compile(r"[\s|:\-–—_=.·…*#]")
"""What draws tables, lists, lines and leaders, and says nothing either way."""
_REPLACED: Final = re.compile("\ufffd|锟斤拷|烫烫烫|屯屯屯")
"""What decoders put for bytes that they cannot read, and what that becomes in other encodings."""
_MISREAD: Final = re.compile("[\u00c2-\u00ef][\u0080-\u00bf]|â€")
"""UTF-8 that was read as Latin-1; one alone may be meant."""
_FEWEST_MISREAD: Final = 2
_RULE: Final = re.compile(r"\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?")


class Weakness(StrEnum):
    """What is wrong with a chunk."""

    NEARLY_EMPTY = "nearly empty"
    MOSTLY_SIGNS = "mostly signs"
    GARBLED = "garbled"
    CUT_TABLE = "rows without a header"


def weaknesses(chunk: Chunk) -> tuple[Weakness, ...]:
    """Return what is wrong with the text of a chunk; mostly nothing."""
    return tuple(_found(chunk.text))


def _found(text: str) -> Iterator[Weakness]:
    visible = _LAYOUT.sub("", text)
    letters = sum(character.isalnum() for character in visible)
    if letters < _FEWEST_LETTERS:
        yield Weakness.NEARLY_EMPTY
    elif letters < _LOWEST_SHARE * len(visible):
        yield Weakness.MOSTLY_SIGNS
    if _REPLACED.search(text) or len(_MISREAD.findall(text)) >= _FEWEST_MISREAD:
        yield Weakness.GARBLED
    if any(_is_cut(rows) for rows in _tables(text)):
        yield Weakness.CUT_TABLE


def _tables(text: str) -> Iterator[list[str]]:
    """Yield the lines of each Markdown table."""
    rows: list[str] = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            rows.append(line.strip())
        elif rows:
            yield rows
            rows = []


def _is_cut(rows: list[str]) -> bool:
    return len(rows) == 1 or not _RULE.fullmatch(rows[1])
