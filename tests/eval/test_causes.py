from eval.causes import causes_table
from tests.eval.runs import question, run_of, searched


def test_questions_are_counted_where_they_were_lost() -> None:
    rows = [
        searched(question(number), {"final": rank}) for number, rank in enumerate((1, 2, 9, None))
    ]

    table = causes_table(run_of(rows, name="own"))

    assert [str(column.header) for column in table.columns] == [
        "set",
        "questions",
        "all well",
        "not found",
        "found but ranked low",
    ]
    assert [list(column.cells) for column in table.columns] == [["own"], ["4"], ["2"], ["1"], ["1"]]
