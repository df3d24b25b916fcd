"""Values that passages tell of the past."""

import pytest

from generation.checking.check import Fault, Finding, find_faults
from generation.checking.outdated import outdated_values

PLAN = (
    "Supplementary plan\n| Treatment | Repaid |\n|---|---|\n| Outpatient | 80 % |\n"
    "Until the end of February 2025 the deductible was 800 yuan and the share 70 %; bills of that "
    "time are settled under those terms."
)
RAISED = "The limit was raised from 500 to 800 yuan. Receipts are kept for 3 years."
ZH_RAISED = "自七月起，年休假由 5 天提高到 7 天，申请期限不变。此前病假为 3 天。现病假为 4 天。"
MOVED = "二维码原定 9 月 1 日实施，因接口冻结，会议决定改为 10 月 9 日。"
EDITIONS = (
    "| 项目 | 2023 年版 | 2025 年版 | 原因 |\n|---|---|---|---|\n"
    "| 密码最少字符数 | 10 | 14 | 抽查 6 次 |\n"
)
REVISED = "| 项目 | 2024 年版 | 本次修订 |\n|---|---|---|\n| 婚假 | 10 天 | 13 天 |\n"
YEARS = "| 项目 | 2023 年 | 2024 年 |\n|---|---|---|\n| 人数 | 310 | 342 |\n"


@pytest.mark.parametrize(
    ("sentence", "passage", "expected"),
    [
        ("The plan pays 70 % of an outpatient bill.", PLAN, ["70"]),
        ("The plan pays 80 % of an outpatient bill.", PLAN, []),
        ("The limit is 500 yuan.", RAISED, ["500"]),
        ("The limit is 800 yuan.", RAISED, []),
        ("Receipts are kept for 3 years.", RAISED, []),
        ("年休假是 5 天。", ZH_RAISED, ["5"]),
        ("年休假是 7 天。", ZH_RAISED, []),
        ("病假是 3 天。", ZH_RAISED, ["3"]),
        ("病假是 4 天。", ZH_RAISED, []),
        ("二维码从 9 月 1 日开始。", MOVED, ["m09/d01"]),
        ("二维码从 10 月 9 日开始。", MOVED, []),
        ("密码至少 10 个字符。", EDITIONS, ["10"]),
        ("密码至少 14 个字符。", EDITIONS, []),
        ("抽查了 6 次。", EDITIONS, []),
        ("婚假是 10 天。", REVISED, ["10"]),
        ("婚假是 13 天。", REVISED, []),
        ("人数是 310。", YEARS, []),
    ],
)
def test_a_value_of_the_past_is_none_of_today(
    sentence: str, passage: str, expected: list[str]
) -> None:
    found = outdated_values(sentence, [passage], question="")

    assert [value.text for value in found] == expected


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("How high was the limit before?", "The limit is 500 yuan."),
        ("What is the limit?", "The limit was 500 yuan until last year."),
        ("What is the limit of 2023?", "The limit is 500 yuan."),
        ("", "The limit was raised from 500 to 800 yuan."),
    ],
)
def test_who_speaks_of_the_past_may_take_its_values(question: str, sentence: str) -> None:
    assert not list(outdated_values(sentence, [RAISED], question=question))


def test_what_another_passage_tells_of_today_holds() -> None:
    assert not list(
        outdated_values("The limit is 500.", [RAISED, "The limit is 500."], question="")
    )


def test_it_is_a_fault_of_the_sentence() -> None:
    found = list(find_faults("The limit is 500 yuan.", [RAISED], question="What is the limit?"))

    assert found == [Finding(Fault.OUTDATED, "500")]
