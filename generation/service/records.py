"""The records of a customer-service bot: what is known of a customer, and the reply."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from generation.llm import Usage
from generation.records import Sentence
from retrieval.records import Evidence, Query


class ComplaintClass(StrEnum):
    """What a customer complains about; `OTHER` is none of the others, `NONE` is no complaint."""

    SAFETY_LEGAL = "safety_legal"
    REFUND = "refund"
    BILLING = "billing"
    ACCOUNT = "account"
    DELIVERY = "delivery"
    SERVICE = "service"
    QUALITY = "quality"
    OTHER = "other"
    NONE = "none"


class DecidedBy(StrEnum):
    """Who found the class of a complaint."""

    RULES = "rules"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Classified:
    """A class and who decided on it."""

    complaint_class: ComplaintClass
    by: DecidedBy


class HandOverReason(StrEnum):
    """Why a person has to go on, the weightiest first."""

    ASKED_FOR_PERSON = "asked_for_person"
    SAFETY_OR_LEGAL = "safety_or_legal"
    REPEATED_CONTACT = "repeated_contact"
    HIGH_AMOUNT = "high_amount"
    MODEL_UNAVAILABLE = "model_unavailable"
    NO_EVIDENCE = "no_evidence"
    LOW_CONFIDENCE = "low_confidence"


@dataclass(frozen=True, slots=True)
class HandOver:
    """Whether a person has to go on.

    Attributes
    ----------
    reason
        None where nobody has to.
    customer, agent
        A sentence for each of them; empty where nobody has to.
    """

    reason: HandOverReason | None = None
    customer: str = ""
    agent: str = ""

    @property
    def needed(self) -> bool:
        """Tell whether a person has to go on."""
        return self.reason is not None


@dataclass(frozen=True, slots=True)
class Item:
    """Something that was ordered; `quantity` is None where nobody tells."""

    name: str
    quantity: int | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """The order that a message is about; "" and None where nobody tells.

    `amount` is the whole of it in `currency` (ISO 4217).
    """

    number: str = ""
    state: str = ""
    amount: Decimal | None = None
    currency: str = ""
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Customer:
    """Who writes, as far as the caller tells."""

    name: str = ""
    tier: str = ""


@dataclass(frozen=True, slots=True)
class Interaction:
    """An earlier contact."""

    when: date
    channel: str
    summary: str


@dataclass(frozen=True, slots=True)
class ServiceContext:
    """What the caller's systems know of order and customer: data, and never evidence.

    `interactions` holds the last contacts, oldest first.
    """

    order: Order = Order()
    customer: Customer = Customer()
    interactions: tuple[Interaction, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceMessage:
    """A customer's words as a query of the bot, and what is known beside them."""

    query: Query
    context: ServiceContext = ServiceContext()


@dataclass(frozen=True, slots=True)
class ServiceReply:
    """A reply to a customer.

    Attributes
    ----------
    text
        What the customer reads; marks such as `[1]` name a citation.
    confidence
        In [0, 1]: probability that the best cited passage is relevant, times the share of the
        model's sentences of fact that were kept. 0 for a refusal.
    refusal
        No evidence answers: the text holds no solution.
    usage
        What all calls of the model spent; None where it was not asked, or never answered.
    """

    text: str
    lang: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Evidence, ...]
    confidence: float
    complaint: Classified
    hand_over: HandOver
    refusal: bool
    usage: Usage | None
    provenance: Mapping[str, str]
