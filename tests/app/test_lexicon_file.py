"""Lexicons as comma-separated files."""

from pathlib import Path

import pytest

from app.errors import BadRequest
from app.lexicon_file import read_lexicon
from stores.lexicon import LexiconEntry, LexiconKind


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "words.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


def test_rows_become_entries(tmp_path: Path) -> None:
    text = (
        "\ufeffKind,entry,equivalents\r\nterm,智慧眼三代\r\n\r\n,,\r\n"
        'Synonym, 差旅 ,出差,"trip, business",,\r\nabbreviation,VPN,virtual private network\r\n'
    )
    assert read_lexicon(written(tmp_path, text)) == [
        LexiconEntry(LexiconKind.TERM, "智慧眼三代"),
        LexiconEntry(LexiconKind.SYNONYM, "差旅", ("出差", "trip, business")),
        LexiconEntry(LexiconKind.ABBREVIATION, "VPN", ("virtual private network",)),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("term,a b\nwort,c\n", "row 2: 'wort' is no kind"),
        ("term\n", "row 1: .*no letter"),
        ("synonym,年假\n", "row 1: .*equivalents"),
        ("term,年假,休假\n", "row 1: .*synonym"),
        ('term,"a b\n', "cannot be read"),
        ("term,年假\n".encode("gb18030"), "UTF-8"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, text: str | bytes, reason: str) -> None:
    with pytest.raises(BadRequest, match=reason):
        read_lexicon(written(tmp_path, text))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="cannot be read"):
        read_lexicon(tmp_path / "none.csv")
