"""How much of what a question asks for stands in a passage."""

from collections.abc import Collection, Mapping


def coverage(
    question: Collection[int],
    passage: Collection[int],
    background: Mapping[int, float],
    *,
    rare: float,
) -> float:
    """Return the share of the question's information that the passage's terms cover, in [0, 1].

    `sum of idf(t) over question ∩ passage / sum of idf(t) over question`, over ids of distinct
    terms; 0 for a question without terms.

    Parameters
    ----------
    background
        IDF of the most frequent terms of both languages in general text. It is the same for all
        tenants: statistics of a small collection would call its own subject uninformative.
    rare
        IDF of every other term.
    """
    weights = {term: background.get(term, rare) for term in question}
    total = sum(weights.values())
    if total == 0:
        return 0.0
    return sum(weights[term] for term in weights.keys() & set(passage)) / total
