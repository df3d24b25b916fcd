"""The rules for complaints on our own messages."""

from collections import Counter

import pytest

from eval.complaints import accuracy, judge, load_messages
from generation.service.records import ComplaintClass

MESSAGES = load_messages()
JUDGED = judge(MESSAGES)


def test_the_messages_cover_both_languages_and_all_classes() -> None:
    assert len({each.text for each in MESSAGES}) == len(MESSAGES) == 104
    assert Counter(each.language for each in MESSAGES) == {"zh": 52, "en": 52}
    for lang in ("zh", "en"):
        own = {each.complaint_class for each in MESSAGES if each.language == lang}
        assert own == set(ComplaintClass)


@pytest.mark.parametrize("half", ["tuning", "reporting"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_rules_find_the_class(half: str, lang: str) -> None:
    own = [e for e in JUDGED if (e.message.half, e.message.language) == (half, lang)]
    assert len(own) == 26
    wrong = [(e.message.text, e.found) for e in own if not e.right]
    assert accuracy(own) >= 0.9, wrong


def test_no_danger_is_missed_and_none_is_made_up() -> None:
    danger = ComplaintClass.SAFETY_LEGAL
    assert {e.message.text for e in JUDGED if e.found is danger} == {
        e.text for e in MESSAGES if e.complaint_class is danger
    }


def test_without_messages_there_is_no_accuracy() -> None:
    assert accuracy([]) != accuracy([])
