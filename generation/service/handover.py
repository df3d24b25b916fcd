"""When a person has to go on, by rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from generation.service.classes import rule
from generation.service.context import amount_text
from generation.service.cues import ServiceCues, comparable
from generation.service.records import (
    ComplaintClass,
    HandOver,
    HandOverReason,
    Interaction,
    ServiceContext,
)
from generation.service.texts import AGENT_ABOUT, CLASS_NAMES, FOR_AGENT, FOR_CUSTOMER


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverSettings:
    """From when on a person goes on.

    Attributes
    ----------
    repeated_contacts
        So many earlier contacts about the same matter, none of which settled it.
    high_amounts
        By currency (ISO 4217) the amount of an order from which on its complaints are for a person;
        an order in another currency is not judged by its amount.
    min_confidence
        Below it the reply is given and checked by a person.
    """

    repeated_contacts: int
    high_amounts: Mapping[str, Decimal]
    min_confidence: float


@dataclass(frozen=True, slots=True)
class Case:
    """A message with its context and class."""

    message: str
    lang: str
    context: ServiceContext
    complaint_class: ComplaintClass


class HandOverRules:
    """Decides whether a person goes on, and says so to customer and agent."""

    def __init__(self, *, cues: ServiceCues, settings: HandOverSettings) -> None:
        self._cues = cues
        self._settings = settings

    def before(self, case: Case) -> HandOver:
        """Return what the message itself calls for: nobody lets a bot answer it."""
        if self._cues.person.found_in(comparable(case.message)):
            return _hand_over(case, HandOverReason.ASKED_FOR_PERSON)
        if case.complaint_class is ComplaintClass.SAFETY_LEGAL:
            return _hand_over(case, HandOverReason.SAFETY_OR_LEGAL)
        return HandOver()

    def after(
        self, case: Case, *, confidence: float | None, failed: HandOverReason | None
    ) -> HandOver:
        """Return what calls for a person beside a reply; `failed` says why it has no solution."""
        if case.complaint_class is not ComplaintClass.NONE:
            contacts = self._unsolved(case.context.interactions, case.complaint_class)
            if contacts >= self._settings.repeated_contacts:
                return _hand_over(case, HandOverReason.REPEATED_CONTACT, contacts=contacts)
            order = case.context.order
            limit = self._settings.high_amounts.get(order.currency)
            if order.amount is not None and limit is not None and order.amount >= limit:
                return _hand_over(
                    case,
                    HandOverReason.HIGH_AMOUNT,
                    amount=amount_text(order.amount),
                    currency=order.currency,
                    limit=amount_text(limit),
                )
        if failed is not None:
            return _hand_over(case, failed)
        least = self._settings.min_confidence
        if confidence is not None and confidence < least:
            return _hand_over(
                case, HandOverReason.LOW_CONFIDENCE, confidence=confidence, limit=least
            )
        return HandOver()

    def _unsolved(self, interactions: Sequence[Interaction], matter: ComplaintClass) -> int:
        return sum(self._is_unsolved(each.summary, matter) for each in interactions)

    def _is_unsolved(self, summary: str, matter: ComplaintClass) -> bool:
        """Tell whether a contact was about the matter and did not settle it.

        A summary tells soberly what a message complains of, so its topics count, not its tone.
        """
        text = comparable(summary)
        if self._cues.solved.found_in(text) and not self._cues.displeased.found_in(text):
            return False
        if matter is ComplaintClass.OTHER:
            return rule(summary, self._cues).complaint_class is ComplaintClass.OTHER
        return self._cues.classes[matter].weigh(text) > 0


def _hand_over(case: Case, reason: HandOverReason, **figures: object) -> HandOver:
    lang = case.lang
    about = [CLASS_NAMES[lang][case.complaint_class], case.context.order.number]
    behind = AGENT_ABOUT[lang].format(about=", ".join(filter(None, about)))
    agent = FOR_AGENT[lang][reason].format(**figures) + behind
    return HandOver(reason, FOR_CUSTOMER[lang][reason], agent)
