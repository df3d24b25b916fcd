"""The bodies of requests and responses about conversations; the API and its client share them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from app.api.requests import plain
from app.api.schemas import SentenceOut, SourceOut

MAX_TITLE = 200
MAX_WORDS = 200
_EXAMPLE_CONVERSATION = "9c1b7f5e-2d0e-4d6f-8a57-41a3c8e0b6d2"


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True, frozen=True)


class RenameIn(BaseModel):
    """What a conversation is to be called."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    title: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TITLE),
        AfterValidator(plain),
    ] = Field(examples=["Annual leave"])


class ConversationOut(_Out):
    """A conversation of the key."""

    id: UUID = Field(examples=[_EXAMPLE_CONVERSATION])
    title: str = Field(
        description="as it was renamed, else the first question, shortened; empty before it",
        examples=["How many days of annual leave do I have in my third year?"],
    )
    created_at: datetime
    updated_at: datetime


class ConversationsOut(_Out):
    """Conversations of the key, the last one used first."""

    conversations: tuple[ConversationOut, ...]


class ContradictionOut(_Out):
    """Another document says otherwise than an answer."""

    document_id: UUID
    title: str = Field(examples=["Leave rules 2023"])
    quote: str = Field(description="what it says", examples=["Twelve days in the third year."])
    is_in_force: bool = Field(description="false: it is a former or a later edition")


class ExchangeOut(_Out):
    """A question and its answer."""

    ordinal: int = Field(description="position in the conversation, from 1", examples=[1])
    asked_at: datetime
    question: str = Field(examples=["And for managers?"])
    understood: str = Field(
        description="what the question was taken to ask",
        examples=["And for managers? (How many days of annual leave do I have?)"],
    )
    answer: str = Field(
        description="with marks such as [1]; empty if it is withheld", examples=["25 days [1]."]
    )
    refusal: bool
    withheld: bool = Field(
        description="true: it was written from documents that the key may not see any more, or "
        "that are gone; the answer is not given out and not remembered"
    )
    citations: tuple[SourceOut, ...] = Field(
        description="what the marks stand for, with the passage as it is in the document's present "
        "revision; without a passage if the document was replaced since"
    )
    sentences: tuple[SentenceOut, ...] = Field(
        description="the answer's, as they were checked; empty if it is not known"
    )
    contradictions: tuple[ContradictionOut, ...] = Field(
        description="what other documents say of the same matter"
    )
    lang: str = Field(examples=["en"])


class ConversationDetailOut(ConversationOut):
    """A conversation with what was said."""

    summary: str = Field(
        description="of its first turns, as later questions are understood after it; empty where "
        "there is none yet, or where it was written from documents that the key may not see"
    )
    summarised: int = Field(description="how many turns the summary reaches over", examples=[0])
    turns: int = Field(description="how many there are in all", examples=[1])
    exchanges: tuple[ExchangeOut, ...] = Field(description="a page of them, oldest first")
