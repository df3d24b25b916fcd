import pytest

from models.language import detect_language


@pytest.mark.parametrize(
    "text",
    ["年假有几天？", "WiFi密码是多少", "iPhone 15 Pro Max 价格", "VPN 怎么用", "請假規定", "㐀"],
)
def test_chinese(text: str) -> None:
    assert detect_language(text) == "zh"


@pytest.mark.parametrize(
    "text",
    ["How many days?", "What does 年假 mean?", "The word 年假 is annual leave", "E-204", "", "123"],
)
def test_english(text: str) -> None:
    assert detect_language(text) == "en"
