"""What a text lists, in both languages."""

import pytest

from retrieval.understanding.listed import listed_items, word_places


@pytest.mark.parametrize(
    ("text", "items"),
    [
        # Lines with numbers or bullets; what explains an item is no part of its name.
        ("套餐如下：\n1. 基础版：每月 10 元[1]\n2. 专业版（20 元）[1]", ["基础版", "专业版"]),
        ("一、线上申请\n二、到前台办理\n三、邮寄", ["线上申请", "到前台办理", "邮寄"]),
        ("- **Basic plan**: 10 EUR [1]\n- Pro plan – 20 EUR [2]", ["Basic plan", "Pro plan"]),
        ("1) By card\n- Visa\n- Amex\n2) In cash", ["By card", "In cash"]),
        # Counted within running text.
        ("分两步：（1）在系统提交；（2）把发票交给财务部[1]。", ["在系统提交", "把发票交给财务部"]),
        ("①身份证 ②毕业证 ③体检报告", ["身份证", "毕业证", "体检报告"]),
        ("有两种方式：一是线上申请，二是到前台办理。", ["线上申请", "到前台办理"]),
        (
            "首先填写申请表，其次由主管审批，最后交人事部。",
            ["填写申请表", "由主管审批", "交人事部"],
        ),
        (
            "First, fill in the form; second, ask your manager; finally, send it to HR.",
            ["fill in the form", "ask your manager", "send it to HR"],
        ),
        # Enumerated in a sentence, without what leads up to them and what follows.
        ("员工可以享受年假、病假和婚假三种[1]。", ["年假", "病假", "婚假"]),
        ("可以选择基础版或专业版两种。", ["基础版", "专业版"]),
        (
            "新员工要提交身份证复印件、学历证明、体检报告等材料。",
            ["身份证复印件", "学历证明", "体检报告"],
        ),
        ("支持的支付方式包括：支付宝、微信支付、银行转账。", ["支付宝", "微信支付", "银行转账"]),
        (
            "You can choose the Basic plan, the Pro plan or the Enterprise plan [2].",
            ["the Basic plan", "the Pro plan", "the Enterprise plan"],
        ),
        ("Visitors may park in Lot A or Lot B for up to two hours.", ["Lot A", "Lot B"]),
        ("The Basic plan and the Pro plan are available.", ["The Basic plan", "the Pro plan"]),
        (
            "Choose between express shipping (2 days) and standard shipping (5 days).",
            ["express shipping", "standard shipping"],
        ),
        ("設備有兩種型號：TX-5 和 TX-7。", ["TX-5", "TX-7"]),
        # The longest of several enumerations.
        ("请联系人事和行政。可选红色、蓝色和绿色。", ["红色", "蓝色", "绿色"]),
    ],
)
def test_items_come_in_order_and_bare(text: str, items: list[str]) -> None:
    assert listed_items(text) == items


@pytest.mark.parametrize(
    "text",
    [
        "",
        "一线城市每晚 600 元[1]。",
        "Lunch is served from 11:30 to 13:00.",
        "1. Only one line",
        "1.5 或",
    ],
)
def test_what_is_no_list_has_no_items(text: str) -> None:
    assert listed_items(text) == []


def test_a_long_item_is_shortened() -> None:
    first, second = listed_items(f"1. {'长' * 300}\n2. 短")
    assert (len(first), second) == (80, "短")


def test_words_of_both_scripts_have_their_places() -> None:
    text = "申请 Pro plan 的发票"
    assert [text[start:end] for start, end in word_places(text)] == [
        "申请", "Pro", "plan", "的", "发票",
    ]  # fmt: skip
