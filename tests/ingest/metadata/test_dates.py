import re
from datetime import date

import pytest

from ingest.metadata.dates import DATE, parse_date, readable


def _dates(text: str) -> list[date | None]:
    return [parse_date(match.group()) for match in re.finditer(DATE, readable(text))]


@pytest.mark.parametrize(
    "text",
    [
        "2025年1月8日",
        "2025 年 1 月 8 日",
        "２０２５年１月８日",
        "二〇二五年一月八日",
        "二○二五年一月八日",
        "2025-01-08",
        "2025/1/8",
        "2025.01.08",
        "8 January 2025",
        "8th January 2025",
        "8th of January, 2025",
        "January 8, 2025",
        "Jan. 8th, 2025",
        "8 JAN 2025",
    ],
)
def test_a_day_is_read_in_any_of_the_usual_ways(text: str) -> None:
    assert _dates(f"({text})") == [date(2025, 1, 8)]


@pytest.mark.parametrize(
    ("text", "day"), [("二〇二四年十二月三十一日", 31), ("2024年12月20日", 20)]
)
def test_chinese_numbers_above_ten_are_read(text: str, day: int) -> None:
    assert _dates(text) == [date(2024, 12, day)]


@pytest.mark.parametrize(
    "text",
    [
        "01/02/2025",  # two different days
        "version 2 of January 2025",
        "2025年1月",
        "January 2025",
        "HR-2025-01-08-3",
        "192.2025.1.8.7",
        "2025-01-08-17",
    ],
)
def test_what_is_no_day_is_left_alone(text: str) -> None:
    assert _dates(text) == []


@pytest.mark.parametrize("text", ["2025年2月30日", "31 June 2025", "1850-01-08", "2025-13-01"])
def test_a_day_that_no_calendar_has_is_none(text: str) -> None:
    assert _dates(text) == [None]


def test_a_day_without_a_year_takes_that_of_the_one_before_it() -> None:
    assert _dates("2025年1月15日签订，2月1日起执行") == [date(2025, 1, 15), date(2025, 2, 1)]


@pytest.mark.parametrize(
    "text", ["2024年12月20日发布，1月1日起施行", "2025年1月15日签订。2月1日起执行", "2月1日起执行"]
)
def test_a_year_is_not_guessed(text: str) -> None:
    assert len(_dates(text)) == text.count("年")


def test_traditional_characters_are_read() -> None:
    assert readable("自２０２５年起實施") == "自2025年起实施"
