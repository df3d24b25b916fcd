"""Tables as GitHub-flavoured Markdown."""

from collections.abc import Sequence

from ingest.text import clean_line

Rows = Sequence[Sequence[str]]


def markdown_table(rows: Rows) -> str:
    """Return rows as Markdown, the first one as the header.

    Empty rows and columns are cut, short rows are filled up, pipes in cells are escaped, and a
    line break in a cell becomes a space. Without any text the result is empty.
    """
    cleaned = without_empty([[clean_line(cell) for cell in row] for row in rows])
    if not cleaned:
        return ""
    header, *body = [_markdown_row(row) for row in cleaned]
    rule = "|" + "---|" * len(cleaned[0])  # without spaces it takes fewer tokens
    return "\n".join([header, rule, *body])


def without_empty(rows: Rows) -> list[list[str]]:
    """Return rows of equal length without those rows and columns in which nothing stands."""
    width = max((len(row) for row in rows), default=0)
    filled = [[*row, *[""] * (width - len(row))] for row in rows if any(row)]
    kept = [column for column in range(width) if any(row[column] for row in filled)]
    return [[row[column] for column in kept] for row in filled]


def split_captions(rows: Rows) -> tuple[list[str], list[list[str]]]:
    """Part the rows with a single cell that stand above a table, its captions, from the table.

    Rows that have no second column at all are captions only.
    """
    kept = without_empty(rows)
    count = 0
    while count < len(kept) and sum(map(bool, kept[count])) == 1:
        count += 1
    if count == len(kept) and kept and len(kept[0]) > 1:
        return [], kept
    return ["".join(row) for row in kept[:count]], kept[count:]


def _markdown_row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


class Grid:
    """A table with merged cells, filled cell by cell.

    The text of a merged cell is repeated in every place it covers, so that each row can be
    understood on its own. A cell as wide as the whole table is a caption and stands once.
    """

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], str] = {}
        self._rows = 0
        self._columns = 0
        self._wide: list[tuple[int, int, int, str]] = []

    def place(self, text: str, *, row: int, column: int, rows: int = 1, columns: int = 1) -> None:
        """Put a cell at its upper left place."""
        self._rows = max(self._rows, row + rows)
        self._columns = max(self._columns, column + columns)
        if columns > 1:
            self._wide.append((row, column, columns, text))
        for r in range(row, row + rows):
            for c in range(column, column + columns):
                self._cells.setdefault((r, c), text)

    def is_free(self, row: int, column: int) -> bool:
        """Tell whether no cell covers the place yet."""
        return (row, column) not in self._cells

    def rows(self) -> list[list[str]]:
        """Return the rows with their repeated texts."""
        for row, column, columns, _ in self._wide:
            if columns == self._columns:
                self._cells |= {(row, c): "" for c in range(column + 1, column + columns)}
        return [
            [self._cells.get((row, column), "") for column in range(self._columns)]
            for row in range(self._rows)
        ]
