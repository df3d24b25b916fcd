import sqlite3
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import make_url
from sqlalchemy.dialects import sqlite

from stores.access import AccessFilter
from stores.catalog import Catalog
from stores.document_queries import visible_chunks_query
from stores.documents import FoundChunk
from stores.errors import RevisionConflict, UnknownDocument
from stores.records import Block, BlockKind, DocType, Document, HiddenKind, HiddenText
from tests.stores.builders import NOW, make_blocks, make_chunks, make_document, remove_document

HR = AccessFilter(tenant="acme", groups=("hr",))
EVERYONE = AccessFilter(tenant="acme", groups=("everyone",))
BOTH = AccessFilter(tenant="acme", groups=("everyone", "hr"))
NOBODY = AccessFilter(tenant="acme", groups=())
ELSEWHERE = AccessFilter(tenant="other", groups=("everyone", "hr"))


def _commit(catalog: Catalog, document: Document, *, count: int = 3) -> list[UUID]:
    chunks = make_chunks(document, count=count)
    catalog.documents.commit(document, make_blocks(document, count=count), chunks)
    return [chunk.id for chunk in chunks]


def test_a_committed_document_comes_back_as_it_was(catalog: Catalog) -> None:
    document = make_document(groups=("everyone", "hr"))
    ids = _commit(catalog, document)
    assert catalog.documents.find("acme", document.uri) == document
    assert catalog.documents.get(document.id, HR) == document
    assert catalog.documents.page_blocks(document.id, HR, page=None) == list(
        enumerate(make_blocks(document))
    )
    assert catalog.documents.visible_chunks(ids, HR) == {
        chunk.id: FoundChunk(chunk=chunk, document=document) for chunk in make_chunks(document)
    }


def _describe(document: Document) -> Document:
    return replace(
        document,
        series="休假管理办法",
        effective_from=date(2024, 1, 1),
        effective_to=date(2024, 12, 31),
        published=date(2023, 12, 15),
        doc_type=DocType.POLICY,
        tags=("hr", "休假"),
    )


def test_hidden_text_comes_back_and_goes_with_its_revision(catalog: Catalog) -> None:
    hidden = (HiddenText(HiddenKind.WHITE, 12), HiddenText(HiddenKind.ZERO_WIDTH, 3))
    for revision, found in enumerate((hidden, ()), start=1):
        document = replace(make_document(revision=revision), hidden=found)
        catalog.documents.commit(document, make_blocks(document), make_chunks(document))
        read = catalog.documents.find(document.tenant, document.uri)
        assert read is not None
        assert read.hidden == found


def test_what_describes_a_document_comes_back_and_goes_with_its_revision(catalog: Catalog) -> None:
    described = _describe(make_document())
    ids = _commit(catalog, described)
    assert catalog.documents.get(described.id, EVERYONE) == described
    (found, *_) = catalog.documents.visible_chunks(ids, EVERYONE).values()
    assert found.document == described
    plain = make_document(revision=2)
    _commit(catalog, plain)
    assert catalog.documents.get(described.id, EVERYONE) == plain


@pytest.mark.parametrize("tag", ["", "HR", " hr", "a,b", "a\nb", "x" * 65])
def test_a_tag_that_no_list_can_hold_is_refused(catalog: Catalog, tag: str) -> None:
    document = replace(make_document(), tags=(tag,))
    with pytest.raises(ValueError, match="cannot be a tag"):
        _commit(catalog, document)
    assert catalog.documents.find("acme", document.uri) is None


def test_a_new_revision_replaces_the_old_one_at_once(catalog: Catalog) -> None:
    old = _commit(catalog, make_document(groups=("hr",)), count=5)
    second = make_document(revision=2)
    new = _commit(catalog, second, count=2)
    found = catalog.documents.visible_chunks([*old, *new], BOTH)
    assert set(found) == set(new)
    assert catalog.documents.get(second.id, EVERYONE) == second
    assert len(catalog.documents.page_blocks(second.id, EVERYONE, page=None)) == 2
    with pytest.raises(UnknownDocument):
        catalog.documents.get(second.id, HR)


@pytest.mark.parametrize("revision", [1, 2])
def test_the_slower_of_two_writers_does_not_overwrite(catalog: Catalog, revision: int) -> None:
    current = make_document(revision=2)
    ids = _commit(catalog, current)
    with pytest.raises(RevisionConflict, match=r"leave\.md is at revision 2 already"):
        _commit(catalog, make_document(revision=revision, groups=("hr",)))
    assert catalog.documents.find("acme", current.uri) == current
    assert set(catalog.documents.visible_chunks(ids, EVERYONE)) == set(ids)


@pytest.mark.parametrize("access", [HR, NOBODY, ELSEWHERE])
def test_a_forbidden_document_is_as_unknown_as_none(catalog: Catalog, access: AccessFilter) -> None:
    document = make_document(groups=("everyone",))
    ids = _commit(catalog, document)
    nothing = uuid4()

    def complaints(document_id: UUID) -> list[str]:
        calls = (
            lambda: catalog.documents.get(document_id, access),
            lambda: catalog.documents.pages(document_id, access),
            lambda: catalog.documents.page_blocks(document_id, access, page=None),
        )
        texts = []
        for call in calls:
            with pytest.raises(UnknownDocument) as caught:
                call()
            texts.append(str(caught.value).replace(str(document_id), "ID"))
        return texts

    assert complaints(document.id) == complaints(nothing)
    assert catalog.documents.visible_chunks(ids, access) == {}
    assert catalog.documents.list(access, limit=10) == []


def test_a_chunk_of_another_revision_is_not_visible(catalog: Catalog) -> None:
    stale = [chunk.id for chunk in make_chunks(make_document(revision=1))]
    _commit(catalog, make_document(revision=2))
    assert catalog.documents.visible_chunks(stale, EVERYONE) == {}


def test_no_ids_find_nothing(catalog: Catalog) -> None:
    _commit(catalog, make_document())
    assert catalog.documents.visible_chunks([], EVERYONE) == {}


def test_chunks_are_looked_up_by_id(catalog: Catalog, catalog_url: str) -> None:
    """A plan that starts at the tenant's documents would read them all for every search."""
    _commit(catalog, make_document())
    asked = {"ids": [uuid4() for _ in range(100)], "tenant": BOTH.tenant, "groups": BOTH.groups}
    statement = (
        visible_chunks_query()
        .params(asked)
        .compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    )
    connection = sqlite3.connect(make_url(catalog_url).database or "")
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
    connection.close()
    assert plan[0].startswith("SEARCH chunks USING INDEX")
    assert plan[0].endswith("(id=?)")


def test_documents_are_listed_newest_first_and_in_pages(catalog: Catalog) -> None:
    for day in range(5):
        _commit(catalog, make_document(f"file:///{day}", updated_at=NOW + timedelta(days=day)))
    _commit(catalog, make_document("file:///secret", groups=("hr",)))
    _commit(catalog, make_document("file:///foreign", tenant="other"))
    assert [found.uri for found in catalog.documents.list(EVERYONE, limit=2, offset=1)] == [
        "file:///3",
        "file:///2",
    ]
    assert len(catalog.documents.list(EVERYONE, limit=100)) == 5


def test_documents_are_listed_by_what_their_title_holds(catalog: Catalog) -> None:
    for title in ("Travel policy", "差旅标准（2025年版）", "100% rule", "1000 rules"):
        _commit(catalog, replace(make_document(f"file:///{title}"), title=title))
    secret = make_document("file:///secret", groups=("hr",))
    _commit(catalog, replace(secret, title="Secret travel policy"))

    def titles(title: str) -> set[str]:
        return {found.title for found in catalog.documents.list(EVERYONE, limit=9, title=title)}

    assert titles("TRAVEL") == {"Travel policy"}
    assert titles("标准") == {"差旅标准（2025年版）"}
    assert titles("100%") == {"100% rule"}
    assert titles("none") == set()


def test_the_operator_lists_by_exact_prefix(catalog: Catalog) -> None:
    for uri in ("file:///docs/b", "file:///docs/a_1", "file:///docs/a%1", "file:///Docs/c"):
        _commit(catalog, make_document(uri, groups=("hr",)))
    _commit(catalog, make_document("file:///docs/z", tenant="other"))

    def uris(prefix: str) -> list[str]:
        return [
            found.uri for found in catalog.documents.tenant_documents("acme", uri_prefix=prefix)
        ]

    assert uris("file:///docs/") == ["file:///docs/a%1", "file:///docs/a_1", "file:///docs/b"]
    assert uris("file:///docs/a%") == ["file:///docs/a%1"]
    assert len(uris("")) == 4


def test_groups_are_those_of_the_tenants_documents(catalog: Catalog) -> None:
    _commit(catalog, make_document("file:///a", groups=("everyone", "hr")))
    _commit(catalog, make_document("file:///b", groups=("board", "hr")))
    _commit(catalog, make_document("file:///c", tenant="other", groups=("foreign",)))
    assert catalog.documents.groups("acme") == {"board", "everyone", "hr"}
    assert catalog.documents.groups("nobody") == frozenset()


def test_a_removed_document_leaves_nothing(catalog: Catalog, catalog_url: str) -> None:
    document = make_document()
    ids = _commit(catalog, document)
    remove_document(catalog, "acme", document.id)
    assert catalog.documents.find("acme", document.uri) is None
    assert catalog.documents.visible_chunks(ids, EVERYONE) == {}
    connection = sqlite3.connect(make_url(catalog_url).database or "")
    left = {
        table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in ("documents", "document_groups", "blocks", "chunks")
    }
    connection.close()
    assert set(left.values()) == {0}


def test_only_the_own_tenant_has_it(catalog: Catalog) -> None:
    document = make_document()
    _commit(catalog, document)
    assert catalog.documents.by_id("acme", document.id) == document
    assert catalog.documents.by_id("other", document.id) is None


def test_the_same_uri_in_two_tenants_is_two_documents(catalog: Catalog) -> None:
    ours = make_document()
    theirs = make_document(tenant="other")
    _commit(catalog, ours)
    _commit(catalog, theirs)
    remove_document(catalog, "other", theirs.id)
    assert catalog.documents.find("acme", ours.uri) == ours


def test_pages_are_those_that_have_blocks(catalog: Catalog) -> None:
    document = make_document()
    blocks = [
        Block(BlockKind.HEADING, "封面", page=7),
        Block(BlockKind.TEXT, "正文", page=2, heading_path=("封面",)),
        Block(BlockKind.TABLE, "| a |\n|---|\n| 1 |", page=7),
    ]
    catalog.documents.commit(document, blocks, make_chunks(document))
    assert catalog.documents.pages(document.id, EVERYONE) == [2, 7]
    assert catalog.documents.page_blocks(document.id, EVERYONE, page=7) == [
        (0, blocks[0]),
        (2, blocks[2]),
    ]
    assert catalog.documents.page_blocks(document.id, EVERYONE, page=3) == []


def test_a_format_without_pages_has_none(catalog: Catalog) -> None:
    document = make_document()
    blocks = [Block(BlockKind.TEXT, "正文")]
    catalog.documents.commit(document, blocks, [])
    assert catalog.documents.pages(document.id, EVERYONE) == []
    assert catalog.documents.page_blocks(document.id, EVERYONE, page=None) == [(0, blocks[0])]


def test_a_group_that_cannot_be_called_so_is_refused(catalog: Catalog) -> None:
    with pytest.raises(ValueError, match="'Human,Resources' cannot name a group"):
        _commit(catalog, make_document(groups=("Human,Resources",)))
    assert catalog.documents.tenant_documents("acme") == []
