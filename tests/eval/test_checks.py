"""Sentences made wrong in one place, and what the rules say of them."""

import random

import pytest

from eval.checks.measure import RIGHT, Judged, checks_table, judge_sentences, own_sentences
from eval.checks.perturb import Change, perturbed


@pytest.mark.parametrize(
    ("change", "sentence", "wrong"),
    [
        (Change.NUMBER, "每晚限额 1,200 元。", "每晚限额 1207 元。"),
        (Change.NUMBER, "A rate of 7.05 holds.", "A rate of 10.57 holds."),
        (Change.UNIT, "保存 6 个月。", "保存 6 天。"),
        (Change.UNIT, "Within 5 days.", "Within 5 weeks."),
        (Change.DATE, "自 2025 年 12 月 1 日起。", "自 2025 年 1 月 1 日起。"),
        (Change.DATE, "From 1 March 2025.", "From 1 April 2025."),
    ],
)
def test_one_thing_is_made_wrong(change: Change, sentence: str, wrong: str) -> None:
    assert perturbed(sentence, change, random.Random(1)) == wrong


@pytest.mark.parametrize("change", list(Change))
def test_what_is_not_there_is_not_made_wrong(change: Change) -> None:
    assert perturbed("请提前申请。", change, random.Random(1)) is None


def test_right_sentences_pass_and_wrong_ones_are_found() -> None:
    sentences = ["年假每年有 5 天。", "病假工资按 80% 发放。", "婚假为 3 天。"]

    judged = list(judge_sentences(sentences))

    assert [each.is_faulty for each in judged if each.change == RIGHT] == [False] * 3
    wrong = [each for each in judged if each.change == Change.NUMBER]
    assert [each.is_faulty for each in wrong] == [True] * 3


def test_the_table_counts_by_change_and_language() -> None:
    judged = [Judged(RIGHT, "zh", "a", False), Judged(Change.UNIT, "zh", "b", True)]

    columns = [list(column.cells) for column in checks_table(judged).columns]

    assert columns[:3] == [["none", "unit"], ["zh", "zh"], ["1", "1"]]
    assert [str(share)[:5] for share in columns[3]] == ["0.000", "1.000"]


def test_our_own_sentences_are_prose() -> None:
    sentences = own_sentences()

    assert len(sentences) > 250
    assert len(set(sentences)) == len(sentences)
    assert not any("|" in each for each in sentences)
