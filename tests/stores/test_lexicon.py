"""Lexicons in the catalog, and which documents were indexed with which words."""

import pytest

from stores.catalog import Catalog
from stores.errors import UnknownEntry
from stores.lexicon import (
    MAX_CHARACTERS,
    MAX_ENTRIES,
    MAX_EQUIVALENTS,
    LexiconEntry,
    LexiconKind,
    check_entry,
)
from stores.records import document_id
from tests.stores.builders import make_blocks, make_chunks, make_document

TERM, SYNONYM, ABBREVIATION = LexiconKind.TERM, LexiconKind.SYNONYM, LexiconKind.ABBREVIATION
TRAVEL = LexiconEntry(SYNONYM, "差旅", ("出差", "business trip"))
VPN = LexiconEntry(ABBREVIATION, "VPN", ("virtual private network",))
PRODUCT = LexiconEntry(TERM, "智慧眼三代")


def test_entries_are_kept_by_tenant(catalog: Catalog) -> None:
    catalog.lexicons.put("acme", [TRAVEL, VPN, PRODUCT])
    catalog.lexicons.put("other", [PRODUCT])
    assert catalog.lexicons.read("acme") == (1, [VPN, TRAVEL, PRODUCT])
    assert catalog.lexicons.read("other") == (1, [PRODUCT])
    assert catalog.lexicons.read("nobody") == (0, [])


def test_every_change_raises_the_version_of_its_tenant_alone(catalog: Catalog) -> None:
    assert catalog.lexicons.version("acme") == 0
    catalog.lexicons.put("acme", [TRAVEL])
    catalog.lexicons.put("acme", [VPN])
    catalog.lexicons.remove("acme", "差旅")
    assert catalog.lexicons.version("acme") == 3
    assert catalog.lexicons.version("other") == 0
    catalog.lexicons.put("acme", [])
    assert catalog.lexicons.version("acme") == 3


def test_an_entry_that_is_there_is_replaced(catalog: Catalog) -> None:
    catalog.lexicons.put("acme", [TRAVEL])
    catalog.lexicons.put("acme", [LexiconEntry(SYNONYM, " 差旅 ", ("出差", " 出差", "差旅"))])
    assert catalog.lexicons.read("acme")[1] == [LexiconEntry(SYNONYM, "差旅", ("出差",))]


def test_an_unknown_entry_is_not_removed(catalog: Catalog) -> None:
    catalog.lexicons.put("other", [TRAVEL])
    with pytest.raises(UnknownEntry, match="差旅"):
        catalog.lexicons.remove("acme", "差旅")
    assert catalog.lexicons.version("acme") == 0


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (LexiconEntry(TERM, " "), "no letter"),
        (LexiconEntry(TERM, "！？"), "no letter"),
        (LexiconEntry(TERM, "字" * (MAX_CHARACTERS + 1)), "longer than"),
        (LexiconEntry(TERM, "a\x00b"), "printed"),
        (LexiconEntry(TERM, "年假", ("休假",)), "synonym"),
        (LexiconEntry(SYNONYM, "年假"), "equivalents"),
        (LexiconEntry(SYNONYM, "年假", ("年假",)), "equivalents"),
        (LexiconEntry(SYNONYM, "年假", ("",)), "no letter"),
        (LexiconEntry(SYNONYM, "词", tuple(f"w{n}" for n in range(MAX_EQUIVALENTS + 1))), "1 to"),
    ],
)
def test_a_malformed_entry_is_refused_and_nothing_is_added(
    catalog: Catalog, entry: LexiconEntry, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        catalog.lexicons.put("acme", [PRODUCT, entry])
    assert catalog.lexicons.read("acme") == (0, [])


def test_a_lexicon_is_bounded(catalog: Catalog) -> None:
    many = [LexiconEntry(TERM, f"word {number}") for number in range(MAX_ENTRIES + 1)]
    with pytest.raises(ValueError, match="at most"):
        catalog.lexicons.put("acme", many)
    assert catalog.lexicons.read("acme") == (0, [])


def test_white_space_within_an_expression_is_one_space() -> None:
    assert check_entry(LexiconEntry(TERM, "  annual \n leave ")).entry == "annual leave"


def commit(catalog: Catalog, uri: str, *, words: str, revision: int = 1) -> None:
    document = make_document(uri, tenant="acme", revision=revision)
    catalog.documents.commit(
        document, make_blocks(document, count=2), make_chunks(document, count=2), words=words
    )


def test_documents_with_other_words_are_behind(catalog: Catalog) -> None:
    for number in range(5):
        commit(catalog, f"file:///{number}.md", words="old")
    commit(catalog, "file:///new.md", words="new")
    indexed = catalog.indexed_words
    assert indexed.count_behind("acme", "new") == 5
    assert indexed.count_behind("acme", "old") == 1
    assert indexed.count_behind("other", "new") == 0
    first = indexed.behind("acme", "new", after=None, limit=3)
    rest = indexed.behind("acme", "new", after=first[-1][0], limit=3)
    assert [len(first), len(rest)] == [3, 2]
    assert len({found for found, _ in first + rest}) == 5


def test_only_the_current_revision_is_marked(catalog: Catalog) -> None:
    commit(catalog, "file:///a.md", words="old")
    key = document_id("acme", "file:///a.md")
    commit(catalog, "file:///a.md", words="old", revision=2)
    indexed = catalog.indexed_words
    indexed.mark(key, 1, "new")
    assert indexed.count_behind("acme", "new") == 1
    assert indexed.chunks(key, 1) == []
    indexed.mark(key, 2, "new")
    assert indexed.count_behind("acme", "new") == 0
    assert [chunk.ordinal for chunk in indexed.chunks(key, 2)] == [0, 1]
