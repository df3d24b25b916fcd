"""Places of a sentence beside those of its passages."""

import pytest

from generation.checking.check import Fault, Finding, find_faults
from generation.checking.places import other_places

SHANGHAI = "Shanghai Office Lease\nThe rent is 5.20 CNY per square metre and day."
HAI_PHONG = "派驻海防\n陪产假为 5 天。"
NOWHERE = "Leave\nPaternity leave is 15 days."


@pytest.mark.parametrize(
    ("sentence", "passages", "expected"),
    [
        ("深圳办公室的租金是每天 5.20 元。", [SHANGHAI], ["shenzhen"]),
        ("An employee in Chengdu gets 5 days.", [HAI_PHONG], ["chengdu"]),
        ("上海办公室的租金是每天 5.20 元。", [SHANGHAI], []),
        ("In Haiphong it is 5 days.", [HAI_PHONG], []),
        ("In Chengdu it is 15 days.", [NOWHERE], []),
        ("In Chengdu it is 15 days.", [NOWHERE, HAI_PHONG], ["chengdu"]),
        ("In Chengdu it is 15 days.", ["Mainland China: 15 days.", HAI_PHONG], []),
        ("It is 5 days.", [HAI_PHONG], []),
        ("In Chengdu it is 5 days.", [], []),
    ],
)
def test_a_place_has_to_stand_there_where_others_do(
    sentence: str, passages: list[str], expected: list[str]
) -> None:
    assert list(other_places(sentence, passages)) == expected


def test_the_question_is_no_excuse() -> None:
    question = "How many days of paternity leave does an employee in Chengdu get?"
    sentence = "An employee in Chengdu gets 5 days of paternity leave."

    found = list(find_faults(sentence, [HAI_PHONG], question=question))

    assert found == [Finding(Fault.NAME, "chengdu")]
