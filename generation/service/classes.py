"""What a customer complains about: by rules, and by the model where these are undecided."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from generation.errors import ModelUnavailable, PromptTooLong
from generation.llm import LanguageModel, Usage
from generation.prompts import Prompt
from generation.service.cues import ServiceCues, comparable
from generation.service.records import Classified, ComplaintClass, DecidedBy

_MOST_TOKENS: Final = 12
_LEAST_WEIGHT: Final = 2
"""Of a class that the rules are sure of: a trouble, or two topics."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the rules make of a message.

    Attributes
    ----------
    complaint_class
        The likeliest class.
    decided
        Whether the rules are sure of it: no other class is as likely, and more than one word tells.
    """

    complaint_class: ComplaintClass
    decided: bool


def rule(message: str, cues: ServiceCues) -> Ruling:
    """Return the class of a message by its words.

    It is a complaint if it tells troubles or displeasure, and not more content than these. Of the
    classes the one with most weight is taken, of equal ones the first of `ComplaintClass`, and that
    is no decision. Danger and law come before everything: there a miss costs most.
    """
    text = comparable(message)
    troubles = {name: each.troubles.count(text) for name, each in cues.classes.items()}
    if troubles[ComplaintClass.SAFETY_LEGAL]:
        return Ruling(ComplaintClass.SAFETY_LEGAL, decided=True)
    grievances = 2 * sum(troubles.values()) + cues.displeased.count(text)
    if grievances <= 2 * cues.content.count(text):
        return Ruling(ComplaintClass.NONE, decided=True)
    weights = {name: each.weigh(text) for name, each in cues.classes.items()}
    most = max(weights.values())
    likeliest = [name for name in ComplaintClass if weights.get(name) == most]
    if most == 0:
        return Ruling(ComplaintClass.OTHER, decided=False)
    return Ruling(likeliest[0], decided=len(likeliest) == 1 and most >= _LEAST_WEIGHT)


class Classifier:
    """Finds the class of a complaint."""

    def __init__(self, *, cues: ServiceCues, llm: LanguageModel, prompt: Prompt) -> None:
        self._cues = cues
        self._llm = llm
        self._prompt = prompt

    def classify(
        self, message: str, *, lang: str, cancelled: Callable[[], bool]
    ) -> tuple[Classified, Usage | None]:
        """Return the class, and what the model spent on it if it was asked.

        Where the model is away, or writes something else than a class, the likeliest class of the
        rules is taken, and the result says that the rules decided.
        """
        ruling = rule(message, self._cues)
        by_rules = Classified(ruling.complaint_class, DecidedBy.RULES)
        if ruling.decided:
            return by_rules, None
        text, usage = self._ask(message, lang=lang, cancelled=cancelled)
        named = text.strip().rstrip("。.").lower()
        if named in set(ComplaintClass):
            return Classified(ComplaintClass(named), DecidedBy.MODEL), usage
        return by_rules, usage

    def _ask(
        self, message: str, *, lang: str, cancelled: Callable[[], bool]
    ) -> tuple[str, Usage | None]:
        messages = self._prompt.render({"message": message, "language": lang})
        pieces: list[str] = []
        try:
            for item in self._llm.stream(messages, max_tokens=_MOST_TOKENS, cancelled=cancelled):
                if isinstance(item, Usage):
                    return "".join(pieces), item
                pieces.append(item)
        except (ModelUnavailable, PromptTooLong):
            return "", None
        return "", None
