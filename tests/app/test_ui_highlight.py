from dataclasses import dataclass

from app.ui.highlight import intervals, mark, mark_lines, parse_table, table_markdown

TABLE = "| City | Yuan |\n| --- | ---: |\n| Shanghai | 600 |\n| Xi'an | 350 |"


@dataclass(frozen=True)
class Piece:
    block: int
    start: int
    end: int


def test_pieces_of_a_block_are_sorted_and_joined() -> None:
    pieces = [Piece(1, 8, 9), Piece(0, 0, 3), Piece(1, 2, 5), Piece(1, 4, 6), Piece(1, 7, 7)]
    assert intervals(pieces, 1) == [(2, 6), (8, 9)]


def test_the_marked_piece_is_coloured_and_all_of_it_escaped() -> None:
    assert mark("a *b* c", [(2, 5)]) == r"a :orange-background[\*b\*] c"


def test_spaces_stay_outside_the_colour() -> None:
    assert mark("a b c", [(1, 4)]) == "a :orange-background[b] c"


def test_offsets_beyond_the_text_are_cut() -> None:
    assert mark("abc", [(1, 99)]) == "a:orange-background[bc]"


def test_a_quote_over_several_lines_is_coloured_line_by_line() -> None:
    text = "first\nsecond\nthird"
    shown = mark_lines(text, [(2, 9)])
    assert shown == "fi:orange-background[rst]  \n:orange-background[sec]ond  \nthird"


def test_a_table_is_shown_as_a_table_with_the_quoted_row_coloured() -> None:
    start = TABLE.index("| Shanghai")
    marked = [(start, start + len("| Shanghai | 600 |"))]
    shown = table_markdown(parse_table(TABLE, marked), marked)
    assert shown.splitlines() == [
        "| City | Yuan |",
        "| --- | --- |",
        "| :orange-background[Shanghai] | :orange-background[600] |",
        r"| Xi\'an | 350 |",
    ]


def test_cells_that_hold_a_bar_keep_it_and_short_rows_are_filled() -> None:
    shown = table_markdown(parse_table("| a | b |\n|---|---|\n| x \\| y |", []), [])
    assert shown.splitlines()[-1] == r"| x \| y |  |"


def test_a_cell_cannot_add_columns_or_links() -> None:
    shown = table_markdown(parse_table("| a |\n|---|\n| https://evil.example/<b> |", []), [])
    assert shown.splitlines()[-1] == "| `https://evil.example/<b>` |"


def test_of_a_long_table_only_the_rows_at_the_quote_are_shown() -> None:
    rows = [f"| row {number} |" for number in range(200)]
    text = "\n".join(["| name |", "| --- |", *rows])
    start = text.index("| row 100 |")
    table = parse_table(text, [(start, start + 11)])
    assert [row.cells[0][1].strip() for row in table.rows] == [f"row {n}" for n in range(97, 104)]
    assert table.left_out == 193


def test_text_that_is_no_table_has_no_rows() -> None:
    table = parse_table("just text", [])
    assert table.rows == ()
    assert table_markdown(table, []).splitlines()[0] == "| just text |"
