"""The bodies of requests; the API and its client share them."""

from datetime import date
from typing import Annotated, Self, TypedDict
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    model_validator,
)

from app.messages import Lang
from generation.records import Policy
from retrieval.filters import Filters
from stores.records import DocType, Given

MAX_LIMIT = 50
MAX_TAGS = 20
MAX_DOCUMENTS = 100
MAX_TURNS = 20
MAX_QUESTION = 20_000
MAX_ANSWER = 20_000


def plain(text: str) -> str:
    """Return the text; a NUL or half a surrogate pair is a `ValueError`."""
    # JSON can spell both; no tokenizer and no database takes them.
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("holds a NUL or half a surrogate pair: send plain text")
    return text


_Text = Annotated[str, AfterValidator(plain)]


# In JSON an enumeration is text.
_Policy = Annotated[Policy | None, Field(strict=False)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


_ASKED_ON = Field(
    None,
    strict=False,
    description="day as of which to answer: editions in force on it come first; null: today",
    examples=["2023-05-31"],
)
_EXPLAIN = Field(
    default=False,
    description="true: say how each candidate came to its place",
    examples=[False],
)


_INTERPRET = Field(
    default=True,
    description="false: days and words for former editions in the question are only words",
    examples=[True],
)


def _written(value: object) -> object:
    # In JSON a day is text; a number would be read as seconds since 1970.
    if value is not None and not isinstance(value, str | date):
        raise ValueError("write a day as 2025-01-31")
    return value


_Day = Annotated[date | None, BeforeValidator(_written)]


class FiltersIn(BaseModel):
    """What documents are searched: of each field one value has to hold; an empty one is any."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    types: tuple[DocType, ...] = Field((), max_length=len(DocType), examples=[["policy"]])
    tags: tuple[_Text, ...] = Field(
        (), max_length=MAX_TAGS, description="case does not matter", examples=[["travel"]]
    )
    langs: tuple[Lang, ...] = Field((), max_length=2, examples=[["zh"]])
    documents: tuple[UUID, ...] = Field((), max_length=MAX_DOCUMENTS, description="their ids")
    published_from: _Day = Field(
        None,
        description="the day of a document, else its first day in force, is this or later",
        examples=["2025-01-01"],
    )
    published_to: _Day = Field(None, description="… is this or earlier", examples=["2025-12-31"])
    effective_from: _Day = Field(
        None,
        description="it is in force on this day or later; without days always",
        examples=[None],
    )
    effective_to: _Day = Field(
        None, description="it is in force on this day or earlier", examples=[None]
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for first, last in (
            (self.published_from, self.published_to),
            (self.effective_from, self.effective_to),
        ):
            if first is not None and last is not None and last < first:
                raise ValueError(f"the period ends on {last}, before it begins on {first}")
        return self

    def filters(self) -> Filters:
        """Return what the stages take."""
        return Filters(
            doc_types=self.types,
            tags=tuple(" ".join(tag.lower().split()) for tag in self.tags),
            langs=self.langs,
            document_ids=self.documents,
            published_from=self.published_from,
            published_to=self.published_to,
            effective_from=self.effective_from,
            effective_to=self.effective_to,
        )


EVERYTHING = FiltersIn()
"""All documents are searched."""


class SearchIn(_In):
    """A search."""

    query: _Text = Field(
        description="what to look for, in Chinese or English; at most "
        "`answer.max_question_characters` characters",
        examples=["差旅住宿费标准"],
    )
    limit: int = Field(
        10, ge=1, le=MAX_LIMIT, description="how many passages to return at most", examples=[10]
    )
    asked_on: _Day = _ASKED_ON
    filters: FiltersIn = EVERYTHING
    interpret: bool = _INTERPRET
    explain: bool = _EXPLAIN


class TurnIn(_In):
    """An earlier question of the conversation, and its answer."""

    question: _Text = Field(
        min_length=1, max_length=MAX_QUESTION, examples=["How long is an RMA number valid?"]
    )
    answer: _Text = Field(
        "",
        max_length=MAX_ANSWER,
        description="empty where there was none",
        examples=["An RMA number is valid for 14 days [1]."],
    )


class ChatIn(_In):
    """A question."""

    question: _Text = Field(
        description="the question, in Chinese or English; at most "
        "`answer.max_question_characters` characters",
        examples=["How many days of annual leave do I have in my third year?"],
    )
    stream: bool = Field(
        default=False, description="true: answer as server-sent events", examples=[False]
    )
    lang: Lang | None = Field(
        None, description="language to answer in; null: that of the question", examples=[None]
    )
    asked_on: _Day = _ASKED_ON
    filters: FiltersIn = EVERYTHING
    interpret: bool = _INTERPRET
    explain: bool = _EXPLAIN
    policy: _Policy = Field(
        None,
        description="for sentences that could not be verified: `mark` them, or drop them "
        "(`strict`); null: as `answer.policy` says",
        examples=["strict"],
    )
    history: list[TurnIn] = Field(
        [],
        max_length=MAX_TURNS,
        description="earlier turns, oldest first; a follow-up is understood after them. They are "
        "never evidence; the trace of the answer keeps the questions and hashes of the answers",
    )
    conversation_id: UUID | None = Field(
        None,
        strict=False,
        description="a conversation of `POST /v1/conversations`: the question is understood after "
        "its turns, and the finished turn is kept there; not together with `history`",
        examples=[None],
    )
    response_schema: dict[str, JsonValue] | None = Field(
        None,
        description="JSON Schema of an object: the answer then is `data`, an object that follows "
        "it, and is streamed whole. Taken are types, properties, items, enumerations, bounds, "
        "formats, combinations and references to its own `$defs`; no regular expressions",
        examples=[None],
    )

    @model_validator(mode="after")
    def _one_memory(self) -> Self:
        if self.history and self.conversation_id is not None:
            raise ValueError("history and conversation_id exclude each other: send one of them")
        return self


class SyncIn(_In):
    """Where to go on."""

    after: UUID | None = Field(
        None,
        strict=False,
        description="`last` of the answer before; null: from the start",
        examples=[None],
    )


class KeepIn(_In):
    """Which documents stay beside those that they are almost the same as."""

    document_ids: tuple[Annotated[UUID, Field(strict=False)], ...] = Field(
        min_length=1, max_length=MAX_DOCUMENTS, strict=False
    )


class Asking(TypedDict, total=False):
    """How a question is meant.

    Attributes
    ----------
    asked_on
        The day as of which to answer; None is today.
    filters
        What documents are searched.
    interpret
        Whether days that the question names are taken for days that it is about.
    """

    asked_on: date | None
    filters: FiltersIn
    interpret: bool


def asking_fields(asking: Asking) -> dict[str, object]:
    """Return the part of a request's body that says how a question is meant."""
    day = asking.get("asked_on")
    return {
        "asked_on": None if day is None else day.isoformat(),
        "filters": asking.get("filters", EVERYTHING).model_dump(mode="json"),
        "interpret": asking.get("interpret", True),
    }


def upload_fields(given: Given) -> dict[str, str | list[str]]:
    """Return the fields of the upload form for what is said."""
    values = {
        "type": given.doc_type,
        "series": given.series,
        "effective_from": given.effective_from,
        "effective_to": given.effective_to,
        "published": given.published,
    }
    said: dict[str, str | list[str]] = {name: str(value) for name, value in values.items() if value}
    return {**said, "tags": list(given.tags)} if given.tags else said
