import pytest

from ingest.metadata.doc_type import doc_type_of
from ingest.metadata.editions import series_of


def _series(title: str, *, stem: str = "file") -> str:
    return series_of(title, filename_stem=stem, doc_type=doc_type_of(title))


@pytest.mark.parametrize(
    ("titles", "series"),
    [
        (["休假管理办法（2022 年版）", "休假管理办法（2025 年修订）", "休假管理办法",
          "《休假管理办法》试行"],
         "休假管理办法"),
        (["Travel Policy", "Travel Policy v2", "Travel policy, 2025 edition", "2023 Travel Policy",
          "Travel Policy (revised)", "Travel Policy FY2024", "Travel Policy – Edition B",
          "Travel policy 2nd edition"],
         "travel policy"),
        (["公司法(2018-10-26)办法", "公司法(2023-12-29)办法"], "公司法 办法"),
        (["2024 年产品价目表", "2025 年产品价目表（修订版）"], "产品价目表"),
        (["TX-9 User Guide rev. C", "TX-9 User Guide 2025"], "tx 9 user guide"),
        (["質量手冊第六版", "质量手册 第 7 版"], "质量手册"),
    ],
)  # fmt: skip
def test_editions_of_one_document_have_one_series(titles: list[str], series: str) -> None:
    assert {title: _series(title) for title in titles} == dict.fromkeys(titles, series)


@pytest.mark.parametrize(
    "title",
    [
        "2024年3月报表",
        "2024-04 sales manual",
        "Monthly safety guide",
        "2025年第四季度销售政策",
        "Sales rules Q3 2025",
        "Pricing policy, second half of 2025",
        "Environmental and Energy Report 2024",
        "产品质量例会纪要（2025 年 8 月）",
        "关于放假的通知（2025）",
        "Budget 2025",
        "供货合同 2025",
        "Supply Agreement 2024",
        "Manual",
        "制度",
    ],
)
def test_what_does_not_replace_each_other_has_no_series(title: str) -> None:
    assert _series(title) == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Terms of business Q-2024-0412 v2", "Terms of business Q-2025-0412 v2"),
        ("移动设备管理办法（2023 年版）", "移动设备与自带设备管理办法（2025 年版）"),
        ("TX-9 User Guide", "TX-90 User Guide"),
    ],
)
def test_numbers_and_other_names_tell_documents_apart(one: str, other: str) -> None:
    assert _series(one) != _series(other)


def test_the_file_name_may_say_that_it_is_an_edition() -> None:
    assert _series("TX-9 factory settings", stem="tx9-settings-v2") == "tx 9 factory settings"
    assert _series("TX-9 factory settings", stem="tx9-settings") == ""
    assert _series("Travel policy", stem="travel-policy-2024-05") == ""
