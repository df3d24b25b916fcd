"""Which of the found passages the model is given."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from generation.neighbours import join_neighbours
from models.encoder import TokenCounter
from models.terms import terms
from retrieval.policy.editions import Standing
from retrieval.records import Evidence

_CODE_LENGTH = 4
_NUMBER = re.compile(r"[\d.:%-]+").fullmatch
_RELATIVE_FLOOR = 0.3
"""A passage this much less probable than the best one distracts a small model more than it adds."""


def choose_evidence(
    question: str,
    found: Sequence[Evidence],
    *,
    count_tokens: TokenCounter,
    min_relevance: float,
    max_evidence: int,
    max_evidence_tokens: int,
) -> tuple[Evidence, ...]:
    """Choose the passages for the prompt, best first, numbered from 1 without gaps.

    Nothing is chosen if even the best passage is below `min_relevance`, or if the question asks for
    codes (`TP-390`, `HR-2024-017`) and no passage that was found has one of them: what is said of
    another product is no answer, and a small model gives it all the same. The best one is always
    taken, further ones as long as they fit, but no edition to which another is preferred; passages
    that follow each other in a document are then joined.
    """
    if not found or found[0].score < min_relevance or _lacks_the_codes(question, found):
        return ()
    floor = found[0].score * _RELATIVE_FLOOR
    chosen: list[Evidence] = []
    left = max_evidence_tokens
    for passage in found:
        tokens = count_tokens(passage.quote)
        fits = tokens <= left or not chosen
        if passage.score >= floor and fits and not _is_held_back(passage):
            chosen.append(passage)
            left -= tokens
        if len(chosen) == max_evidence:
            break
    joined = join_neighbours(chosen)
    return tuple(replace(each, number=number) for number, each in enumerate(joined, start=1))


def _is_held_back(passage: Evidence) -> bool:
    return passage.signals.get("edition", Standing.IN_FORCE) < Standing.NEAREST


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
