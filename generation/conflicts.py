"""Where other documents say otherwise than what an answer cites."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from generation.checking.names import strange_names
from generation.checking.shares import has_digit, share
from generation.checking.values import Value, values
from generation.records import Conflict, Sentence
from ingest.sentences import split_sentences_and_rows
from models.normalise import normalise
from models.terms import terms
from retrieval.policy.editions import Standing
from retrieval.records import Evidence

_ALIKE: Final = 0.6
"""Least share of the words, figures left aside, that both lines have of those that either has."""
_REMEMBERED: Final = 512


@dataclass(frozen=True, slots=True)
class _Line:
    """A sentence or a table row; `label` is the first cell of a row, normalised."""

    text: str
    words: frozenset[str]
    figures: frozenset[Value]
    label: str


def find_conflicts(
    sentences: Sequence[Sentence], evidence: Sequence[Evidence], found: Sequence[Evidence]
) -> Iterator[Conflict]:
    """Yield what other documents say of the same matter with other figures, each line once.

    The line of a cited passage that a sentence comes from is compared with the lines of all
    passages of other documents: it is the same matter if the words are alike, none of both names
    what the other does not know, and most figures agree; rows of tables need the same first cell.
    Lines that say it in words of their own are not found.

    Parameters
    ----------
    evidence
        What the sentences may cite, by their numbers.
    found
        What else the search found, former editions included.
    """
    numbered = {passage.number: passage for passage in evidence}
    told: set[str] = set()
    for sentence in sentences:
        for number in sentence.citations:
            cited = numbered[number]
            source = _source(sentence, cited)
            for other in found:
                is_another = other.document_id != cited.document_id
                line = _contrary(source, other) if source and is_another else None
                if line and line.text not in told:
                    told.add(line.text)
                    yield Conflict(sentence.text, number, other, line.text, _is_in_force(other))


def _source(sentence: Sentence, passage: Evidence) -> _Line | None:
    words = frozenset(terms(sentence.text))
    lines = [line for line in _lines(passage.quote) if line.figures]
    best = max(lines, key=lambda line: share(words, line.words), default=None)
    said = {value.text for value in values(sentence.text)}
    return best if best and said & {value.text for value in best.figures} else None


def _contrary(source: _Line, other: Evidence) -> _Line | None:
    return next((line for line in _lines(other.quote) if _disagree(source, line)), None)


def _disagree(one: _Line, other: _Line) -> bool:
    if not other.figures or one.label != other.label:
        return False
    plain, plain_other = _plain(one.words), _plain(other.words)
    alike = len(plain & plain_other) >= _ALIKE * len(plain | plain_other)
    changed = max(len(one.figures - other.figures), len(other.figures - one.figures))
    shared = len(one.figures & other.figures)
    if not alike or not changed or (changed > shared and changed + shared > 1):
        return False
    return not (_names_more(one, other) or _names_more(other, one))


def _names_more(one: _Line, other: _Line) -> bool:
    return any(strange_names(one.text, [other.text], question=""))


def _plain(words: frozenset[str]) -> frozenset[str]:
    return frozenset(word for word in words if not has_digit(word))


@lru_cache(_REMEMBERED)
def _lines(text: str) -> tuple[_Line, ...]:
    found = []
    for start, end in split_sentences_and_rows(text):
        line = text[start:end].strip()
        cells = [cell.strip() for cell in line.strip("|").split("|")] if "|" in line else [""]
        words = frozenset(terms(line))
        found.append(_Line(line, words, frozenset(values(line)), normalise(cells[0])))
    return tuple(found)


def _is_in_force(passage: Evidence) -> bool:
    return passage.signals.get("edition", Standing.IN_FORCE) >= Standing.NEAREST
