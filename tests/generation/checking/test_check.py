"""Rules that tell what of a sentence its passages do not bear out."""

import pytest

from generation.checking.check import Fault, Finding, find_faults

LEAVE = "年假：司龄满一年不满十年的员工，每年 5 天；满十年的，每年 10 天。试用期为半年。"
TRAVEL = (
    "From 1 March 2025 hotel costs in Hangzhou are capped at 500 yuan a night. "
    "Receipts must be handed in within 15 working days, reports within 24 hours."
)


def faults(sentence: str, passage: str, question: str = "") -> list[Finding]:
    return list(find_faults(sentence, [passage], question=question))


@pytest.mark.parametrize(
    ("sentence", "passage"),
    [
        ("司龄满十年的员工每年有十天年假。", LEAVE),
        ("满十年的每年 10 个自然日", LEAVE),
        ("试用期是 6 个月。", LEAVE),
        ("Hotels in Hangzhou cost at most CNY 500 per night.", TRAVEL),
        ("自 2025 年 3 月 1 日起，每晚限额 500 元。", TRAVEL),
        ("The limit has held since March 2025.", TRAVEL),
        ("Hand receipts in within fifteen business days.", TRAVEL),
        ("一天之内要交报告。", TRAVEL),
        # The unit of a column stands in its heading.
        ("一线城市的限额是 500 元。", "| 城市 | 限额（元） |\n|---|---|\n| 一线 | 500 |"),
        ("每年 860 元，公司出 430 元。", "保费每年 860 元，公司承担一半。"),
        ("It costs 860 yuan; we pay 430.", "It costs 860 yuan, of which the company pays half."),
        # What the sentence counts itself.
        ("有两种年假：每年 5 天和 10 天。", LEAVE),
        ("需要满足以下 3 个条件：①满十年 ②满一年 ③在职。", LEAVE),
        ("There are 2 conditions: (1) a cap of 500 yuan, (2) receipts.", TRAVEL),
    ],
)
def test_what_a_passage_says_has_no_fault(sentence: str, passage: str) -> None:
    assert faults(sentence, passage) == []


@pytest.mark.parametrize(
    ("sentence", "passage", "fault"),
    [
        ("司龄满十年的员工每年有 12 天年假。", LEAVE, Finding(Fault.NUMBER, "12")),
        ("满十年的，每年 10 个月。", LEAVE, Finding(Fault.UNIT, "10 month")),
        ("From 1 May 2025 hotels are capped.", TRAVEL, Finding(Fault.NUMBER, "2025/m05/d01")),
        ("Hotel costs are capped at 500 dollars.", TRAVEL, Finding(Fault.UNIT, "500 usd")),
        ("Reports are due within two days.", TRAVEL, Finding(Fault.NUMBER, "2")),
        ("每年 860 元，公司出 430 元。", "保费每年 860 元。", Finding(Fault.NUMBER, "430")),
        ("仪表型号是 TP-390。", "仪表型号为 TP-380。", Finding(Fault.NUMBER, "tp390")),
    ],
)
def test_what_a_passage_does_not_say_is_found(sentence: str, passage: str, fault: Finding) -> None:
    assert faults(sentence, passage) == [fault]


APPROVAL = "深圳办事处的差旅费由财务部审批，三级以上的员工不需要预支申请。"
EXPENSES = (
    "Expenses of the Shenzhen office are approved by the finance department. "
    "Receipts from taxis need not be handed in."
)


@pytest.mark.parametrize(
    ("sentence", "passage", "fault"),
    [
        ("成都办事处的差旅费由财务部审批。", APPROVAL, Finding(Fault.NAME, "成都")),
        ("差旅费由采购部审批。", APPROVAL, Finding(Fault.NAME, "采购部")),
        ("Expenses in Chengdu are approved there.", EXPENSES, Finding(Fault.NAME, "Chengdu")),
        (
            "The sales director approves expenses.",
            EXPENSES,
            Finding(Fault.NAME, "sales director"),
        ),
        ("The supplier approves expenses.", EXPENSES, Finding(Fault.NAME, "supplier")),
    ],
)
def test_strange_names_are_found(sentence: str, passage: str, fault: Finding) -> None:
    assert faults(sentence, passage) == [fault]


@pytest.mark.parametrize(
    ("sentence", "passage"),
    [
        ("深圳的差旅费归财务部管。", APPROVAL),
        ("Shenzhen's expenses go to the finance department.", EXPENSES),
        # A translated name cannot be looked up.
        ("Expenses of the Shenzhen office go to Finance.", APPROVAL),
        ("根据规定，三级以上的员工不需要申请。", APPROVAL),
        ("上限不超过 500 元。", "每晚最多 500 元。"),
        ("It must not exceed 500 yuan.", "It is capped at 500 yuan a night."),
        ("Taxi receipts need not be handed in.", EXPENSES),
    ],
)
def test_names_and_negations_in_other_words_are_no_faults(sentence: str, passage: str) -> None:
    assert faults(sentence, passage) == []


@pytest.mark.parametrize(
    ("sentence", "passage"),
    [
        ("三级以上的员工需要预支申请。", APPROVAL),
        ("差旅费不由财务部审批。", APPROVAL),
        ("Receipts from taxis must be handed in.", EXPENSES),
        ("Expenses are not approved by the finance department.", EXPENSES),
    ],
)
def test_a_sentence_turned_round_is_found(sentence: str, passage: str) -> None:
    assert faults(sentence, passage) == [Finding(Fault.NEGATION, sentence)]


@pytest.mark.parametrize(
    ("sentence", "passage"),
    [
        ("预算为 190 万元。", "单位：万元\n| 项目 | 金额 |\n|---|---|\n| 设备 | 190 |"),
        ("Sales were 28.2 million yuan.", "Sales (CNY m): 28.2"),
        ("1,200 元加价 10% 后为 1,320 元。", "原价 1,200 元，加急加价 10%。"),
        ("1,600 元优惠 15% 后为 1,360 元。", "标价 1,600 元，金牌客户优惠 15%。"),
    ],
)
def test_scales_of_headings_and_percentages_are_known(sentence: str, passage: str) -> None:
    assert faults(sentence, passage) == []


def test_a_unit_has_to_be_that_of_the_column() -> None:
    table = "| 级别 | 限额（元） |\n|---|---|\n| 三级 | 480 |"
    assert faults("三级的限额是 480 元。", table) == []
    assert faults("三级的限额是 480 美元。", table) == [Finding(Fault.UNIT, "480 usd")]


def test_what_the_question_says_may_be_said_again() -> None:
    question = "停车三个小时要付多少？"
    passage = "停放时间满 2 小时不满 6 小时，收费 8 元。"

    assert faults("停 3 小时付 8 元。", passage, question) == []
    assert faults("停 4 小时付 8 元。", passage, question) == [Finding(Fault.NUMBER, "4")]


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("1,200 yuan and 260 yuan make 1,460 yuan.", ""),
        ("The rest, 1,200 less 260 yuan, is 940 yuan.", ""),
        ("9% of 1,200 yuan are 108 yuan.", "What are 9% of it?"),
        ("Three months cost 3,600 yuan.", "What is the rent for 3 months?"),
    ],
)
def test_what_is_computed_may_be_said(sentence: str, question: str) -> None:
    passage = "Rent is 1,200 yuan a month and the deposit 260 yuan."

    assert faults(sentence, passage, question) == []
    assert faults("It costs 3,599 yuan.", passage, question) == [Finding(Fault.NUMBER, "3599")]
