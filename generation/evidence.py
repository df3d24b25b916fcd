"""Which of the found passages the model is given."""

from collections.abc import Sequence
from dataclasses import replace

from models.encoder import TokenCounter
from retrieval.records import Evidence

_RELATIVE_FLOOR = 0.3
"""A passage this much less probable than the best one distracts a small model more than it adds."""


def choose_evidence(
    found: Sequence[Evidence],
    *,
    count_tokens: TokenCounter,
    min_relevance: float,
    max_evidence: int,
    max_evidence_tokens: int,
) -> tuple[Evidence, ...]:
    """Choose the passages for the prompt, best first, numbered from 1 without gaps.

    Nothing is chosen if even the best passage is below `min_relevance`. The best one is always
    taken, further ones as long as they fit; a text that is already there under another document is
    left out.
    """
    if not found or found[0].score < min_relevance:
        return ()
    floor = found[0].score * _RELATIVE_FLOOR
    chosen: list[Evidence] = []
    seen: set[str] = set()
    left = max_evidence_tokens
    for passage in found:
        tokens = count_tokens(passage.quote)
        fits = tokens <= left or not chosen
        if passage.score >= floor and fits and passage.quote not in seen:
            chosen.append(replace(passage, number=len(chosen) + 1))
            seen.add(passage.quote)
            left -= tokens
        if len(chosen) == max_evidence:
            break
    return tuple(chosen)
