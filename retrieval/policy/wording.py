"""What a passage says, so far that two passages which say the same can be told."""

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

from stores.records import Chunk

_WORD = re.compile(r"[^\W\u3400-\u9fff_]+|[\u3400-\u9fff]")
_SHORT = 20
"""Pairs below which a text says too little without its heading."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The pairs of neighbouring words of a passage; a Chinese character counts as a word.

    Layout, punctuation, case and width are left out: they differ between the files of one text.
    """

    pairs: frozenset[tuple[str, str]]

    def repeats(self, other: "Wording") -> bool:
        """Tell whether the other passage holds all of this one, and perhaps more.

        One new word, number or name makes two new pairs, so neither forms that are filled in
        differently nor editions that differ in an amount repeat each other.
        """
        return bool(self.pairs) and self.pairs <= other.pairs


def wording(chunk: Chunk) -> Wording:
    """Return the wording of a chunk, with its innermost heading if it is short."""
    pairs = _pairs(chunk.text)
    if len(pairs) < _SHORT and chunk.heading_path:
        pairs = _pairs(f"{chunk.heading_path[-1]}\n{chunk.text}")
    return Wording(pairs)


def _pairs(text: str) -> frozenset[tuple[str, str]]:
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    return frozenset(pairwise(words))
