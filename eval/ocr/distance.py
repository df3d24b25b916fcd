"""Character error rate: how far what was read is from what stands there."""

import unicodedata


def error_rate(read: str, truth: str) -> float:
    """Return the edits that turn the one into the other, by characters of the truth; 0 is perfect.

    Spaces and breaks do not count, and characters are compared in NFKC: full-width and half-width
    punctuation are told apart by the font alone. Insertions can bring it above 1.
    """
    ours, theirs = _plain(read), _plain(truth)
    return _edits(ours, theirs) / max(len(theirs), 1)


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _edits(first: str, second: str) -> int:
    """Return the distance of Levenshtein (1966)."""
    before = list(range(len(second) + 1))
    for row, character in enumerate(first, start=1):
        current = [row]
        for column, other in enumerate(second, start=1):
            same = before[column - 1] + (character != other)
            current.append(min(before[column] + 1, current[-1] + 1, same))
        before = current
    return before[-1]
