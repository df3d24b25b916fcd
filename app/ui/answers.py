"""Finding the sentences of an answer in its text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.api.schemas import AnswerOut, SentenceOut
from generation.records import Support

_SKIPPED = re.compile(r"\[\d{1,3}\]|\s+")


@dataclass(frozen=True, slots=True)
class MarkedText:
    """An answer's text with its marks, and where sentences without a source end in it."""

    text: str
    uncited_ends: tuple[int, ...]


def marked_text(answer: AnswerOut) -> MarkedText:
    """Return the text to show.

    Sentences are found in the text by their characters, white space and marks left aside. If one
    is not there, the sentences themselves are put together: none may lose its label.
    """
    ends = _sentence_ends(answer.text, answer.sentences)
    if ends is not None:
        return _labelled(answer.text, answer.sentences, ends)
    text, ends = "", []
    for sentence in answer.sentences:
        text += sentence.text + "".join(f"[{number}]" for number in sentence.citations)
        ends.append(len(text))
        text += " "
    return _labelled(text.rstrip(), answer.sentences, ends)


def _labelled(text: str, sentences: Sequence[SentenceOut], ends: Sequence[int]) -> MarkedText:
    found = zip(sentences, ends, strict=True)
    return MarkedText(text, tuple(end for s, end in found if s.support is Support.UNCITED))


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
