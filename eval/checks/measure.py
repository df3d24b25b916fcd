"""The rules on the sentences that answer our own questions, as they stand there and made wrong.

The right ones are verbatim: how often a sentence in other words is taken for wrong is not told.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rich.table import Table

from eval.checks.perturb import Change, perturbed
from eval.own_set import load_own_questions
from eval.significance import Interval, wilson_interval
from generation.checking.check import find_faults
from models.language import detect_language

RIGHT: Final = "none"
_SEED: Final = 3
_NEIGHBOURS: Final = 2
_LEAST_CHARACTERS: Final = 8
_MOST_CHARACTERS: Final = 200


@dataclass(frozen=True, slots=True)
class Judged:
    """A sentence that was checked; `change` is what was made wrong in it, or `none`."""

    change: str
    lang: str
    sentence: str
    is_faulty: bool


def own_sentences() -> list[str]:
    """Return the sentences that answer our own questions, table rows left out, each once."""
    quotes = dict.fromkeys(
        gold.quote.strip() for question in load_own_questions() for gold in question.gold
    )
    return [
        quote
        for quote in quotes
        if _LEAST_CHARACTERS < len(quote) < _MOST_CHARACTERS and "|" not in quote
    ]


def judge_sentences(sentences: Sequence[str]) -> Iterator[Judged]:
    """Check each sentence, and each version with one thing wrong, against its own passage.

    The passage is the sentence between two others of its language, as in a document.
    """
    chance = random.Random(_SEED)
    for sentence in sentences:
        lang = detect_language(sentence)
        others = [each for each in sentences if each != sentence and detect_language(each) == lang]
        before, after = chance.sample(others, _NEIGHBOURS)
        passage = f"{before}\n{sentence}\n{after}"
        yield _judged(RIGHT, lang, sentence, passage)
        for change in Change:
            wrong = perturbed(sentence, change, chance)
            if wrong is not None:
                yield _judged(change, lang, wrong, passage)


def _judged(change: str, lang: str, sentence: str, passage: str) -> Judged:
    return Judged(change, lang, sentence, any(find_faults(sentence, [passage], question="")))


def checks_table(judged: Sequence[Judged]) -> Table:
    """Return how many were taken for faulty, by what is wrong with them and by language."""
    table = Table(
        "made wrong", "language", "sentences", "found faulty", title="checks of verbatim sentences"
    )
    for change in (RIGHT, *Change):
        for lang in ("zh", "en"):
            found = [
                each.is_faulty for each in judged if (each.change, each.lang) == (change, lang)
            ]
            if found:
                table.add_row(
                    change, lang, str(len(found)), _told(wilson_interval(sum(found), len(found)))
                )
    return table


def _told(interval: Interval) -> str:
    return f"{interval.estimate:.3f} [{interval.low:.3f}, {interval.high:.3f}]"
