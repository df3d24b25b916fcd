"""Finding the sentences of an answer in its text."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.api.schemas import SentenceOut
from generation.records import Support

_SKIPPED = re.compile(r"\[\d{1,3}\]|\s+")
_MARKS = re.compile(r"(?: ?\[\d{1,3}\])+")


@dataclass(frozen=True, slots=True)
class MarkedText:
    """An answer's text with its marks, and by the offset at which sentences end their support."""

    text: str
    support: Mapping[int, Support]


def marked_text(text: str, sentences: Sequence[SentenceOut]) -> MarkedText:
    """Return the text of an answer as it is shown.

    Sentences are found in the text by their characters, white space and marks left aside. If one
    is not there, the sentences themselves are put together: none may lose its label.
    """
    ends = _sentence_ends(text, sentences)
    if ends is not None:
        return _labelled(text, sentences, ends)
    text, ends = "", []
    for sentence in sentences:
        text += sentence.text + "".join(f"[{number}]" for number in sentence.citations)
        ends.append(len(text))
        text += " "
    return _labelled(text.rstrip(), sentences, ends)


def _labelled(text: str, sentences: Sequence[SentenceOut], ends: Sequence[int]) -> MarkedText:
    found = zip(ends, sentences, strict=True)
    return MarkedText(text, {_behind_marks(text, end): each.support for end, each in found})


def _behind_marks(text: str, end: int) -> int:
    """Return the offset behind the marks that follow a sentence."""
    marks = _MARKS.match(text, end)
    return marks.end() if marks else end


def _sentence_ends(text: str, sentences: Sequence[SentenceOut]) -> list[int] | None:
    offsets = _significant(text)
    stream = "".join(text[offset] for offset in offsets)
    ends: list[int] = []
    position = 0
    for sentence in sentences:
        wanted = "".join(sentence.text[offset] for offset in _significant(sentence.text))
        found = stream.find(wanted, position)
        if found < 0 or not wanted:
            return None
        position = found + len(wanted)
        ends.append(offsets[position - 1] + 1)
    return ends


def _significant(text: str) -> list[int]:
    """Return the offsets of the characters that are neither white space nor part of a mark."""
    offsets: list[int] = []
    position = 0
    for skipped in _SKIPPED.finditer(text):
        offsets.extend(range(position, skipped.start()))
        position = skipped.end()
    offsets.extend(range(position, len(text)))
    return offsets
