"""Which of the found passages the model is given."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from generation.compaction import Excerpt, compact
from generation.neighbours import join_neighbours
from models.encoder import TokenCounter
from models.terms import terms
from retrieval.policy.editions import Standing
from retrieval.records import Evidence

_CODE_LENGTH = 4
_NUMBER = re.compile(r"[\d.:%-]+").fullmatch
_RELATIVE_FLOOR = 0.3
"""A passage this much less probable than the likeliest distracts a small model."""
_MERIT_BEHIND = 0.8
"""So does one whose merit is this much behind that of the first.

Of our own tuning questions .727 keep their whole answer in 2.6 passages, without it .732 in 3.1.
"""


def choose_evidence(
    question: str,
    found: Sequence[Evidence],
    *,
    count_tokens: TokenCounter,
    min_relevance: float,
    max_evidence: int,
    max_evidence_tokens: int,
) -> tuple[Excerpt, ...]:
    """Choose what the model is given, the best passage first, numbered from 1 without gaps.

    Nothing is chosen if even the best passage is below `min_relevance`, or if the question asks for
    codes (`TP-390`, `HR-2024-017`) and no passage that was found has one of them: what is said of
    another product is no answer, and a small model gives it all the same. An edition to which
    another is preferred is left out; the first of the others is taken in any case. Passages that
    follow each other in a document are joined, and of all of them the best sentences are given
    (`compact`).
    """
    if not found or found[0].score < min_relevance or _lacks_the_codes(question, found):
        return ()
    usable = [each for each in found if not _is_held_back(each)]
    floor = max((each.score for each in usable), default=0.0) * _RELATIVE_FLOOR
    further = [
        each for each in usable[1:] if each.score >= floor and not _is_behind(each, usable[0])
    ]
    joined = join_neighbours([*usable[:1], *further][:max_evidence])
    excerpts = compact(joined, count_tokens=count_tokens, most_tokens=max_evidence_tokens)
    return tuple(
        Excerpt(replace(each.passage, number=number), each.text)
        for number, each in enumerate(excerpts, start=1)
    )


def _is_held_back(passage: Evidence) -> bool:
    return passage.signals.get("edition", Standing.IN_FORCE) < Standing.NEAREST


def _is_behind(passage: Evidence, first: Evidence) -> bool:
    merit, best = (each.signals.get("merit", 0.0) for each in (passage, first))
    return merit < best - _MERIT_BEHIND


def _lacks_the_codes(question: str, found: Sequence[Evidence]) -> bool:
    asked = set(_codes(question))
    return bool(asked) and all(
        asked.isdisjoint(_codes(" ".join((each.title, *each.heading_path, each.quote))))
        for each in found
    )


def _codes(text: str) -> Iterator[str]:
    """Yield the terms of letters and digits that are long enough to name one thing."""
    for term in terms(text):
        if (
            len(term) >= _CODE_LENGTH
            and term.isascii()
            and not term.isalpha()
            and not _NUMBER(term)
        ):
            yield term
