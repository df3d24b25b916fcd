"""Our own set: the sample company's documents and the questions on them (`data/eval`)."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from eval.errors import BrokenSet
from eval.records import Gold, Question, Turn
from models.language import detect_language

DATA: Final = Path(__file__).parents[1] / "data"
DOCUMENTS: Final = DATA / "samples" / "documents"
QUESTIONS: Final = DATA / "eval"

ASKED_ON: Final = date(2025, 9, 1)
"""The day that the sample company's documents take for today, and that its questions are asked."""

Kind = Literal[
    "cross_language", "two_documents", "table", "edition", "follow_up", "unanswerable", "access"
]
Half = Literal["tuning", "reporting"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class PlaceIn(_Strict):
    """A place in a document."""

    document: str
    page: int | None = Field(None, ge=1)
    quote: str = Field(min_length=1)


class TurnIn(_Strict):
    """An earlier turn."""

    question: str = Field(min_length=1)
    answer: str = Field(min_length=1)


class QuestionIn(_Strict):
    """A question as it stands in the file; `trap` says why somebody would get it wrong."""

    id: str
    language: Literal["zh", "en"]
    question: str = Field(min_length=1)
    kinds: tuple[Kind, ...] = ()
    answer: str | None
    parts: tuple[tuple[str, ...], ...]
    gold: tuple[PlaceIn, ...]
    nearest: PlaceIn | None = None
    wrong: tuple[str, ...]
    trap: str = ""
    history: tuple[TurnIn, ...] = ()
    groups: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _is_whole(self) -> "QuestionIn":
        answered = (bool(self.answer), bool(self.parts), bool(self.gold))
        if len(set(answered)) > 1:
            raise ValueError("has to have all of answer, parts and gold, or none of them")
        if not self.gold and self.nearest is None:
            raise ValueError("has no gold and names no nearest passage")
        if ("follow_up" in self.kinds) != bool(self.history):
            raise ValueError("is a follow-up without history, or has history and is none")
        if any(not spellings for spellings in self.parts):
            raise ValueError("has a part without a spelling")
        return self


class HalvesIn(_Strict):
    """The documents of each half."""

    tuning: tuple[str, ...]
    reporting: tuple[str, ...]


class FileIn(_Strict):
    """One file of questions."""

    documents: HalvesIn
    questions: tuple[QuestionIn, ...]


def load_own_questions(folder: Path = QUESTIONS) -> list[Question]:
    """Read all questions, in the order of the files' names and of the files.

    Raises
    ------
    BrokenSet
        A file does not follow the layout, an id stands twice, or a question's documents lie in
        none or both of the halves.
    """
    questions: list[Question] = []
    for path in sorted(folder.glob("*.yaml")):
        read = read_file(path)
        halves = _halves(path, read.documents)
        questions.extend(_question(path, each, halves) for each in read.questions)
    seen: set[str] = set()
    for question in questions:
        if question.id in seen:
            raise BrokenSet(f"{folder}: question {question.id} stands twice; rename one")
        seen.add(question.id)
    if not questions:
        raise BrokenSet(f"{folder}: holds no questions")
    return questions


def read_file(path: Path) -> FileIn:
    """Read one file of questions as it stands."""
    try:
        return FileIn.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise BrokenSet(f"{path}: is no YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BrokenSet(f"{path}: {place}: {first['msg']} (found {_brief(first)})") from error


def _brief(error: Mapping[str, Any]) -> str:
    found = error["input"]
    if isinstance(found, dict):
        found = found.get("id", found)
    return str(found)[:120]


def _halves(path: Path, documents: HalvesIn) -> dict[str, Half]:
    both = set(documents.tuning) & set(documents.reporting)
    if both:
        raise BrokenSet(f"{path}: {sorted(both)} are in both halves; take them out of one")
    tuning: dict[str, Half] = dict.fromkeys(documents.tuning, "tuning")
    return tuning | dict.fromkeys(documents.reporting, "reporting")


def _question(path: Path, read: QuestionIn, halves: Mapping[str, Half]) -> Question:
    places = read.gold or (() if read.nearest is None else (read.nearest,))
    names = [place.document for place in places]
    unknown = [name for name in names if name not in halves]
    if unknown:
        raise BrokenSet(f"{path}: {read.id} names {unknown}, which are in no half")
    half = {halves[name] for name in names}
    if len(half) > 1:
        raise BrokenSet(f"{path}: {read.id} takes documents of both halves")
    secret = not read.gold and "access" in read.kinds
    return Question(
        id=read.id,
        text=read.question,
        lang=read.language,
        source_lang=_source_language(read, places),
        kinds=read.kinds,
        half=half.pop(),
        history=tuple(Turn(turn.question, turn.answer) for turn in read.history),
        groups=read.groups,
        grades=dict.fromkeys((place.document for place in read.gold), 1),
        gold=tuple(Gold(place.document, place.quote, place.page) for place in read.gold),
        parts=read.parts,
        wrong=read.wrong,
        secret=tuple(names) if secret else (),
        answerable=bool(read.gold),
        asked_on=ASKED_ON,
    )


def _source_language(read: QuestionIn, places: Sequence[PlaceIn]) -> str:
    """Return the language of the documents; that a quote is a bare code or number says nothing."""
    other = "en" if read.language == "zh" else "zh"
    if read.gold:
        return other if "cross_language" in read.kinds else read.language
    return detect_language(" ".join(place.quote for place in places))
