"""Ordinal references to what was listed before, in both languages."""

import pytest

from retrieval.records import Turn
from retrieval.understanding.references import point_out

LEAVE = Turn("公司有哪些假期？", "员工可以享受年假、病假和婚假三种[1]。")
PLANS_ZH = Turn("有什么套餐？", "1. 基础版：10 元[1]\n2. 专业版：20 元[1]\n3. 企业版：面谈[1]")
PLANS = Turn("Which plans are there?", "The Basic plan, the Pro plan and the Enterprise plan [2].")
ASKED = Turn("基础版和专业版有什么区别？", "人数上限不同[1]。")


@pytest.mark.parametrize(
    ("question", "before", "pointed"),
    [
        ("第二个", LEAVE, "病假"),
        ("是的，第二种。", LEAVE, "是的，病假。"),
        ("那第二個呢？", LEAVE, "那病假呢？"),
        ("后者怎么申请？", LEAVE, "婚假怎么申请？"),
        ("倒数第二个呢？", LEAVE, "病假呢？"),
        ("最后一个要什么材料？", LEAVE, "婚假要什么材料？"),
        ("第二种假期怎么请？", LEAVE, "病假怎么请？"),
        ("年假和第二种有什么区别？", LEAVE, "年假和病假有什么区别？"),
        ("前者和后者有什么区别？", LEAVE, "年假和婚假有什么区别？"),
        ("前者多少钱？", PLANS_ZH, "基础版多少钱？"),
        ("第3项呢？", PLANS_ZH, "企业版呢？"),
        ("选项2支持发票吗？", PLANS_ZH, "专业版支持发票吗？"),
        ("我想了解一下第二种", PLANS_ZH, "我想了解一下专业版"),
        ("后者支持几个人？", ASKED, "专业版支持几个人？"),
        ("Yes, the second one.", PLANS, "Yes, the Pro plan."),
        ("the second plan please", PLANS, "the Pro plan please"),
        ("How much does the latter cost?", PLANS, "How much does the Enterprise plan cost?"),
        ("What about the former?", PLANS, "What about The Basic plan?"),
        ("And the last one?", PLANS, "And the Enterprise plan?"),
        ("Is the 2nd refundable?", PLANS, "Is the Pro plan refundable?"),
        ("What does option two include?", PLANS, "What does the Pro plan include?"),
        ("the second one", LEAVE, "病假"),
    ],
)
def test_what_is_referred_to_is_named(question: str, before: Turn, pointed: str) -> None:
    assert point_out(question, before) == pointed


@pytest.mark.parametrize(
    ("question", "before"),
    [
        ("食堂几点开门？", LEAVE),
        ("第四个呢？", LEAVE),
        ("第0个呢？", LEAVE),
        ("第二个工作日几点上班？", LEAVE),
        ("第一个孩子出生有几天假？", LEAVE),
        ("第二季度的销售额是多少？", LEAVE),
        ("劳动合同第三条是什么？", LEAVE),
        ("第二类医疗器械怎么采购？", LEAVE),
        ("第二个呢？", Turn("年假有几天？", "满一年五天[1]。")),
        ("第二个呢？", Turn("年假有几天？", "")),
        ("What is the second largest office?", PLANS),
        ("On the first day of the quarter, who reports?", PLANS),
        ("Who sits on the second floor?", PLANS),
        ("Is the last working day of the month free?", PLANS),
        ("What about the sixth one?", PLANS),
        ("What share of the first-year salary is paid?", PLANS),
        ("I lost my phone in May and it is the second one in three years.", PLANS),
    ],
)
def test_what_counts_something_else_is_no_reference(question: str, before: Turn) -> None:
    assert point_out(question, before) is None
