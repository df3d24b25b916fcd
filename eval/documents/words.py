"""Text recall: how many words of a reference a text holds."""

import re
import unicodedata
from collections import Counter

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_]+")
"""A Chinese, Japanese or Korean character, or a run of other letters and digits."""
_CUT_WORD = re.compile(r"(?<=[^\W\d_])[-\u2010\u00ad]\n\s*(?=[a-z])")


def words(text: str) -> Counter[str]:
    """Return the words of a text with how often they occur.

    Words are compared in NFKC and lower case; Chinese is taken by characters. A word that was cut
    at the end of a line is put together again.
    """
    plain = _CUT_WORD.sub("", unicodedata.normalize("NFKC", text)).lower()
    plain = "".join(c for c in plain if unicodedata.category(c) != "Cf")
    found: Counter[str] = Counter()
    for match in _WORD.finditer(plain):
        word = match.group()
        found.update(
            re.findall(
                r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+",
                word,
            )
        )
    return found


def recall(ours: Counter[str], reference: Counter[str]) -> float:
    """Return the share of the reference's words that are ours too, in [0, 1].

    Both are multisets: sum over words of min(ours, reference) / sum of reference. The reference
    holds one word at least.
    """
    return (ours & reference).total() / reference.total()


def lost(ours: Counter[str], reference: Counter[str], *, most: int) -> list[str]:
    """Return the words that are missing most often, the most frequent first."""
    return [word for word, _ in (reference - ours).most_common(most)]
