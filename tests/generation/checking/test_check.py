"""Rules that tell what of a sentence its passages do not bear out."""

import pytest

from generation.checking.check import Fault, Finding, find_faults

LEAVE = "年假：司龄满一年不满十年的员工，每年 5 天；满十年的，每年 10 天。未休的年假不得跨年使用。"
TRAVEL = (
    "From 1 March 2025 hotel costs in Hangzhou are capped at 500 yuan a night. "
    "Receipts must be handed in within 15 working days. Upgrades are not reimbursed."
)


@pytest.mark.parametrize(
    ("sentence", "passage"),
    [
        ("司龄满十年的员工每年有十天年假。", LEAVE),
        ("满十年的每年 10 天", LEAVE),
        ("未休的年假不得跨年使用。", LEAVE),
        ("年假不能跨年使用。", LEAVE),
        ("Hotels in Hangzhou cost at most CNY 500 per night.", TRAVEL),
        ("自 2025 年 3 月 1 日起，每晚限额 500 元。", TRAVEL),
        ("The limit has held since March 2025.", TRAVEL),
        ("Hand receipts in within fifteen business days.", TRAVEL),
        ("Upgrades are not reimbursed.", TRAVEL),
        # The unit of a column stands in its heading.
        ("一线城市的限额是 500 元。", "| 城市 | 限额（元） |\n|---|---|\n| 一线 | 500 |"),
    ],
)
def test_what_a_passage_says_has_no_fault(sentence: str, passage: str) -> None:
    assert find_faults(sentence, [passage], question="") == ()


@pytest.mark.parametrize(
    ("sentence", "passage", "fault"),
    [
        ("司龄满十年的员工每年有 12 天年假。", LEAVE, Finding(Fault.NUMBER, "12")),
        ("满十年的，每年 10 个月。", LEAVE, Finding(Fault.UNIT, "10 month")),
        ("From 1 May 2025 hotels are capped.", TRAVEL, Finding(Fault.NUMBER, "2025/m05/d01")),
        ("Hotel costs are capped at 500 dollars.", TRAVEL, Finding(Fault.UNIT, "500 usd")),
        ("Hotel costs in Suzhou are capped.", TRAVEL, Finding(Fault.NAME, "Suzhou")),
        ("未休的年假可以跨年使用。", LEAVE, Finding(Fault.NEGATION, "未休的年假可以跨年使用")),
        ("Upgrades are reimbursed.", TRAVEL, Finding(Fault.NEGATION, "Upgrades are reimbursed")),
        ("王建国负责年假。", "年假由李秀英负责。", Finding(Fault.NAME, "王建国")),
        ("仪表型号是 TP-390。", "仪表型号为 TP-380。", Finding(Fault.NUMBER, "tp390")),
    ],
)
def test_what_a_passage_does_not_say_is_found(sentence: str, passage: str, fault: Finding) -> None:
    assert fault in find_faults(sentence, [passage], question="")


def test_what_the_question_says_may_be_said_again() -> None:
    question = "停车三个小时，苏州的访客要付多少？"
    passage = "停放时间满 2 小时不满 6 小时，收费 8 元。"

    assert find_faults("苏州访客停 3 小时付 8 元。", [passage], question=question) == ()
    assert find_faults("停 4 小时付 8 元。", [passage], question=question) == (
        Finding(Fault.NUMBER, "4"),
    )


def test_names_are_not_compared_across_languages() -> None:
    assert find_faults("Zhang Wei signs in Hangzhou.", ["由张伟在杭州签字。"], question="") == ()
    assert find_faults("由 Smith 签字。", ["Signed by Jones."], question="") == (
        Finding(Fault.NAME, "Smith"),
    )


def test_bounds_are_no_negations() -> None:
    assert find_faults("金额为 500 元以内。", ["金额不超过 500 元。"], question="") == ()
    assert find_faults("报销金额不超过 500 元。", ["报销金额最高为 500 元。"], question="") == ()


def test_what_is_computed_from_the_passage_may_be_said() -> None:
    passage = "Rent is 1,200 yuan and the deposit 260 yuan."

    assert find_faults("1,200 yuan and 260 yuan make 1,460 yuan.", [passage], question="") == ()
    assert find_faults("Together 1,460 yuan.", [passage], question="") == (
        Finding(Fault.NUMBER, "1460"),
    )
