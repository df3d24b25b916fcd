"""Sentences of an answer, checked as soon as the model has finished them."""

import re
from collections.abc import Iterator
from typing import Final

from generation.attribution import Attribution
from generation.citations import MARK, cite
from generation.records import SentenceChecked
from ingest.sentences import split_sentences

_MARKS_BEHIND = re.compile(rf"(?:\s*{MARK.pattern})*\s*", re.IGNORECASE)
# What stands behind a sentence may be the first half of its mark.
_MARK_BEGINS: Final = ("[", "【", "［")


class SentenceReader:
    """Takes in the pieces of one answer and tells which sentences are finished."""

    def __init__(self, attribution: Attribution) -> None:
        self._attribution = attribution
        self._text = ""
        self._checked = 0

    def read(self, piece: str) -> Iterator[SentenceChecked]:
        """Take in a piece; yield the sentences after which another one has begun."""
        self._text += piece
        while (end := self._end_of_next()) is not None:
            yield from self._check(end)

    def finish(self) -> Iterator[SentenceChecked]:
        """Yield what is left when the answer ends."""
        yield from self._check(len(self._text))

    def _end_of_next(self) -> int | None:
        rest = self._text[self._checked :]
        spans = split_sentences(rest)
        if not spans:
            return None
        marks = _MARKS_BEHIND.match(rest, spans[0][1])
        end = marks.end() if marks else spans[0][1]
        following = rest[end:]
        is_finished = bool(following.strip()) and not following.startswith(_MARK_BEGINS)
        return self._checked + end if is_finished else None

    def _check(self, end: int) -> Iterator[SentenceChecked]:
        cited = cite(self._text[self._checked : end], self._attribution)
        self._checked = end
        for sentence in cited.sentences:
            yield SentenceChecked(sentence, end)
