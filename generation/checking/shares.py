"""How much of the words of one text another one holds."""

from collections.abc import Set
from typing import Final

WEIGHT_OF_NUMBERS: Final = 3.0
"""Of numbers and codes against 1 for a word: two editions of a rule differ in little else."""


def share(words: Set[str], held: Set[str]) -> float:
    """Return the weighted share of terms that is among those held, in [0, 1]; 0 without terms."""
    total = sum(map(weight, words))
    return sum(map(weight, words & held)) / total if total else 0.0


def weight(term: str) -> float:
    """Return what a term counts for."""
    return WEIGHT_OF_NUMBERS if has_digit(term) else 1.0


def has_digit(term: str) -> bool:
    """Tell whether a term is a number or a code."""
    return any(character.isdigit() for character in term)
