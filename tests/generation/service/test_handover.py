"""When a person goes on."""

import pytest

from generation.service.cues import load_cues
from generation.service.handover import Case, HandOverRules
from generation.service.records import ComplaintClass, HandOver, HandOverReason, ServiceContext
from generation.service.texts import CLASS_NAMES, FOR_AGENT, FOR_CUSTOMER
from tests.generation.service.desk import SETTINGS, contacts, order

RULES = HandOverRules(cues=load_cues(), settings=SETTINGS)
NOTHING = ServiceContext()


def case(
    text: str = "坏了",
    context: ServiceContext = NOTHING,
    kind: ComplaintClass = ComplaintClass.QUALITY,
    lang: str = "zh",
) -> Case:
    return Case(text, lang, context, kind)


def after(
    context: ServiceContext = NOTHING,
    kind: ComplaintClass = ComplaintClass.QUALITY,
    confidence: float | None = 0.9,
    failed: HandOverReason | None = None,
) -> HandOver:
    return RULES.after(case(context=context, kind=kind), confidence=confidence, failed=failed)


@pytest.mark.parametrize(
    "text",
    [
        "转人工",
        "我要找你们经理谈",
        "不要机器人，给我回个电话",
        "Let me talk to a real person please.",
        "I want to speak with your manager!",
        "Can someone call me back?",
    ],
)
def test_who_asks_for_a_person_gets_one(text: str) -> None:
    found = RULES.before(case(text, kind=ComplaintClass.NONE))
    assert found.reason is HandOverReason.ASKED_FOR_PERSON


@pytest.mark.parametrize(
    "text",
    [
        "人工智能功能怎么用？",
        "手工制作需要多久？",
        "How many people fit into the tent?",
        "The manager view of the app does not open.",
    ],
)
def test_who_speaks_of_people_does_not(text: str) -> None:
    assert not RULES.before(case(text)).needed


def test_danger_and_law_are_for_a_person() -> None:
    found = RULES.before(case(kind=ComplaintClass.SAFETY_LEGAL))
    assert found.reason is HandOverReason.SAFETY_OR_LEGAL
    assert found.customer == FOR_CUSTOMER["zh"][HandOverReason.SAFETY_OR_LEGAL]


@pytest.mark.parametrize(
    ("summaries", "expected"),
    [
        (("屏幕坏了，报修", "屏幕黑屏仍未修好", "质量问题再次来电"), True),
        (("screen broken", "device still does not work", "asked about the faulty screen"), True),
        (("屏幕坏了，报修", "屏幕黑屏仍未修好", "质量问题，已解决"), False),
        (("屏幕坏了，报修", "询问发票抬头", "屏幕黑屏"), False),
        (("screen broken", "device faulty, settled", "asked about the screen"), False),
        ((), False),
    ],
)
def test_three_unsolved_contacts_about_the_matter(
    summaries: tuple[str, ...], *, expected: bool
) -> None:
    found = after(contacts(*summaries))
    assert (found.reason is HandOverReason.REPEATED_CONTACT) is expected
    assert found.needed is expected
    if expected:
        assert "3" in found.agent


@pytest.mark.parametrize(
    ("context", "kind", "expected"),
    [
        (order("10000"), ComplaintClass.DELIVERY, True),
        (order("9999.99"), ComplaintClass.DELIVERY, False),
        (order("10000"), ComplaintClass.NONE, False),
        (order("10000", "JPY"), ComplaintClass.DELIVERY, False),
        (NOTHING, ComplaintClass.DELIVERY, False),
    ],
)
def test_complaints_about_much_money(
    context: ServiceContext, kind: ComplaintClass, *, expected: bool
) -> None:
    found = after(context, kind)
    assert (found.reason is HandOverReason.HIGH_AMOUNT) is expected
    if expected:
        assert "10000 CNY" in found.agent
        assert "SO-77" in found.agent
        assert CLASS_NAMES["zh"][kind] in found.agent


@pytest.mark.parametrize(
    ("confidence", "expected"), [(0.29, HandOverReason.LOW_CONFIDENCE), (0.3, None), (None, None)]
)
def test_a_reply_that_is_not_sure(
    confidence: float | None, expected: HandOverReason | None
) -> None:
    assert after(confidence=confidence).reason is expected


def test_the_weightier_reason_is_told() -> None:
    failed = HandOverReason.NO_EVIDENCE
    assert after(failed=failed, confidence=None).reason is failed
    assert after(order("10000"), failed=failed).reason is HandOverReason.HIGH_AMOUNT


def test_every_reason_and_class_is_told_in_both_languages() -> None:
    for lang in ("zh", "en"):
        assert set(FOR_CUSTOMER[lang]) == set(FOR_AGENT[lang]) == set(HandOverReason)
        assert set(CLASS_NAMES[lang]) == set(ComplaintClass)
