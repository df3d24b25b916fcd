"""The words by which a customer's message is understood, from `cues.yaml`."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import yaml
from pydantic import BaseModel, ConfigDict, Field

from generation.service.records import ComplaintClass
from models.normalise.characters import unify_characters, unify_spaces

_FILE: Final = Path(__file__).parent / "cues.yaml"
_GAPS: Final = {"zh": r"[^。！？；.!?\n]{0,8}?", "en": r"[^。！？.!?\n]{0,30}?"}
_TOPIC, _TROUBLE = 1, 2


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Words(_Strict):
    zh: tuple[str, ...]
    en: tuple[str, ...]


class _ClassWords(_Strict):
    topics: _Words
    troubles: _Words


class _Complaint(_Strict):
    displeased: _Words
    content: _Words


class _File(_Strict):
    complaint: _Complaint
    person: _Words
    solved: _Words
    classes: Mapping[ComplaintClass, _ClassWords] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Cues:
    """Expressions of one meaning."""

    expressions: tuple[re.Pattern[str], ...]

    def count(self, text: str) -> int:
        """Return how many different things of a `comparable` text they say."""
        return len({found for each in self.expressions for found in each.findall(text)})

    def found_in(self, text: str) -> bool:
        """Tell whether a `comparable` text says any of it."""
        return any(each.search(text) for each in self.expressions)


@dataclass(frozen=True, slots=True)
class ClassCues:
    """What a message of a class speaks of, and what goes wrong with it."""

    topics: Cues
    troubles: Cues

    def weigh(self, text: str) -> int:
        """Return topics and, doubly, troubles that a `comparable` text names."""
        return _TOPIC * self.topics.count(text) + _TROUBLE * self.troubles.count(text)


@dataclass(frozen=True, slots=True)
class ServiceCues:
    """All cues."""

    displeased: Cues
    content: Cues
    person: Cues
    solved: Cues
    classes: Mapping[ComplaintClass, ClassCues]


@cache
def load_cues() -> ServiceCues:
    """Read the file; a malformed one raises at the first use, which is at start-up."""
    file = _File.model_validate(yaml.safe_load(_FILE.read_text(encoding="utf-8")))
    return ServiceCues(
        displeased=_cues(file.complaint.displeased),
        content=_cues(file.complaint.content),
        person=_cues(file.person),
        solved=_cues(file.solved),
        classes={
            name: ClassCues(_cues(each.topics), _cues(each.troubles))
            for name, each in file.classes.items()
        },
    )


def comparable(text: str) -> str:
    """Return a text in the form in which cues are looked for: small, simplified, one space."""
    return unify_spaces(unify_characters(text))


def _cues(words: _Words) -> Cues:
    return Cues((*_expressions(words.zh, "zh"), *_expressions(words.en, "en")))


def _expressions(entries: Iterable[str], lang: str) -> Iterable[re.Pattern[str]]:
    for entry in entries:
        grouped = re.sub(r"\((?!\?)", "(?:", entry)
        gapped = re.sub(r" ?~ ?", lambda _: _GAPS[lang], grouped)
        # Beside Chinese no character ends an English word, so \b would not hold there.
        bounded = f"(?:{gapped})" if lang == "zh" else f"(?<![a-z0-9])(?:{gapped})(?![a-z0-9])"
        yield re.compile(bounded)
