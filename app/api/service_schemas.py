"""Request and response of the customer-service bot; the API and its client share them."""

import unicodedata
from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from app.api.schemas import EvidenceOut, SentenceOut, UsageOut
from app.messages import Lang
from generation.service import records
from generation.service.records import ComplaintClass, DecidedBy, HandOverReason

MAX_MESSAGE = 20_000
MAX_ITEMS = 20
MAX_INTERACTIONS = 3
_MAX_FIELD = 100
_MAX_SUMMARY = 500
_LINES = frozenset("\n\r\t")
# They turn the order of what is read around: a reader would see another text than the model.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _lines(text: str) -> str:
    if any(_is_control(character) for character in text if character not in _LINES):
        raise ValueError("holds control characters: send plain text")
    return text


def _line(text: str) -> str:
    if any(map(_is_control, text)):
        raise ValueError("holds control characters or line breaks: send one line of plain text")
    return text.strip()


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs"} or character in _TURNING


# pydantic tells of a ValueError only, not of a TypeError.
def _written(value: object) -> object:
    # In JSON a day is text; a number would be read as seconds since 1970.
    if not isinstance(value, str | date):
        raise ValueError("write a day as 2025-01-31")  # noqa: TRY004
    return value


def _amount(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("write an amount as a number or as text")  # noqa: TRY004
    return value


_Field = Annotated[str, Field(max_length=_MAX_FIELD), AfterValidator(_line)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ItemIn(_In):
    """Something that was ordered."""

    name: _Field = Field(min_length=1, examples=["cordless kettle"])
    quantity: int | None = Field(None, ge=1, le=1_000_000, examples=[2])


class OrderIn(_In):
    """The order that the message is about."""

    number: _Field = Field("", examples=["SO-2025-0611"])
    state: _Field = Field("", description="in words", examples=["shipped on 2025-06-02"])
    amount: Annotated[Decimal | None, BeforeValidator(_amount)] = Field(
        None,
        ge=0,
        max_digits=14,
        decimal_places=4,
        allow_inf_nan=False,
        strict=False,
        description="of the whole order; a number, or text to be exact",
        examples=["1299.50"],
    )
    currency: str = Field("", pattern=r"^([A-Z]{3})?$", description="ISO 4217", examples=["CNY"])
    items: tuple[ItemIn, ...] = Field((), max_length=MAX_ITEMS, strict=False)

    @model_validator(mode="after")
    def _has_currency(self) -> Self:
        if (self.amount is None) != (not self.currency):
            raise ValueError("amount and currency go together: send both or none")
        return self


class CustomerIn(_In):
    """Who writes."""

    name: _Field = Field("", examples=["Anna Berg"])
    tier: _Field = Field("", examples=["gold"])


class InteractionIn(_In):
    """An earlier contact."""

    when: Annotated[date, BeforeValidator(_written)] = Field(strict=False, examples=["2025-06-03"])
    channel: _Field = Field(min_length=1, examples=["phone"])
    summary: Annotated[str, Field(min_length=1, max_length=_MAX_SUMMARY), AfterValidator(_line)] = (
        Field(description="one line", examples=["asked when the parcel arrives; unsolved"])
    )


class ContextIn(_In):
    """What your systems know beside the message. It is data: never evidence, and never cited."""

    order: OrderIn = OrderIn()
    customer: CustomerIn = CustomerIn()
    interactions: tuple[InteractionIn, ...] = Field(
        (), max_length=MAX_INTERACTIONS, strict=False, description="the last ones, oldest first"
    )

    def context(self) -> records.ServiceContext:
        """Return what the stages take."""
        order = self.order
        return records.ServiceContext(
            order=records.Order(
                number=order.number,
                state=order.state,
                amount=order.amount,
                currency=order.currency,
                items=tuple(records.Item(each.name, each.quantity) for each in order.items),
            ),
            customer=records.Customer(self.customer.name, self.customer.tier),
            interactions=tuple(
                records.Interaction(each.when, each.channel, each.summary)
                for each in self.interactions
            ),
        )


NO_CONTEXT = ContextIn()
"""Nothing is known beside the message."""


class ServiceIn(_In):
    """A customer's message."""

    message: Annotated[str, AfterValidator(_lines)] = Field(
        max_length=MAX_MESSAGE,
        description="the customer's words; at most `answer.max_question_characters` characters",
        examples=["My parcel was supposed to arrive on Monday and it still hasn't turned up."],
    )
    language: Lang | None = Field(
        None, description="language to reply in; null: that of the message", examples=[None]
    )
    context: ContextIn = NO_CONTEXT


class HandOverOut(BaseModel):
    """Whether a person has to go on."""

    model_config = ConfigDict(from_attributes=True, frozen=True)

    needed: bool
    reason: HandOverReason | None = Field(description="null where nobody has to")
    customer: str = Field(description="a sentence for the customer, also the end of the reply")
    agent: str = Field(description="a sentence for whoever goes on")


class ServiceOut(BaseModel):
    """A reply to a customer."""

    model_config = ConfigDict(frozen=True)

    reply: str = Field(
        description="what the customer reads, with marks such as [1] that name a citation",
        examples=["We are sorry. A faulty device is replaced within 14 days [1]."],
    )
    lang: Lang
    sentences: tuple[SentenceOut, ...]
    citations: tuple[EvidenceOut, ...] = Field(description="the evidence that the reply cites")
    confidence: float = Field(
        description="0 to 1: probability that the best citation is relevant, times the share of "
        "the sentences of fact that passed the check",
        examples=[0.71],
    )
    complaint_class: ComplaintClass
    classified_by: DecidedBy = Field(description="who found the class: rules or the model")
    hand_over: HandOverOut
    refusal: bool = Field(description="true: the reply holds no solution")
    usage: UsageOut | None = Field(description="null where no model was asked, or none answered")
    provenance: dict[str, str] = Field(description="prompt, models, index and configuration")

    @classmethod
    def of(cls, reply: records.ServiceReply) -> Self:
        """Return what is told of a reply."""
        told = {
            "reply": reply.text,
            "lang": reply.lang,
            "sentences": reply.sentences,
            "citations": reply.citations,
            "confidence": reply.confidence,
            "complaint_class": reply.complaint.complaint_class,
            "classified_by": reply.complaint.by,
            "hand_over": reply.hand_over,
            "refusal": reply.refusal,
            "usage": reply.usage,
            "provenance": reply.provenance,
        }
        return cls.model_validate(told, from_attributes=True)
