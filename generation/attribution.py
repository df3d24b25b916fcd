"""Which passage a sentence comes from, by the words and numbers that they share."""

from collections.abc import Mapping, Set

from models.terms import terms

_WEIGHT_OF_NUMBERS = 3.0
"""Of numbers and codes against 1 for a word: two editions of a rule differ in little else."""

_CLEARLY_MORE = 0.15


def source_of(sentence: str, *, cited: int, held: Mapping[int, Set[str]]) -> int:
    """Return the number of the passage that a sentence should cite.

    A small model finds the right value and then writes the number of the passage beside it: 9 of 36
    right answers to questions on the sample documents. Moving a citation to the passage that holds
    clearly more of the sentence's terms mended all nine and spoilt none. Across languages hardly a
    term is shared, so nothing is moved there.

    Parameters
    ----------
    cited
        What the model wrote.
    held
        The terms of each passage.
    """
    weights = {term: _weight(term) for term in terms(sentence)}
    total = sum(weights.values())
    if not total:
        return cited
    shares = {
        number: sum(weights[term] for term in weights.keys() & passage) / total
        for number, passage in held.items()
    }
    best = max(shares, key=lambda number: shares[number])
    return best if shares[best] - shares[cited] >= _CLEARLY_MORE else cited


def _weight(term: str) -> float:
    has_digit = any(character.isdigit() for character in term)
    return _WEIGHT_OF_NUMBERS if has_digit else 1.0
