"""Strings that are written in several ways: what a question says must find what a passage says."""

import pytest

from models.terms import terms

SAME = [
    # Width, case, script, accents.
    ("ＴＰ－３８０", "TP-380"),
    ("C＋＋", "c++"),
    ("ｶﾞｲﾄﾞ", "ガイド"),
    ("１００℃", "100 °C"),
    ("㎏", "kg"),
    ("差旅費用報銷管理辦法", "差旅费用报销管理办法"),
    ("週六裡面", "周六里面"),
    ("résumé of Åse", "resume of Ase"),
    # Dashes of all kinds.
    ("GB/T 7714—2015", "GB/T 7714-2015"),
    ("GB/T 7714–2015", "gb/t7714-2015"),
    ("HR‑2024‑017", "HR-2024-017"),
    ("−20 °C", "-20℃"),
    # Measures.
    ("5 kg", "5kg"),
    ("45 N·m", "45N·m"),
    ("10 m²", "10㎡"),
    ("0.35 MPa", "0.35MPa"),
    ("15 %", "１５％"),
    ("10 万元", "10万元"),
    ("3，200 元", "3200元"),
    # Dates.
    ("2025-07-10", "2025/7/10"),
    ("2025.07.10", "2025-7-10"),
    ("2025年7月10日", "2025-07-10"),
    ("２０２５年７月１０日", "2025 年 7 月 10 日"),
    ("July 10, 2025", "10th of July 2025"),
    ("10 July 2025", "july 10 2025"),
    # Web.
    ("HTTPS://Wiki.Example.com/", "https://wiki.example.com"),
]

WHOLES = [
    ("138 0013 8000", "13800138000"),
    ("138-0013-8000", "13800138000"),
    ("+86 138 0013 8000", "13800138000"),
    ("+8613800138000", "13800138000"),
    ("0574-8765 4321", "+86 574 8765 4321"),
    ("(0574) 87654321", "0574-87654321"),
    ("+45 33 12 34 56", "+45 3312 3456"),
    ("10 July 2025", "2025-07-10"),
    ("Sept. 1st, 2025", "2025年9月1日"),
    ("2025-07-10T08:30", "2025年7月10日"),
    ("1 kWh", "1kwh"),
]

LISTS = [
    ("C++ 和 C#", ["c++", "和", "c#"]),
    ("GB/T 7714-2015", ["gbt77142015", "gb", "7714", "2015"]),
    ("hr@lanhai.com.cn", ["hr@lanhai.com.cn", "hr", "lanhai", "com", "cn"]),
    (
        "https://wiki.example.com/hr/leave?x=1",
        ["https", "wiki.example.com", "wiki", "exampl", "com", "hrleave", "hr", "leav", "x", "1"],
    ),
    ("138 0013 8000", ["13800138000", "138", "0013", "8000"]),
    ("V3.0.0", ["v3.0.0", "3.0.0"]),
    ("2025年7月10日", ["20250710", "2025", "7", "10"]),
    ("July 10, 2025", ["20250710", "2025", "7", "10", "juli"]),
    ("2025年7月", ["2025", "年", "7", "月"]),
    ("5 kg", ["5kg", "5", "kg"]),
    ("100 °C", ["100°c", "100"]),
    ("15%", ["15%", "15"]),
    ("¥600", ["600"]),
    ("US$1,200.50", ["us", "1200.50"]),
    ("3D打印机DN80", ["3d", "3", "打印", "印机", "打印机", "dn80", "dn", "80"]),
    ("Wi-Fi 6E", ["wifi", "wi", "fi", "6e", "6"]),
    ("16–18", ["1618", "16", "18"]),
    ("5 million people", ["5", "million", "peopl"]),
    ("May 2025", ["may", "2025"]),
    ("订单号 202511220001", ["订单", "单号", "订单号", "202511220001"]),
    ("192.168.1.1", ["192.168.1.1"]),
    ("2025.07.10.3", ["2025.07.10.3"]),
]


FOUND_BY = [
    ("E204 是什么故障", "故障代码 E-204：供电不足", "e204"),
    ("wiki.example.com 打不开", "请访问 https://wiki.example.com/start", "wiki.example.com"),
    ("lanhai.com.cn 的邮箱", "请发邮件到 hr@lanhai.com.cn", "lanhai"),
    ("ISO9001 证书", "ISO 9001:2015 质量管理体系", "9001"),
    ("TP380 的价格", "TP 380 压力变送器", "380"),
    ("2025-7-10 之前", "Deadline: 10 July 2025", "20250710"),
    ("1200 yuan", "限额 1,200 元", "1200"),
    ("08：30 上班", "工作时间 08:30–17:30", "08"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_ways_to_write_it_give_the_same_terms(one: str, other: str) -> None:
    assert terms(one)
    assert terms(one) == terms(other)


@pytest.mark.parametrize(("one", "other"), WHOLES)
def test_two_ways_to_write_it_share_the_whole(one: str, other: str) -> None:
    assert terms(one)[0] == terms(other)[0]


@pytest.mark.parametrize(("text", "expected"), LISTS)
def test_terms_of(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


@pytest.mark.parametrize(("question", "passage", "by"), FOUND_BY)
def test_what_a_question_names_is_found(question: str, passage: str, by: str) -> None:
    assert by in set(terms(question)) & set(terms(passage))
