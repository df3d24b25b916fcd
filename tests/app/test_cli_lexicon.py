"""`zhiku lexicon` as a process."""

from pathlib import Path

from stores.catalog import Catalog
from stores.lexicon import LexiconEntry, LexiconKind
from tests.app.cli_process import only_error_line, zhiku
from tests.stores.builders import make_blocks, make_chunks, make_document


def open_catalog(data_dir: Path) -> Catalog:
    return Catalog(f"sqlite:///{data_dir / 'catalog.sqlite'}")


def test_entries_are_added_listed_and_removed(tmp_path: Path) -> None:
    assert (
        zhiku("lexicon", "add", "差旅", "出差", "business trip", data_dir=tmp_path).returncode == 0
    )
    added = zhiku("lexicon", "add", "VPN", "v p n", "--kind", "abbreviation", data_dir=tmp_path)
    assert added.returncode == 0
    listed = zhiku("lexicon", "list", data_dir=tmp_path)
    assert "出差, business trip" in listed.stdout
    assert zhiku("lexicon", "remove", "VPN", data_dir=tmp_path).returncode == 0
    catalog = open_catalog(tmp_path)
    kept = LexiconEntry(LexiconKind.SYNONYM, "差旅", ("出差", "business trip"))
    assert catalog.lexicons.read("default") == (3, [kept])
    catalog.close()


def test_mistakes_are_one_line(tmp_path: Path) -> None:
    refused = zhiku("lexicon", "add", "年假", "休假", "--kind", "term", data_dir=tmp_path)
    assert refused.returncode == 2
    assert "synonym" in only_error_line(refused)
    unknown = zhiku("lexicon", "remove", "年假", data_dir=tmp_path)
    assert unknown.returncode == 3
    assert "zhiku lexicon list" in only_error_line(unknown)
    missing = zhiku("lexicon", "import", str(tmp_path / "none.csv"), data_dir=tmp_path)
    assert missing.returncode == 2
    assert "none.csv" in only_error_line(missing)


def test_an_import_says_how_many_documents_are_behind(tmp_path: Path) -> None:
    catalog = open_catalog(tmp_path)
    document = make_document("file:///a.md", tenant="default")
    catalog.documents.commit(
        document, make_blocks(document, count=1), make_chunks(document, count=1)
    )
    catalog.close()
    path = tmp_path / "words.csv"
    path.write_text("term,智慧眼三代\nsynonym,差旅,出差\n", encoding="utf-8")
    done = zhiku("lexicon", "import", str(path), data_dir=tmp_path)
    assert done.returncode == 0
    assert "2 entries" in done.stderr
    assert "1 documents were indexed with other terms" in done.stderr
    assert "zhiku lexicon sync" in zhiku("lexicon", "list", data_dir=tmp_path).stderr
