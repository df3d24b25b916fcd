import pytest

from ingest.metadata.doc_type import doc_type_of
from stores.records import DocType


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("差旅与费用报销管理办法（2023 年版）", "policy"),
        ("個人資料保護規定", "policy"),
        ("现场服务收费标准", "policy"),
        ("中华人民共和国公司法", "policy"),
        ("Travel Policy", "policy"),
        ("Policy on conflicts of interest", "policy"),
        ("Warranty and Returns Policy, 2023 edition", "policy"),
        ("车间安全规程", "procedure"),
        ("采购流程 v2.1", "procedure"),
        ("RMA and Repair Process", "procedure"),
        ("Disaster recovery plan", "procedure"),
        ("明川水务集团框架供货合同", "contract"),
        ("Non-Disclosure Agreement", "contract"),
        ("Shanghai Office Lease - Contract Summary", "contract"),
        ("产品技术规格书", "specification"),
        ("Modbus 通信协议", "specification"),
        ("TX-9 data sheet", "specification"),
        ("员工手册", "manual"),
        ("TC-90 Portable Calibrator – User Guide", "manual"),
        ("Guide to expenses", "manual"),
        ("IT 服务台常见问题", "faq"),
        ("Benefits and Insurance FAQ", "faq"),
        ("环境与能源报告 2024", "report"),
        ("Quarterly Business Review, Q3 2024", "report"),
        ("项目总结会纪要", "minutes"),
        ("Minutes of the Board Meeting of 24 July 2025", "minutes"),
        ("关于春节放假的通知", "announcement"),
        ("Notice of general meeting", "announcement"),
    ],
)
def test_the_last_word_of_a_title_tells_the_type(title: str, kind: str) -> None:
    assert doc_type_of(title) == kind


@pytest.mark.parametrize(
    "title",
    [
        "合同审批权限表",
        "考勤与倒班管理培训",
        "常见解决办法",
        "Service contracts – Bronze, Silver and Gold",
        "Contract approval matrix",
        "Budget 2025",
        "Three ways to report to nobody",
        "",
    ],
)
def test_a_type_word_elsewhere_tells_nothing(title: str) -> None:
    assert doc_type_of(title) is DocType.OTHER


def test_the_file_name_tells_where_the_title_does_not() -> None:
    assert doc_type_of("Company cars", "company-car-policy-2025") is DocType.POLICY
    assert doc_type_of("员工手册", "travel-policy") is DocType.MANUAL
