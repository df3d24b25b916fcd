"""The bodies of responses about conversations; the API and its client share them."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

_EXAMPLE_CONVERSATION = "9c1b7f5e-2d0e-4d6f-8a57-41a3c8e0b6d2"


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True, frozen=True)


class ConversationOut(_Out):
    """A conversation of the key."""

    id: UUID = Field(examples=[_EXAMPLE_CONVERSATION])
    title: str = Field(
        description="the first question, shortened; empty before it",
        examples=["How many days of annual leave do I have in my third year?"],
    )
    created_at: datetime
    updated_at: datetime


class ConversationsOut(_Out):
    """Conversations of the key, the last one used first."""

    conversations: tuple[ConversationOut, ...]


class CitationOut(_Out):
    """What the mark `[number]` of an answer stands for."""

    number: int = Field(examples=[1])
    document_id: UUID
    chunk_id: UUID


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
    citations: tuple[CitationOut, ...]
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
