import pytest

from ingest.text import clean, clean_code, clean_line, wrapped


@pytest.mark.parametrize(
    ("dirty", "expected"),
    [
        ("a\u00a0 \u3000b", "a b"),
        ("ca\u0301fe", "cáfe"),
        ("zero\u200bwidth\u2060\ufeff", "zerowidth"),
        ("\u202eevil\u202c", "evil"),
        ("tag\U000e0041\U000e007f", "tag"),
        ("bell\x07\x00", "bell"),
        ("half\ud800", "half"),
        ("soft\u00adhyphen", "softhyphen"),
        ("a \n\n  b\r\nc", "a\nb\nc"),
        ("⽤⼾ ﬁle", "用户 file"),
        ("\uf0b7 item", "• item"),
        ("價格 ＡＢＣ，①", "價格 ＡＢＣ，①"),
        ("", ""),
    ],
)
def test_prose_is_cleaned(dirty: str, expected: str) -> None:
    assert clean(dirty) == expected


def test_code_keeps_its_spaces_and_blank_lines() -> None:
    assert clean_code("\nif x:\r\n    y\u200b\n\n\tz  \n") == "if x:\n    y\n\n\tz"


def test_a_line_has_no_line_breaks() -> None:
    assert clean_line("年假\n申请  表") == "年假 申请 表"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["带薪年休假由单位", "统筹安排。"], "带薪年休假由单位统筹安排。"),
        (["annual leave is", "paid"], "annual leave is paid"),
        (["unin-", "formed"], "uninformed"),
        (["UTF-", "8 text"], "UTF- 8 text"),
        (["使用 API", "接口"], "使用 API接口"),
        ([], ""),
    ],
)
def test_wrapped_lines_are_joined(lines: list[str], expected: str) -> None:
    assert wrapped(lines) == expected
