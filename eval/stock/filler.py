"""Texts to search among, where there are not enough real ones."""

import random
from collections.abc import Iterator, Sequence
from typing import Final

from eval.errors import EvalError
from eval.sets import Passage
from ingest.sentences import split_sentences

_SEED: Final = 100
_MOST_REPEATS: Final = 1000
_JOINED_BY: Final = {"zh": "", "en": " "}


def recombined(passages: Sequence[Passage]) -> Iterator[Passage]:
    """Yield passages of the sentences of two of one language each, without end.

    Words, lengths and languages are those of real passages; nothing that was said stands together
    any more. The same passages give the same texts.

    Parameters
    ----------
    passages
        To take sentences of: none that answers a question, whose pieces would answer it, too.

    Raises
    ------
    EvalError
        No further text can be made that is not there yet.
    """
    if not passages:
        raise EvalError("no passage is left to make further ones of: name more sets, or --texts")
    generator = random.Random(_SEED)
    of_language = {
        lang: [_sentences(each) for each in passages if each.lang == lang] for lang in _JOINED_BY
    }
    langs = [each.lang for each in passages]
    seen = {each.text for each in passages}
    number = repeats = 0
    while repeats < _MOST_REPEATS:
        lang = generator.choice(langs)
        text = _mixed(of_language[lang], lang, generator)
        if text in seen:
            repeats += 1
            continue
        repeats = 0
        seen.add(text)
        yield Passage(f"filler/{number}", "", text, lang)
        number += 1
    raise EvalError(
        f"the passages are too few to make more than {number} others of: name more sets, or --texts"
    )


def _sentences(passage: Passage) -> list[str]:
    spans = split_sentences(passage.text)
    stripped = (passage.text[start:end].strip() for start, end in spans)
    return [sentence for sentence in stripped if sentence]


def _mixed(choices: Sequence[list[str]], lang: str, generator: random.Random) -> str:
    """Return half of the sentences of two passages, at least two, in random order."""
    sentences = generator.choice(choices) + generator.choice(choices)
    generator.shuffle(sentences)
    return _JOINED_BY[lang].join(sentences[: max(2, len(sentences) // 2)])
