import pytest

from generation.tables import spell_out_tables

TABLE = "| 司龄 | 天数 |\n|---|:-:|\n| 不满 1 年 | 5 天 |\n| 满 1 年 | 7 天 |"


def test_every_row_names_its_columns() -> None:
    assert spell_out_tables(f"年假：\n\n{TABLE}\n\n以上。") == (
        "年假：\n\n- 司龄: 不满 1 年; 天数: 5 天\n- 司龄: 满 1 年; 天数: 7 天\n\n以上。"
    )


def test_two_tables_have_their_own_headers() -> None:
    text = f"{TABLE}\n\n| A | B |\n|---|---|\n| 1 | 2 |"
    assert spell_out_tables(text).endswith("- 司龄: 满 1 年; 天数: 7 天\n\n- A: 1; B: 2")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("| A | B |\n|---|---|\n| 1 |  |", "- A: 1"),
        ("| A | B |\n|---|---|\n| 1 |", "- A: 1"),
        ("|  | B |\n|---|---|\n| x | 2 |", "- x; B: 2"),
        ("| no | table |", "| no | table |"),
        ("| rows | without |\n| a | header |", "| rows | without |\n| a | header |"),
        ("plain | text", "plain | text"),
        ("", ""),
    ],
)
def test_irregular_tables(text: str, expected: str) -> None:
    assert spell_out_tables(text) == expected
