from datetime import date

import pytest

from ingest.metadata.dates import readable
from ingest.metadata.in_force import Period, period_in_force

_FIRST = date(2025, 1, 8)
_LAST = date(2026, 6, 30)
_NEVER = Period()


def _in_lead(text: str) -> Period:
    return period_in_force(readable(text), readable(text))


def _in_body(text: str) -> Period:
    return period_in_force("", readable(text))


@pytest.mark.parametrize(
    "text",
    [
        "生效日期：2025年1月8日",
        "| 生效日期 | 2025-01-08 |",
        "编号 A-7，自2025年1月8日起施行，由财务部解释。",
        "2025年1月8日起执行",
        "本办法自2025年1月8日起正式实施。",
        "2025 年 1 月 8 日生效",
        "文件編號 B-2，2025 年 1 月 8 日起適用。",
        "2025年1月8日起有效",
        "适用于2025年1月8日及以后的订单",
        "Effective date: 8 January 2025",
        "Effective 8 January 2025",
        "Document 12, version 3, in force from 8 January 2025. Owner: IT.",
        "This policy is effective as of January 8, 2025.",
        "These rules come into force on 8 January 2025",
        "The agreement takes effect on 8 January 2025.",
        "Price list valid from 2025-01-08",
        "Valid for orders placed on or after 8 January 2025",
    ],
)
def test_the_first_day_is_read(text: str) -> None:
    assert _in_lead(text) == Period(_FIRST)


@pytest.mark.parametrize(
    "text",
    [
        "有效期：2025年1月8日至2026年6月30日",
        "自2025年1月8日起施行，有效期至2026年6月30日",
        "2025年1月8日起执行，至2026年6月30日止",
        "Effective from 8 January 2025 to 30 June 2026",
        "Applies to orders placed between 8 January 2025 and 30 June 2026.",
        "Valid from 8 January 2025. Valid until 30 June 2026.",
    ],
)
def test_a_period_is_read(text: str) -> None:
    assert _in_lead(text) == Period(_FIRST, _LAST)


@pytest.mark.parametrize(
    "text",
    ["有效期至2026年6月30日", "Valid until 30 June 2026", "This notice expires on 30 June 2026"],
)
def test_the_last_day_is_read(text: str) -> None:
    assert _in_lead(text) == Period(last=_LAST)


def test_abolished_on_a_day_it_was_last_in_force_the_day_before() -> None:
    assert _in_lead("本规定2026年7月1日起废止。") == Period(last=_LAST)


@pytest.mark.parametrize(
    "text",
    [
        "The certificate stays in force until 30 June 2026.",
        "原办法自2025年1月8日起施行。",
        "《差旅管理办法》自2025年1月8日起施行。",
        "密码有效期至2026年6月30日",
        "Stays that began before 8 January 2025 keep the old rates.",
        "The new gateway goes live on 8 January 2025.",
        "新员工自2025年1月8日起适用三个月试用期。",
        "The previous policy was in force from 8 January 2025.",
    ],
)
def test_dates_of_other_things_are_left_alone(text: str) -> None:
    assert _in_lead(text) == _NEVER


@pytest.mark.parametrize(
    "text",
    [
        "第九十八条 本法自2025年1月8日起施行。",
        "第二十条　本办法由人事部解释。\n第二十一条　本办法自2025年1月8日起施行。",
        "14 Final provisions\nThis policy takes effect on 8 January 2025.",
    ],
)
def test_the_last_article_counts_where_it_names_the_document(text: str) -> None:
    assert _in_body(text) == Period(_FIRST)


@pytest.mark.parametrize("text", ["2025年1月8日起执行新费率", "Effective 8 January 2025"])
def test_beyond_the_beginning_a_document_has_to_name_itself(text: str) -> None:
    assert _in_body(text) == _NEVER


def test_two_different_first_days_are_none() -> None:
    assert _in_lead("2025年1月8日起施行。\n2025年2月1日起施行。") == _NEVER


def test_an_end_before_the_beginning_is_neither() -> None:
    assert _in_lead("生效日期：2026年6月30日\n失效日期：2025年1月8日") == _NEVER
