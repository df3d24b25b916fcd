from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.attribution import Attribution
from generation.citations import CitedText, finished
from generation.citations import cite as cite_answer
from generation.records import Support

TEXT = "Five days. 五天，十年以上的有十天。请提前申请。依据国发[2023]5号。比例为 90%。A. B."
KNOWN = dict.fromkeys((1, 2, 3), TEXT)


def cite(text: str, passages: Mapping[int, str], question: str = "") -> CitedText:
    return cite_answer(text, Attribution.read(question, passages))


@pytest.mark.parametrize(
    ("written", "clean", "citations"),
    [
        ("五天。[1]", "五天[1]。", (1,)),
        ("Five days [1].", "Five days [1].", (1,)),
        ("Five days. [1]", "Five days [1].", (1,)),
        ("Five days.[1][3]", "Five days[1][3].", (1, 3)),
        ("Five days [1, 2].", "Five days [1][2].", (1, 2)),
        ("五天【1】。", "五天[1]。", (1,)),
        ("五天［１］。", "五天[1]。", (1,)),
        ("五天[1、3]。", "五天[1][3]。", (1, 3)),
        ("Five days [1-3].", "Five days [1][2][3].", (1, 2, 3)),
        ("五天[证据2]。", "五天[2]。", (2,)),
        ("Five days [evidence 2].", "Five days [2].", (2,)),
        ("Five days [9].", "Five days.", ()),
        ("五天[9]。", "五天[1]。", (1,)),
        ("Five days [1][9].", "Five days [1].", (1,)),
        ("Five days [1, 9].", "Five days [1].", (1,)),
        ("Five days [0].", "Five days.", ()),
        ("Five days [3][1].", "Five days [3][1].", (1, 3)),
        ("Five days [1][1].", "Five days [1][1].", (1,)),
        ("Five days [1,1].", "Five days [1].", (1,)),
        ("国发[2023]5号。", "国发[2023]5号[1]。", (1,)),
        ("Five days.", "Five days.", ()),
        ("五天", "五天[1]", (1,)),
        ("“五天。”", "“五天[1]。”", (1,)),
        ("", "", ()),
        ("[1]", "[1]", ()),
        ("五天 [1].", "五天[1]。", (1,)),
        ("比例为 90% [1]。", "比例为 90%[1]。", (1,)),
        ("依据“五天” [1].\n五天 [2].", "依据“五天”[1]。\n五天[2]。", (1, 2)),
    ],
)
def test_marks(written: str, clean: str, citations: tuple[int, ...]) -> None:
    cited = cite(written, KNOWN)
    assert cited.text == clean
    assert cited.citations == citations


def test_every_sentence_has_its_own_citations() -> None:
    cited = cite("年假五天。[1]超过十年的有十天[2]。祝您工作顺利。", KNOWN)
    assert [(s.text, s.citations) for s in cited.sentences] == [
        ("年假五天。", (1,)),
        ("超过十年的有十天。", (2,)),
        ("祝您工作顺利。", ()),
    ]
    assert [s.support for s in cited.sentences] == [
        Support.UNVERIFIED,
        Support.VERIFIED,
        Support.UNCITED,
    ]


def test_a_mark_after_the_stop_stays_with_the_sentence_before() -> None:
    cited = cite("Five days. [1] Ten after ten years. [2]", KNOWN)
    assert [(s.text, s.citations) for s in cited.sentences] == [
        ("Five days.", (1,)),
        ("Ten after ten years.", (2,)),
    ]


def test_a_mark_at_the_start_of_a_line_stays_with_the_line() -> None:
    cited = cite("[1] Five days.\n[2] Ten days.", KNOWN)
    assert [s.citations for s in cited.sentences] == [(1,), (2,)]


def test_known_numbers_alone_are_cited() -> None:
    assert cite("A [1]. B [2].", {2: TEXT}).citations == (2,)
    assert cite("A [1].", {}).text == "A."


EDITIONS = {
    1: "2025 年版：香港伙食补贴 260 港元，住宿限额每晚 1,200 港元。",
    2: "2023 年版：境外伙食补贴每天 60 美元，住宿费凭票据报销。",
}


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        ("香港的伙食补贴是 260 港元[2]。", "香港的伙食补贴是 260 港元[1]。"),
        ("境外每天 60 美元[2]。", "境外每天 60 美元[2]。"),
        ("境外每天 60 美元[1]。", "境外每天 60 美元[2]。"),
        (
            "The allowance is 260 Hong Kong dollars [2].",
            "The allowance is 260 Hong Kong dollars [1].",
        ),
        ("An allowance is paid in Hong Kong [2].", "An allowance is paid in Hong Kong [2]."),
        ("香港 260 港元，其他 60 美元[1][2]。", "香港 260 港元，其他 60 美元[1][2]。"),
        ("The allowance is 300 Hong Kong dollars [1].", "The allowance is 300 Hong Kong dollars."),
        ("香港住宿限额和伙食补贴合计 1,460 港元（1,200 + 260）[1]。",) * 2,
        ("香港的天气晴朗温暖[1]。", "香港的天气晴朗温暖。"),
        ("1. 香港伙食补贴[1]", "1. 香港伙食补贴[1]"),
        ("境外的补贴是 600519 港元[1][2]。", "境外的补贴是 600519 港元。"),
        ("香港的伙食补贴是 260 港元。", "香港的伙食补贴是 260 港元[1]。"),
        ("香港的伙食补贴是 999 港元。", "香港的伙食补贴是 999 港元。"),
        ("The allowance is 260 HKD.", "The allowance is 260 HKD [1]."),
        ("It is sunny in Hong Kong.", "It is sunny in Hong Kong."),
        ("香港的伙食补贴是 260 美元[1]。", "香港的伙食补贴是 260 美元。"),
    ],
)
def test_citations_are_corrected_by_the_words_and_numbers_of_the_sentence(
    written: str, clean: str
) -> None:
    cited = cite(written, EDITIONS, "补贴是多少？")
    assert cited.text == clean
    marks = tuple(number for number in EDITIONS if f"[{number}]" in clean)
    assert cited.sentences[0].citations == marks


def test_a_number_of_the_question_needs_no_evidence() -> None:
    cited = cite("工作 12 年的员工每天 60 美元[2]。", EDITIONS, "工作 12 年的员工呢？")
    assert cited.citations == (2,)


@given(st.text(alphabet="ab 。.[]【】1２39,-、\n", max_size=60))
def test_whatever_is_written_only_known_marks_remain(text: str) -> None:
    cited = cite(text, KNOWN)
    again = cite(cited.text, KNOWN)
    assert set(cited.citations) <= KNOWN.keys()
    assert set(again.citations) <= KNOWN.keys()
    assert all("[1]" not in sentence.text for sentence in cited.sentences)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("One. Two [1]. Thr", "One. Two [1]."),
        ("一。二", "一。"),
        ("One. Two.", "One. Two."),
        ("One. Two [1]", "One. Two [1]"),
        ("Only one that was cu", "Only one that was cu"),
    ],
)
def test_an_unfinished_last_sentence_is_dropped(text: str, kept: str) -> None:
    assert finished(text) == kept


@pytest.mark.parametrize("unit", ["[", "[1", "[1]", " [1,", "。", "【1-", "a. [1] "])
def test_a_very_long_answer_ends(unit: str) -> None:
    # An expression of quadratic cost would run into the time limit of the tests.
    assert len(cite(unit * 20_000, KNOWN).text) <= len(unit) * 20_000


def test_invented_number_means_the_only_passage_and_is_checked_all_the_same() -> None:
    passages = {1: "P4 高级工程师月薪 13,000 元"}
    right = cite("P4 高级工程师的月薪为 13,000 元[3]。", passages, "P4 的月薪是多少?")
    assert [sentence.citations for sentence in right.sentences] == [(1,)]
    wrong = cite("P4 高级工程师的月薪为 99,000 元[3]。", passages, "P4 的月薪是多少?")
    assert [sentence.citations for sentence in wrong.sentences] == [()]


def test_several_wrong_citations_are_replaced_by_the_right_one() -> None:
    passages = {1: "年假由王五管。", 2: "病假 7 天。", 3: "年假 5 天。"}

    cited = cite("年假 5 天 [1][2]。", passages, "年假几天？")

    assert cited.text == "年假 5 天[3]。"
    assert cited.citations == (3,)


def test_a_misread_table_gives_way_to_the_row_that_is_meant() -> None:
    table = "| 级别 | 响应时限 | 解决时限 |\n|---|---|---|\n| 一级 | 15 分钟 | 4 小时 |"

    cited = cite("一级工单 4 小时内响应[1]。请放心。", {1: table}, "一级工单多久响应？")

    row = "级别: 一级; 响应时限: 15 分钟; 解决时限: 4 小时"
    assert cited.text == f"{row}[1]。请放心。"
    assert [(each.text, each.support) for each in cited.sentences] == [
        (f"{row}。", Support.VERIFIED),
        ("请放心。", Support.UNCITED),
    ]
