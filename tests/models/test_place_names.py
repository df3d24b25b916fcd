"""Places by their names in the other language."""

import pytest

from models.place_names import place_names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("How much leave does the Chengdu office get?", ["成都"]),
        ("成都办事处有几天假？", ["Chengdu"]),
        ("Hotels in Hai Phong and Haiphong", ["海防"]),
        ("去香港出差", ["Hong Kong"]),
        ("去德國出差", ["Germany"]),
        ("A fair in Germany", ["德国"]),
        ("The plant in Zhejiang province", ["浙江"]),
        # What the text says already is not said again.
        ("成都（Chengdu）办事处", []),
        # Everyday words are no cities.
        ("Reading the mobile phone policy is nice", []),
        ("手机流量有多少？", []),
        ("", []),
    ],
)
def test_a_place_is_found_by_its_other_name(text: str, expected: list[str]) -> None:
    assert place_names().of(text) == expected
