"""What days a question names."""

from datetime import date

import pytest

from retrieval.policy.days import Period
from retrieval.policy.named_days import read_asked_days

DAY = date(2025, 9, 1)
PRESENT = Period(DAY, DAY)


def year(number: int) -> Period:
    return Period(date(number, 1, 1), date(number, 12, 31))


def month(number: int, of_year: int, last: int) -> Period:
    return Period(date(of_year, number, 1), date(of_year, number, last))


def day(*numbers: int) -> Period:
    return Period(date(*numbers), date(*numbers))


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("年假有几天？", []),
        ("2023 年那次出差报了多少？", [year(2023)]),
        ("二〇二三年的差旅标准", [year(2023)]),
        ("去年的目录价是多少？", [year(2024)]),
        ("前年和明年呢", [year(2023), year(2026)]),
        ("2024年2月的住宿限额", [month(2, 2024, 29)]),
        ("去年 12 月的出差怎么报", [month(12, 2024, 31)]),
        ("2024 年 12 月 28 日动身的", [day(2024, 12, 28)]),
        ("2024-12-28 出发，2024/12/30 回来", [day(2024, 12, 28), day(2024, 12, 30)]),
        ("2025年7月之前是几天", [day(2025, 6, 30)]),
        ("What did it cost last year?", [year(2024)]),
        ("How many days were there in 2022?", [year(2022)]),
        ("I left on 28 December 2024.", [day(2024, 12, 28)]),
        ("I left on December 28th, 2024.", [day(2024, 12, 28)]),
        ("Since March 2025, what applies?", [month(3, 2025, 31)]),
        ("How was it before July 2025?", [day(2025, 6, 30)]),
        ("Between 2019 and 2021?", [year(2019), year(2021)]),
    ],
)
def test_named_days_are_added_to_the_present_one(question: str, named: list[Period]) -> None:
    assert read_asked_days(question, day=DAY).periods == (PRESENT, *named)


@pytest.mark.parametrize(
    "question",
    [
        "2025 年的标准是多少？",
        "今年 9 月的工资",
        "What applies in 2025?",
        "文件 TL-FIN-2024-03 里怎么说",
        "Order SO-2024-017 and drawing 2024-017",
        "最多 1450 元还是 3050 元？",
        "2023 年 13 月",
        "2024-02-31",
        "Is it 20241 or 12024?",
        "Under the 1850 rules",
    ],
)
def test_the_present_year_numbers_and_impossible_days_name_nothing(question: str) -> None:
    assert read_asked_days(question, day=DAY).periods == (PRESENT,)


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("2022 年 3 月出差，按当时的规定限额是多少？", [month(3, 2022, 31)]),
        ("2023 年版的办法要求几天内报销？", [year(2023)]),
        ("Under the 2020 travel rules, what was paid?", [year(2020)]),
        ("What did the price list of 2024 say?", [year(2024)]),
    ],
)
def test_rules_of_a_named_time_shut_the_present_out(question: str, named: list[Period]) -> None:
    assert list(read_asked_days(question, day=DAY).periods) == named


@pytest.mark.parametrize(
    "question",
    [
        "2023 年版和现行版各是多少？",
        "2020 年版和 2025 年版分别是多少？",
        "按去年的规定和今年的规定，当时和现在差多少？",
        "Under the 2020 travel rules and now?",
        "What did the price list of 2024 say, and what does the current one?",
    ],
)
def test_a_word_for_the_present_keeps_it(question: str) -> None:
    assert PRESENT in read_asked_days(question, day=DAY).periods


@pytest.mark.parametrize(
    ("question", "earlier", "later"),
    [
        ("旧版怎么规定？", True, False),
        ("以前是几天？", True, False),
        ("新旧两版有什么不同？", True, False),
        ("And under the old edition?", True, False),
        ("第 4 版里芯片能放多久？", True, True),
        ("What did version 2.2 allow?", True, True),
        ("即将施行的规定有哪些变化？", False, True),
        ("What will change in the upcoming rules?", False, True),
        ("出差之前要办什么手续？", False, False),
        ("What must I do before I travel?", False, False),
    ],
)
def test_words_for_other_editions(question: str, *, earlier: bool, later: bool) -> None:
    asked = read_asked_days(question, day=DAY)
    assert (asked.earlier, asked.later) == (earlier, later)


def test_the_day_may_be_another_than_today() -> None:
    asked = read_asked_days("去年的标准", day=date(2021, 5, 1))
    assert asked.periods == (day(2021, 5, 1), year(2020))
