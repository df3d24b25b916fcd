"""Expected strings are found whole, wrong ones only where they stand alone, numbers by value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.grading import (
    NumberFidelity,
    answer_parts_said,
    contains,
    exact_match,
    number_coverage,
    number_fidelity,
    wrong_said,
)


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("每年有 12 天年休假。", "12天"),
        ("You have twelve days of leave.", "12 天"),
        ("期限为5天内", "5 days"),
        ("显示E04错误", "E04"),
        ("Error E04: overpressure", "e04"),
        ("限额为 480 元/晚", "480"),
        ("限额为 480 元/晚", "480 yuan"),
        ("Report it within an hour.", "1小时"),
        ("自2025年3月1日起施行", "March 1, 2025"),
        ("自2025年3月1日起施行", "March 2025"),
        ("自2025年3月1日起施行", "3月1日"),
        ("自2025年3月1日起施行", "2025"),
        ("收取15%的费用", "15 percent"),
        ("3至5天", "5 天"),
        ("原因是真空度不足", "真空度"),
        ("原因是真空度不足", "柠檬酸|真空度"),
        ("TP-380-based devices", "TP-380"),
        ("第 2524 批", "2524"),
        ("温度为-5℃", "-5 °C"),
        ("It is 12.", "12"),
        ("版本4.2。", "4.2"),
        ("在香港辦事處", "香港办事处"),
    ],
)
def test_a_spelling_is_found(text: str, spelling: str) -> None:
    assert contains(text, spelling.split("|"))


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("每年有15天", "5 天"),
        ("每年有1.5天", "5 天"),
        ("每年有5.5天", "5"),
        ("第5天", "5 天"),
        ("5个工作日", "5天"),
        ("共6300台", "630"),
        ("共6300台", "300"),
        ("E041 错误", "E04"),
        ("FE04 错误", "E04"),
        ("within 11 hours", "1 hour"),
        ("11 hours", "hour 1"),
        ("1:30", "30"),
        ("TP-380", "380"),
        ("TP-380A", "TP-380"),
        ("HR-2024-017", "HR-2024"),
        ("HR-2024-017", "2024"),
        ("1/5", "5"),
        ("5/8", "5"),
        ("温度为-5℃", "5℃"),
        ("自2025年3月1日起", "1"),
        ("自2025年3月11日起", "3月1日"),
        ("15:00", "15"),
        ("500 美元", "500 元"),
        ("the art of", "part"),
        ("a party", "part"),
        ("Ωmega", "mega"),
        ("年休假", "病假"),
    ],
)
def test_a_spelling_is_not_found_in_something_longer(text: str, spelling: str) -> None:
    assert not contains(text, [spelling])


def test_no_spelling_is_not_said_and_an_empty_one_is_a_mistake() -> None:
    assert not contains("12 天", [])
    for empty in ("", " ", "**"):
        with pytest.raises(ValueError, match="empty"):
            contains("12 天", [empty])


@given(st.integers(0, 9999), st.integers(0, 9999))
def test_a_number_is_found_only_as_itself(said: int, wanted: int) -> None:
    assert contains(f"共 {said:,} 台。", [str(wanted)]) is (said == wanted)
    assert contains(f"within {said} days", [f"{wanted} 天"]) is (said == wanted)


@pytest.mark.parametrize(
    ("text", "spellings", "same"),
    [
        ("12 天。", ["12 days"], True),
        ("The vacuum level.[1]", ["vacuum level"], True),
        ("“真空度”", ["真空度"], True),
        ("真空度[1][2]", ["结垢", "真空度"], True),
        ("15%", ["15 percent"], True),
        ("-5 ℃", ["5 ℃"], False),
        ("12 天年假", ["12 天"], False),
        ("真空", ["真空度"], False),
        ("theory", ["ory"], False),
        ("", ["12"], False),
    ],
)
def test_exact_match(text: str, spellings: list[str], *, same: bool) -> None:
    assert exact_match(text, spellings) is same


def test_parts_are_judged_one_by_one() -> None:
    parts = [["17楼", "17/F"], ["1703"], ["8月4日", "4 August"]]
    assert answer_parts_said("搬到 17 楼 1703 室。", parts) == (True, True, False)
    assert answer_parts_said("Room 1703 on the 17th floor from 4 August.", parts) == (True,) * 3
    assert answer_parts_said("17楼", []) == ()


def test_what_is_wrong_is_said_only_outside_of_what_is_right() -> None:
    parts = [["480 元", "480 yuan"], ["12 号楼 3 层"]]
    wrong = ["420 元", "48", "12 号楼"]
    assert wrong_said("限额为 480 元，在 12 号楼 3 层。", wrong, parts) == ()
    assert wrong_said("限额为 420 元，以前 480 元。", wrong, parts) == ("420 元",)
    assert wrong_said("在 12 号楼，即 12 号楼 3 层。", wrong, parts) == ("12 号楼",)
    assert wrong_said("在 12 号楼 3 层。", wrong) == ("12 号楼",)


def test_a_wrong_string_that_only_overlaps_a_right_one_is_said() -> None:
    assert wrong_said("手册第二版修订", ["第二版修订"], [["手册第二版"]]) == ("第二版修订",)


def test_every_right_spelling_hides_what_is_in_it() -> None:
    # The first spelling overlaps the second, which alone holds the wrong one.
    assert wrong_said("甲乙丙丁", ["丙丁"], [["甲乙丙", "乙丙丁"]]) == ()


EVIDENCE = [
    "司龄满五年的员工每年享有 12 天年休假。",
    "HR-2024-017，2025年3月1日起；费率15.50%；E-04；系数 0.5；-7 dB",
]


@pytest.mark.parametrize(
    ("answer", "found", "count"),
    [
        ("每年 12 天。", 1, 1),
        ("每年十二天，满 5 年。", 2, 2),
        ("每年 13 天。", 0, 1),
        ("12 days, later 15 days, then again 12 days.", 1, 2),
        ("From March 1, 2025 on.", 1, 1),
        ("Since March 2025, on 1 March.", 2, 2),
        ("自2025年起。", 1, 1),
        ("自2025年3月2日起。", 0, 1),
        ("费率 15.5 %", 1, 1),
        ("系数 0.50、.8", 1, 2),
        ("-7 dB", 1, 1),
        ("7 dB", 0, 1),
        ("代码 E04", 1, 1),
        ("代码 E05", 0, 1),
        ("文件 HR-2024-017", 1, 1),
        ("文件 HR-2024-018", 0, 1),
        ("12天[1]，满五年[2, 3]【4】。", 2, 2),
        ("1. 12 天\n2) 满 5 年\n（3）完\n④ 完", 2, 2),
        ("1.5 天", 0, 1),
        ("-12 天", 0, 1),
    ],
)
def test_numbers_are_looked_up_in_the_evidence(answer: str, found: int, count: int) -> None:
    fidelity = number_fidelity(answer, EVIDENCE)
    assert (fidelity.found, fidelity.count) == (found, count)
    assert fidelity.share == found / count
    assert len(fidelity.missing) == count - found


def test_missing_numbers_are_named() -> None:
    fidelity = number_fidelity("12 天或 13 天，E-05，2024年3月1日", EVIDENCE)
    assert fidelity.missing == ("13", "e05", "2024/m03/d01")


def test_what_the_question_says_does_not_count() -> None:
    question = "2025年3月1日起，8 人的 TP-380 要几天？"
    fidelity = number_fidelity("TP380：八人，自3月1日起，要 12 天。", EVIDENCE, question=question)
    assert (fidelity.found, fidelity.count) == (1, 1)


@pytest.mark.parametrize("answer", ["", "没有找到。", "见资料[1]。", "每年"])
def test_an_answer_without_numbers_has_no_share(answer: str) -> None:
    assert number_fidelity(answer, EVIDENCE) == NumberFidelity(0, 0, ())
    assert number_fidelity(answer, EVIDENCE).share is None


def test_without_evidence_nothing_is_found() -> None:
    assert number_fidelity("12 天", []).share == 0


def test_coverage_is_the_share_of_answers_with_numbers() -> None:
    some, none = NumberFidelity(0, 2, ("3", "4")), NumberFidelity(0, 0, ())
    assert number_coverage([some, none, none, some, none]) == 0.4
    with pytest.raises(ValueError, match="no answers"):
        number_coverage([])


@given(st.lists(st.integers(0, 99_999), min_size=1, unique=True), st.data())
def test_fidelity_is_the_share_of_numbers_in_the_evidence(
    numbers: list[int], data: st.DataObject
) -> None:
    known = data.draw(st.lists(st.sampled_from(numbers), unique=True))
    answer = "；".join(f"共 {number:,} 台" for number in numbers)
    evidence = [f"{number} sets" for number in known]
    fidelity = number_fidelity(answer, evidence)
    assert (fidelity.found, fidelity.count) == (len(known), len(numbers))
