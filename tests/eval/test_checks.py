"""Sentences made wrong in one place, and what the rules say of them."""

import random

import pytest

from eval.checks.claims import Claim, own_claims
from eval.checks.measure import RIGHT, Judged, checks_table, judge_claims
from eval.checks.perturb import Change, perturbed
from tests.fakes.encoder import FakeEncoder


@pytest.mark.parametrize(
    ("change", "sentence", "wrong"),
    [
        (Change.NUMBER, "每晚限额 1,200 元。", "每晚限额 1207 元。"),
        (Change.NUMBER, "A rate of 7.05 holds.", "A rate of 10.57 holds."),
        (Change.UNIT, "保存 6 个月。", "保存 6 天。"),
        (Change.UNIT, "Within 5 days.", "Within 5 weeks."),
        (Change.DATE, "自 2025 年 12 月 1 日起。", "自 2025 年 1 月 1 日起。"),
        (Change.DATE, "From 1 March 2025.", "From 1 April 2025."),
        (Change.NEGATION, "须由主管批准。", "须不由主管批准。"),
        (Change.NEGATION, "It must be signed.", "It need not be signed."),
        (Change.PLACE, "深圳的限额", "杭州的限额"),
        (Change.PLACE, "Hotels in Hong Kong", "Hotels in Chengdu"),
        (Change.ACTOR, "由财务部批准", "由法务部批准"),
        (Change.ACTOR, "signed by the line manager", "signed by the Purchasing"),
    ],
)
def test_one_thing_is_made_wrong(change: Change, sentence: str, wrong: str) -> None:
    assert perturbed(sentence, change, random.Random(1)) == wrong


@pytest.mark.parametrize(
    ("sentence", "wrong"),
    [
        ("一级补贴 300 元。", {"一级补贴 200 元。", "一级补贴 500 元。"}),
        ("一级补贴 3 天。", {None}),
        ("一级 300 元，不是二级的 300 元。", {None}),
    ],
)
def test_a_figure_is_exchanged_within_its_row_or_column(
    sentence: str, wrong: set[str | None]
) -> None:
    table = (
        "| 级别 | 补贴 | 住宿 | 天数 |\n|---|---|---|---|\n"
        "| 一级 | 300 元 | 500 元 | 3 |\n| 二级 | 200 元 | 400 元 | 2 |"
    )

    made = {
        perturbed(sentence, Change.CELL, random.Random(seed), passages=[table])
        for seed in range(20)
    }

    assert made == wrong


def test_a_figure_of_the_question_stays() -> None:
    table = "| 级别 | 补贴 |\n|---|---|\n| 一级 | 300 元 |\n| 二级 | 200 元 |"

    made = perturbed(
        "300 元是一级。",
        Change.CELL,
        random.Random(1),
        passages=[table],
        question="谁拿 300 元？",
    )

    assert made is None


@pytest.mark.parametrize("change", list(Change))
def test_what_is_not_there_is_not_made_wrong(change: Change) -> None:
    assert perturbed("请提前申请。", change, random.Random(1)) is None


def claim(text: str, *, is_verbatim: bool = True, question: str = "") -> Claim:
    passage = (
        "制度 › 假期\n年假每年有 5 天。病假工资按 80% 发放。深圳的婚假由财务部批准，不可以结转。\n"
        "| 级别 | 补贴 | 住宿 |\n|---|---|---|\n"
        "| 一级 | 300 元 | 500 元 |\n| 二级 | 200 元 | 400 元 |"
    )
    return Claim(text, is_verbatim, question, (passage,))


def test_right_statements_are_verified_and_wrong_ones_are_not() -> None:
    texts = [
        "年假每年有 5 天。",
        "病假工资按 80% 发放。",
        "深圳的婚假由财务部批准，不可以结转。",
        "一级的补贴是 300 元。",
    ]

    judged = list(judge_claims(claim(text) for text in texts))

    assert [each.is_verified for each in judged if each.change == RIGHT] == [True] * 4
    wrong = [each for each in judged if each.change != RIGHT]
    assert {each.change for each in wrong} == set(Change) - {Change.DATE}
    assert [each.text for each in wrong if each.is_verified] == []


def test_the_table_counts_by_wording_change_and_language() -> None:
    judged = [
        Judged(RIGHT, "verbatim", "zh", "a", True),
        Judged(Change.UNIT, "other words", "zh", "b", False),
    ]

    columns = [list(column.cells) for column in checks_table(judged).columns]

    assert columns[:4] == [["verbatim", "other words"], ["none", "unit"], ["zh", "zh"], ["1", "1"]]
    assert [str(share)[:5] for share in columns[4]] == ["1.000", "0.000"]


def test_a_statement_in_the_other_language_is_counted_apart() -> None:
    english = claim("You have 5 days.", is_verbatim=False, question="How long is the leave?")
    chinese = claim("有 5 天年假。", is_verbatim=False)

    first, *_ = judge_claims([english])
    second, *_ = judge_claims([chinese])

    assert (first.wording, second.wording) == ("other language", "other words")


def test_our_own_claims_stand_in_their_passages() -> None:
    claims = list(own_claims(FakeEncoder()))

    assert sum(each.is_verbatim for each in claims) > 250
    assert sum(not each.is_verbatim for each in claims) > 300
    assert all(each.passages for each in claims)
