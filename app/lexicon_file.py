"""Lexicons as files: comma-separated, one entry a row."""

import csv
from pathlib import Path

from app.errors import BadRequest
from stores.lexicon import LexiconEntry, LexiconKind, check_entry

_HEADER = "kind"


def read_lexicon(path: Path) -> list[LexiconEntry]:
    """Return the entries of a file: kind, entry, then as many equivalents as there are.

    A first row that begins with `kind` is a header; empty rows are passed over.

    Raises
    ------
    BadRequest
        The file cannot be read, or a row is not well formed; the message names the row.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadRequest(
            f"{path} cannot be read as comma-separated text in UTF-8 ({error}): save it as such"
        ) from error
    return [
        _entry(path, number, cells)
        for number, row in enumerate(rows, start=1)
        if any(cells := [cell.strip() for cell in row])
        and not (number == 1 and cells[0].lower() == _HEADER)
    ]


def _entry(path: Path, number: int, cells: list[str]) -> LexiconEntry:
    kind, entry, *equivalents = [*cells, ""]
    kinds = ", ".join(LexiconKind)
    try:
        read = LexiconKind(kind.lower())
    except ValueError as error:
        raise BadRequest(
            f"{path}, row {number}: {kind!r} is no kind of entry; write one of {kinds}"
        ) from error
    try:
        return check_entry(LexiconEntry(read, entry, tuple(each for each in equivalents if each)))
    except ValueError as error:
        raise BadRequest(f"{path}, row {number}: {error}") from error
