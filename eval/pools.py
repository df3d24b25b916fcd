"""What the passages of a set are searched among: alone, or with those of other sets."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from eval.records import Gold, Question
from eval.sets import Passage, PassageSet


class Pool(StrEnum):
    """How passages are put together.

    `OWN`: each set alone. `LANGUAGE`: all passages of one language together, a question is asked
    of those in the language of its answer. `ALL`: all passages together.
    """

    OWN = "own"
    LANGUAGE = "language"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Pooled:
    """Sets made ready for searching.

    Attributes
    ----------
    collections
        The passages to search, by the name of the collection.
    questions
        By set: each question and the name of the collection that it is asked of.
    """

    collections: Mapping[str, tuple[Passage, ...]]
    questions: Mapping[str, tuple[tuple[str, Question], ...]]


def pooled(sets: Sequence[PassageSet], pool: Pool) -> Pooled:
    """Put the passages of the sets together.

    In a pool a text that stands in several sets is one passage: it would else be a distractor of
    itself. Texts are the same if their letters and digits are.
    """
    if pool is Pool.OWN:
        return Pooled(
            collections={each.name: each.passages for each in sets},
            questions={each.name: tuple((each.name, q) for q in each.questions) for each in sets},
        )
    canonical: dict[str, Passage] = {}
    renamed: dict[tuple[str, str], str] = {}
    for each in sets:
        for passage in each.passages:
            key = _text_key(passage.text)
            named = replace(passage, id=f"{each.name}/{passage.id}")
            renamed[each.name, passage.id] = canonical.setdefault(key, named).id
    collections: dict[str, list[Passage]] = {}
    for passage in canonical.values():
        collections.setdefault(_collection(passage.lang, pool), []).append(passage)
    return Pooled(
        collections={name: tuple(passages) for name, passages in collections.items()},
        questions={
            each.name: tuple(
                (_collection(q.source_lang, pool), _renamed(q, each.name, renamed))
                for q in each.questions
            )
            for each in sets
        },
    )


def _collection(lang: str, pool: Pool) -> str:
    return "all" if pool is Pool.ALL else f"all-{lang}"


def _renamed(question: Question, set_name: str, renamed: Mapping[tuple[str, str], str]) -> Question:
    return replace(
        question,
        grades={renamed[set_name, each]: grade for each, grade in question.grades.items()},
        gold=tuple(
            Gold(renamed[set_name, gold.document], gold.quote, gold.page) for gold in question.gold
        ),
    )


def _text_key(text: str) -> str:
    kept = "".join(character for character in text.casefold() if character.isalnum())
    return hashlib.sha256(kept.encode()).hexdigest()
