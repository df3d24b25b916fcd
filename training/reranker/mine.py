"""Mine hard negatives with our own search.

    python -m training.reranker.mine DATA FOLDER

FOLDER/translated.jsonl is read (`training.reranker.translate`), FOLDER/lists.jsonl is written.
Negatives are what the dense and the lexical search rank high and what is neither of a passage that
answers nor holds the answer's words; half of those of a question come from each search. Windows in
the other language follow (`training.reranker.strangers`).
"""

import argparse
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console

from app.settings import load_settings
from app.wiring import open_encoder
from eval.own_set import QUESTIONS, load_own_questions, read_file
from models.encoder import CountingEncoder
from models.language import detect_language
from training.reranker.lists import TrainingList, write_lists
from training.reranker.pools import Pool, best, build_pool
from training.reranker.sources import (
    TRAIN_SETS,
    TUNING_PARTS,
    Question,
    load_questions,
)
from training.reranker.strangers import load_strangers, with_strangers
from training.reranker.translate import Translation, read_translations
from training.reranker.windows import Window, company_windows, passage_windows
from training.retrieval_sets import RetrievalSet, answers_of, sampled

MIN_AGREEMENT: Final = 0.55
"""Translations below are dropped; two questions of one set chosen at random agree to about .1."""
_MAX_CHARACTERS: Final = 1500
_DISTRACTORS: Final = 3000
"""Passages of a set that answer none of its questions here."""
_DEPTH: Final = 20
_BEST_NEGATIVES: Final = 2
_OTHER_NEGATIVES: Final = 2
_POSITIVES: Final = 2
_ANSWER_CHARACTERS: Final = 60
"""Longer answers are prose of their own, not words of a passage."""
_SEED: Final = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is mined.

    Attributes
    ----------
    text
        As it is learned.
    searched
        In the language of the passages; what the lexical search takes.
    passages
        Those that answer it.
    related
        Passages that are neither positive nor negative.
    answers
        Texts one of which a positive window holds, if any does, and no negative one.
    """

    source: str
    text: str
    searched: str
    passages: frozenset[str]
    related: frozenset[str]
    answers: tuple[str, ...]


def mine(
    pool: Pool, asked: Asked, encoder: CountingEncoder, chance: random.Random
) -> TrainingList | None:
    """Return the list of a question, or None if no window is positive."""
    positives = _positives(pool, asked, encoder)
    if not positives:
        return None
    dense = best(pool.cosines(asked.text, encoder), _DEPTH)
    lexical = best(pool.lexical(asked.searched), _DEPTH)
    negatives: list[int] = []
    for found in (dense, lexical):
        wrong = [i for i in found if i not in negatives and _is_wrong(pool.windows[i], asked)]
        # Some of the very best and some further down: the best alone are often unlabelled answers.
        kept, rest = wrong[:_BEST_NEGATIVES], wrong[_BEST_NEGATIVES:]
        negatives += kept + chance.sample(rest, min(len(rest), _OTHER_NEGATIVES))
    lang = detect_language(asked.text)
    return TrainingList(
        asked.source,
        asked.text,
        f"{lang}-{detect_language(pool.windows[positives[0]].text)}",
        tuple(sorted(asked.passages)),
        tuple(pool.windows[i].text for i in positives),
        tuple(pool.windows[i].text for i in negatives),
        tuple(pool.windows[i].passage for i in negatives),
    )


def _is_wrong(window: Window, asked: Asked) -> bool:
    near = window.passage in asked.passages or window.passage in asked.related
    return not near and not _holds_answer(window, asked)


def _holds_answer(window: Window, asked: Asked) -> bool:
    return any(answer in window.text for answer in asked.answers)


def _positives(pool: Pool, asked: Asked, encoder: CountingEncoder) -> list[int]:
    own = [i for i, window in enumerate(pool.windows) if window.passage in asked.passages]
    holding = [i for i in own if _holds_answer(pool.windows[i], asked)]
    cosines = pool.cosines(asked.text, encoder)
    return sorted(holding or own, key=lambda i: -cosines[i])[:_POSITIVES]


def set_lists(
    data: Path, source: str, translations: Mapping[str, Translation], encoder: CountingEncoder
) -> Iterator[TrainingList]:
    """Yield the lists of a set: each question, and again in the other language if translated."""
    found, questions = load_questions(data, source)
    pool = build_pool(list(_set_windows(found, questions, encoder)), encoder)
    answers = answers_of(data / source / "queries.jsonl")
    chance = random.Random(_SEED)
    for question in questions:
        known = tuple(a for a in answers[question.id] if 0 < len(a) <= _ANSWER_CHARACTERS)
        texts = [question.text]
        translation = translations.get(question.id)
        if translation is not None and translation.agreement >= MIN_AGREEMENT:
            texts.append(translation.translation)
        for text in texts:
            asked = Asked(source, text, question.text, question.positives, question.related, known)
            made = mine(pool, asked, encoder, chance)
            if made is not None:
                yield made


def _set_windows(
    found: RetrievalSet, questions: Sequence[Question], encoder: CountingEncoder
) -> Iterator[Window]:
    needed = {passage for question in questions for passage in question.positives}
    others = {one: text for one, text in found.passages.items() if one not in needed}
    kept = {one: found.passages[one] for one in sorted(needed)} | sampled(others, _DISTRACTORS)
    yield from passage_windows(kept, encoder, max_characters=_MAX_CHARACTERS)


def own_lists(encoder: CountingEncoder) -> Iterator[TrainingList]:
    """Yield the lists of the tuning half of our own set."""
    files = (read_file(path) for path in QUESTIONS.glob("*.yaml"))
    names = frozenset(name for file in files for name in file.documents.tuning)
    pool = build_pool(list(company_windows(encoder, names=names)), encoder)
    chance = random.Random(_SEED)
    for question in load_own_questions():
        if question.half == "tuning" and question.answerable and not question.history:
            asked = Asked(
                "own",
                question.text,
                question.text,
                frozenset(question.grades),
                frozenset(),
                tuple(gold.quote for gold in question.gold),
            )
            made = mine(pool, asked, encoder, chance)
            if made is not None:
                yield made


def main() -> None:
    """Read the arguments."""
    arguments = argparse.ArgumentParser(description=main.__doc__)
    arguments.add_argument("data", type=Path)
    arguments.add_argument("folder", type=Path)
    chosen = arguments.parse_args()
    mine_lists(chosen.data, chosen.folder)


def mine_lists(data: Path, folder: Path) -> None:
    """Mine all sets."""
    encoder = open_encoder(load_settings())
    by_set: dict[str, dict[str, Translation]] = {}
    for one in read_translations(folder / "translated.jsonl"):
        by_set.setdefault(one.source, {})[one.id] = one
    console = Console()

    def lists() -> Iterator[TrainingList]:
        yield from own_lists(encoder)
        for source in (*TRAIN_SETS, *TUNING_PARTS):
            console.print(source)
            yield from set_lists(data, source, by_set.get(source, {}), encoder)

    mined = with_strangers(lists(), load_strangers(data, encoder), encoder)
    console.print(f"{write_lists(folder / 'lists.jsonl', mined)} lists")


if __name__ == "__main__":
    main()
