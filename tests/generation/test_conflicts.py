"""Other documents that say otherwise, and others that only speak of something else."""

from dataclasses import replace

import pytest

from generation.conflicts import find_conflicts
from generation.records import Conflict, Sentence, Support
from retrieval.policy.editions import Standing
from retrieval.records import Evidence
from tests.generation.passages import passage

TABLE = """\
| 司龄 | 天数 |
|---|---|
| 满 3 年不满 5 年 | {third} 天 |
| 满 5 年不满 10 年 | {fifth} 天 |"""


def conflicts(text: str, cited: str, other: Evidence) -> list[Conflict]:
    sentence = Sentence(text, (1,), Support.VERIFIED, 1.0)
    return list(find_conflicts([sentence], [passage(1, quote=cited)], [other]))


@pytest.mark.parametrize(
    ("text", "cited", "other", "quote"),
    [
        (
            "满 5 年不满 10 年的有 12 天。",
            TABLE.format(third=9, fifth=12),
            TABLE.format(third=9, fifth=10),
            "| 满 5 年不满 10 年 | 10 天 |",
        ),
        (
            "住宿限额是 480 元。",
            "普通员工的住宿限额为每晚 480 元。",
            "交通费另计。普通员工的住宿限额为每晚 450 元。",
            "普通员工的住宿限额为每晚 450 元。",
        ),
        (
            "Receipts are due within 15 days.",
            "Receipts have to be handed in within 15 days.",
            "All receipts have to be handed in within 30 days.",
            "All receipts have to be handed in within 30 days.",
        ),
    ],
)
def test_another_figure_for_the_same_matter_is_a_conflict(
    text: str, cited: str, other: str, quote: str
) -> None:
    found = passage(2, quote=other, title="差旅问答")
    (conflict,) = conflicts(text, cited, found)
    assert conflict == Conflict(text, 1, found, quote, is_in_force=True)


@pytest.mark.parametrize(
    ("text", "cited", "other"),
    [
        # Another row, another place, another matter, the same figure, no figure.
        (
            "满 5 年不满 10 年的有 12 天。",
            TABLE.format(third=9, fifth=12),
            TABLE.format(third=8, fifth=12),
        ),
        ("限额是 480 元。", "深圳的住宿限额为每晚 480 元。", "上海的住宿限额为每晚 600 元。"),
        ("限额是 480 元。", "住宿限额为每晚 480 元。", "每天的餐费补贴为 100 元。"),
        ("限额是 480 元。", "住宿限额为每晚 480 元。", "住宿限额为每晚 480 元整。"),
        ("限额是 480 元。", "住宿限额为每晚 480 元。", "住宿限额见附表。"),
        ("请提前申请。", "请提前 3 天申请。", "请提前 5 天申请。"),
    ],
)
def test_what_does_not_contradict_is_no_conflict(text: str, cited: str, other: str) -> None:
    assert conflicts(text, cited, passage(2, quote=other, title="差旅问答")) == []


def test_a_former_edition_is_told_apart() -> None:
    former = passage(2, quote="住宿限额为每晚 450 元。", title="旧办法")
    former = replace(former, signals={"edition": float(Standing.EARLIER)})
    (conflict,) = conflicts("限额为 480 元。", "住宿限额为每晚 480 元。", former)
    assert not conflict.is_in_force


def test_a_document_does_not_contradict_itself() -> None:
    assert (
        conflicts(
            "限额为 480 元。",
            "住宿限额为每晚 480 元。",
            passage(2, quote="住宿限额为每晚 450 元。"),
        )
        == []
    )
