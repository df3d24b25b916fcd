"""How much of what a question asks for stands in a passage."""

from collections.abc import Collection, Mapping


def coverage(
    sought: Mapping[int, float],
    passage: Collection[int],
    background: Mapping[int, float],
    *,
    rare: float,
) -> float:
    """Return the share of the question's information that the passage's terms cover, in [0, 1].

    `sum of w(t) · idf(t) over sought ∩ passage / sum of idf(t) over the question`, at most 1, over
    ids of distinct terms; 0 for a question without terms. A synonym can take the place of what the
    question says, and one that is missing takes nothing away.

    Parameters
    ----------
    sought
        Weight of each term: 1 for those of the question, less for those of synonyms.
    background
        IDF of the most frequent terms of both languages in general text. It is the same for all
        tenants: statistics of a small collection would call its own subject uninformative.
    rare
        IDF of every other term.
    """
    total = sum(background.get(term, rare) for term, weight in sought.items() if weight == 1)
    if total == 0:
        return 0.0
    held = sought.keys() & set(passage)
    return min(1.0, sum(sought[term] * background.get(term, rare) for term in held) / total)
