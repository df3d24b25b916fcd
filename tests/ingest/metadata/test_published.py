from datetime import date

import pytest

from ingest.metadata.dates import readable
from ingest.metadata.published import day_in_name, published_in

_DAY = date(2025, 7, 14)


@pytest.mark.parametrize(
    "lead",
    [
        "发布日期：2025年7月14日",
        "2025年7月14日发布",
        "编号 7，2025 年 7 月 14 日由总经理顾行舟签发。",
        "最后更新：2025 年 7 月 14 日。",
        "由客服部维护，2025年7月14日更新。",
        "- 时间：2025年7月14日（星期一）15:00",
        "签订日期 2025年7月14日",
        "Published on 14 July 2025",
        "Updated 14 July 2025 by IT.",
        "Policy 12, version 2 of 14 July 2025.",
        "Date: 14 July 2025, 14:00 to 16:20",
        "TL-7, version 1.4, 14 July 2025. For site contacts.",
        "2025年7月14日，宁波",
    ],
)
def test_the_day_of_a_document_is_read(lead: str) -> None:
    assert published_in(readable(lead)) == _DAY


@pytest.mark.parametrize(
    "lead",
    [
        "It replaces version 2.2 of 14 July 2025 and stays as it is",
        "Version 1 of July 2025 is withdrawn",
        "2025年7月14日以后入职的员工适用本办法",
        "In the meeting of 14 July 2025 we decided",
    ],
)
def test_other_days_are_left_alone(lead: str) -> None:
    assert published_in(readable(lead)) is None


def test_issuing_ranks_before_a_date_that_stands_alone() -> None:
    assert published_in(readable("1 March 2025, issued on 14 July 2025")) == _DAY


def test_the_first_dated_line_counts() -> None:
    assert published_in(readable("no date\n14 July 2025.\nissued on 1 May 2024")) == _DAY


def test_two_days_of_one_rank_are_none() -> None:
    assert published_in(readable("发布日期：2025年7月14日，发布日期：2025年7月15日")) is None


@pytest.mark.parametrize(
    "name",
    [
        "例会纪要-2025-07-14",
        "minutes 20250714",
        "Minutes of the Meeting of 14 July 2025",
        "x_2025_07_14",
    ],
)
def test_a_name_may_hold_the_day(name: str) -> None:
    assert day_in_name(readable(name)) == _DAY


@pytest.mark.parametrize(
    "name", ["report-2025-07", "SO-250714-01", "2025-07-14 bis 2025-07-15", "v1"]
)
def test_a_name_without_one_whole_day_has_none(name: str) -> None:
    assert day_in_name(readable(name)) is None
