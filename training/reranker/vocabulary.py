"""The part of e5's vocabulary that Chinese and Latin scripts take."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from tokenizers import Tokenizer

_SPECIAL: Final = 4
_WORD_START: Final = "▁"
_HAN: Final = re.compile(r"[\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uff00-\uffef\u2000-\u2bff]+")
_LATIN: Final = re.compile(r"[\x20-\u024f\u1e00-\u1eff\u2000-\u206f]+")


def frequencies(tokenizer: Tokenizer, texts: Iterable[str]) -> Counter[int]:
    """Count the tokens of texts."""
    counted: Counter[int] = Counter()
    for text in texts:
        counted.update(tokenizer.encode(text).ids)
    return counted


def kept_pieces(
    pieces: Sequence[tuple[str, float]], counted: Mapping[int, int], *, size: int
) -> list[int]:
    """Choose the ids to keep, ascending.

    Kept are the special tokens, everything that occurs in the texts counted, every single
    character, and everything Chinese; then the likeliest pieces of Latin script up to `size`. Texts
    in other scripts fall to single characters.
    """
    kept = set(range(_SPECIAL))
    latin: list[int] = []
    for number, (piece, _) in enumerate(pieces):
        letters = piece.replace(_WORD_START, "")
        if len(letters) <= 1 or counted.get(number) or _HAN.fullmatch(letters):
            kept.add(number)
        elif number not in kept and _LATIN.fullmatch(letters):
            latin.append(number)
    latin.sort(key=lambda number: -pieces[number][1])
    kept.update(latin[: max(0, size - len(kept))])
    return sorted(kept)


def cut_tokenizer(settings: Mapping[str, Any], kept: Sequence[int]) -> dict[str, Any]:
    """Return the `tokenizer.json` with the kept pieces only, their ids counted anew."""
    model = settings["model"]
    vocabulary = [model["vocab"][number] for number in kept]
    return {**settings, "model": {**model, "vocab": vocabulary}}
