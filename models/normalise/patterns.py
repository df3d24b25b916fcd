"""What every rule is made of: the common parts of patterns, and the writing of what was read."""

import re
from collections.abc import Iterable
from decimal import Decimal

# Possessive: a number that could be cut anywhere would make repetitions of it exponential.
NUMBER = r"\d++(?:\.\d++)?+"
# Not within a word, a code, a decimal, a fraction or an ordinal: `E5`, `TP-5`, `1.5`, `1/5`, `第5`.
FREE = r"(?<![\w第])(?<!\w[./-])(?<!\d:)"


def pattern(text: str) -> re.Pattern[str]:
    """Compile a pattern whose words, digits and boundaries are those of ASCII."""
    # ASCII, so that a word boundary lies between Chinese and Latin: `在june`.
    return re.compile(text, re.ASCII)


def one_of(words: Iterable[str]) -> str:
    """Return the pattern of any of the words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


def put(match: re.Match[str], token: str) -> str:
    """Return the token, with a space where a letter or digit is right beside the match."""
    before = match.string[max(0, match.start() - 1) : match.start()]
    after = match.string[match.end() : match.end() + 1]
    return f"{' ' * _is_word(before)}{token}{' ' * _is_word(after)}"


def _is_word(character: str) -> bool:
    return character.isascii() and character.isalnum()


def plain(value: Decimal) -> str:
    """Write a number without exponent and without zeros that say nothing."""
    written = f"{value:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written
