"""Values taken from another place of a table than the sentence speaks of."""

import pytest

from generation.checking.cells import Misreading, misreadings
from generation.checking.values import Value

SUPPORT = """IT › Support
| Priority | Meaning | Answer within | Solved within |
|---|---|---|---|
| P1 | standstill | 15 minutes | 4 hours |
| P2 | hindered | 1 hour | 1 working day |"""
P1 = "Priority: P1; Meaning: standstill; Answer within: 15 minutes; Solved within: 4 hours"
LEAVE = """制度 › 年休假
| 司龄 | 天数 | 須批准 |
|---|---|---|
| 满 3 年不满 5 年 | 9 天 | 2 人 |
| 满 5 年不满 10 年 | 12 天 | 3 人 |
| 满 10 年 | 16 天 | 4 人 |"""
STAFF = "| Grade | Limit |\n|---|---|\n| Engineer | 300 CNY |\n| Senior engineer | 500 CNY |"
OVERVIEW = "|  | Bronze | Silver |\n|---|---|---|\n| Parts | 0 % | 5 % |\n| Visits | 10 % | 20 % |"


def _found(sentence: str, *passages: str, question: str = "") -> list[Misreading]:
    return list(misreadings(sentence, passages, question=question))


@pytest.mark.parametrize(
    ("sentence", "value"),
    [
        ("A P1 ticket is answered within 4 hours.", Value("4", "hour")),
        ("P1 tickets are answered within 60 minutes.", Value("60", "minute")),
        ("P1 is solved within 1 working day.", Value("1", "workday")),
    ],
)
def test_another_column_or_row_is_told_with_the_row_that_is_meant(
    sentence: str, value: Value
) -> None:
    assert _found(sentence, SUPPORT) == [Misreading(value, P1)]


def test_the_question_names_what_the_sentence_does_not() -> None:
    found = _found("Within 4 hours.", SUPPORT, question="When is a P1 ticket answered?")

    assert [each.row for each in found] == [P1]


def test_of_several_rows_the_one_named_best_is_meant() -> None:
    found = _found("满五年不满十年的员工有 16 天。", LEAVE)

    assert [each.row for each in found] == ["司龄: 满 5 年不满 10 年; 天数: 12 天; 須批准: 3 人"]


@pytest.mark.parametrize(
    ("sentence", "limit"),
    [("A senior engineer may spend 300 CNY.", "500"), ("An engineer may spend 500 CNY.", "300")],
)
def test_a_name_within_another_one_is_told_from_it(sentence: str, limit: str) -> None:
    (found,) = _found(sentence, STAFF)

    assert f"Limit: {limit} CNY" in found.row


def test_rows_without_a_heading_of_their_own_are_compared_too() -> None:
    (found,) = _found("Silver gives 10 % on parts.", OVERVIEW)

    assert found.row == "Parts; Bronze: 0 %; Silver: 5 %"


@pytest.mark.parametrize(
    ("sentence", "passages"),
    [
        ("A P1 ticket is answered within 15 minutes.", [SUPPORT]),
        ("P1: answered within 15 minutes, solved within 4 hours.", [SUPPORT]),
        ("P1 is answered within 15 minutes, P2 within 1 hour.", [SUPPORT]),
        # Nothing names a row or a column.
        ("It takes 4 hours.", [SUPPORT]),
        # It also stands outside of tables.
        ("A P1 ticket is answered within 4 hours.", [SUPPORT, "At night: within 4 hours."]),
        # Names of the other language cannot be compared.
        ("P1 工单在 4 小时内答复。", [SUPPORT]),
        ("A senior engineer may spend 500 CNY.", [STAFF]),
        ("司龄满三年不满五年的有 9 天。", [LEAVE]),
        # A cell that is a text of its own says it in its own words.
        (
            "If P2 orders stay below 90 the five posts are cut to three.",
            [
                "| No. | Decision |\n|---|---|\n"
                "| 1 | If P2 orders stay below 90 the five posts of the site are cut to three |\n"
                "| P2 | Orders are counted in week 40 |"
            ],
        ),
        (
            "From 1 October P2 is answered at night.",
            ["| A | P2 | From |\n|---|---|---|\n| x | 2 May | 1 October |"],
        ),
        ("Nothing in figures.", [SUPPORT]),
        ("A P1 ticket is answered within 4 hours.", []),
    ],
)
def test_what_is_read_rightly_or_cannot_be_told_is_left(sentence: str, passages: list[str]) -> None:
    assert _found(sentence, *passages) == []
