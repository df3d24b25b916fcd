"""Values of a form against passages."""

import pytest

from generation.checking.data import check_data

PASSAGES = (
    "差旅制度\n住宿费每晚不超过 600 元，满三年有年假十二天。",
    "Travel policy\nHotels in tier-one cities are paid up to 600 yuan, by the finance team.",
)


@pytest.mark.parametrize(
    ("value", "support"),
    [
        (600, "verified"),
        (600.0, "verified"),
        (12, "verified"),
        (800, "unverified"),
        (0, "unverified"),
        (-600, "unverified"),
        ("600 元", "verified"),
        ("600 天", "unverified"),
        ("60", "unverified"),
        ("住宿费", "verified"),
        ("Tier-one cities", "verified"),
        ("餐饮补贴", "unverified"),
        ("high", "unverified"),
        ("paid by the finance team", "verified"),
        ("paid by the audit board", "unverified"),
    ],
)
def test_a_value_stands_in_a_passage_or_not(value: object, support: str) -> None:
    (check,) = check_data({"field": value}, PASSAGES).values()
    assert (check.path, check.support) == ("/field", support)


def test_leaves_are_found_at_every_depth_by_json_pointer() -> None:
    data = {"a/b": [{"c~d": 600}, True, None], "e": {"f": "住宿费"}, "g": []}
    checks = check_data(data, PASSAGES)
    assert [check.path for check in checks.values()] == ["/a~1b/0/c~0d", "/e/f"]
    assert list(checks) == [("a/b", 0, "c~d"), ("e", "f")]
