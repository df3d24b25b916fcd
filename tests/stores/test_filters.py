from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stores.access import ALL_DOCUMENTS, AccessFilter, DocumentSet, Principal, access_filter
from stores.catalog import Catalog
from stores.errors import UnknownDocument
from stores.filters import NO_FILTERS, Filters
from stores.records import DocType, Document
from tests.stores.builders import make_blocks, make_chunks, make_document

_DAYS = [None, date(2023, 1, 1), date(2024, 6, 30), date(2025, 2, 1)]
_TAGS = ["a", "b", "c"]
_ALL = AccessFilter(tenant="acme", groups=("everyone", "hr"))


def _make(name: str, **described: Any) -> Document:
    return replace(make_document(f"file:///{name}"), **described)


DOCUMENTS = (
    _make("plain"),
    _make("policy", doc_type=DocType.POLICY, tags=("a", "b"), published=date(2024, 6, 30)),
    _make("english", lang="en", tags=("b",), published=date(2025, 2, 1)),
    _make("old", effective_from=date(2023, 1, 1), effective_to=date(2024, 6, 30)),
    _make("new", effective_from=date(2024, 7, 1), groups=("hr",), tags=("c",)),
    _make("faq", doc_type=DocType.FAQ, groups=("hr",), published=date(2023, 1, 1)),
    replace(make_document("file:///theirs", tenant="other"), tags=("a",)),
)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    folder: Path = tmp_path_factory.mktemp("filters")
    catalog = Catalog(f"sqlite:///{folder / 'catalog.db'}")
    for document in DOCUMENTS:
        catalog.documents.commit(document, make_blocks(document), make_chunks(document))
    yield catalog
    catalog.close()


def _names(filled: Catalog, filters: Filters, access: AccessFilter = _ALL) -> set[str]:
    chosen = filled.documents.matching(access.tenant, filters)
    found = filled.documents.list(replace(access, documents=chosen), limit=50)
    return {document.uri.rsplit("/", 1)[-1] for document in found}


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        (NO_FILTERS, {"plain", "policy", "english", "old", "new", "faq"}),
        (Filters(doc_types=(DocType.POLICY, DocType.FAQ)), {"policy", "faq"}),
        (Filters(tags=("b",)), {"policy", "english"}),
        (Filters(tags=("a", "c")), {"policy", "new"}),
        (Filters(tags=("nobody",)), set()),
        (Filters(langs=("en",)), {"english"}),
        (Filters(document_ids=(DOCUMENTS[0].id, DOCUMENTS[-1].id)), {"plain"}),
        (Filters(tags=("b",), langs=("zh",)), {"policy"}),
        (Filters(published_from=date(2024, 6, 30)), {"policy", "english", "new"}),
        (Filters(published_to=date(2023, 1, 1)), {"old", "faq"}),
        (
            Filters(published_from=date(2024, 6, 30), published_to=date(2024, 6, 30)),
            {"policy"},
        ),
        (
            Filters(effective_from=date(2024, 7, 1), effective_to=date(2024, 7, 1)),
            {"plain", "policy", "english", "new", "faq"},
        ),
        (
            Filters(effective_from=date(2024, 6, 30), effective_to=date(2024, 6, 30)),
            {"plain", "policy", "english", "old", "faq"},
        ),
    ],
)
def test_the_catalog_finds_what_matches(filled: Catalog, filters: Filters, names: set[str]) -> None:
    assert _names(filled, filters) == names


def test_the_smaller_side_is_told(filled: Catalog) -> None:
    few = filled.documents.matching("acme", Filters(langs=("en",)))
    assert few == DocumentSet(frozenset({DOCUMENTS[2].id}))
    most = filled.documents.matching("acme", Filters(langs=("zh",)))
    assert most == DocumentSet(frozenset({DOCUMENTS[2].id}), others=True)
    assert filled.documents.matching("acme", NO_FILTERS) == ALL_DOCUMENTS


@pytest.mark.parametrize("others", [False, True])
def test_every_read_keeps_to_the_set(filled: Catalog, others: bool) -> None:
    first, second = DOCUMENTS[0], DOCUMENTS[1]
    access = replace(_ALL, documents=DocumentSet(frozenset({first.id}), others=others))
    seen, unseen = (second, first) if others else (first, second)
    assert filled.documents.get(seen.id, access) == seen
    with pytest.raises(UnknownDocument):
        filled.documents.get(unseen.id, access)
    with pytest.raises(UnknownDocument):
        filled.documents.page_blocks(unseen.id, access, page=None)
    chunks = [chunk.id for document in (seen, unseen) for chunk in make_chunks(document)]
    found = filled.documents.visible_chunks(chunks, access).values()
    assert {chunk.document.id for chunk in found} == {seen.id}


_filters = st.builds(
    Filters,
    doc_types=st.lists(st.sampled_from(list(DocType)), max_size=2).map(tuple),
    tags=st.lists(st.sampled_from(_TAGS), max_size=2).map(tuple),
    langs=st.lists(st.sampled_from(["zh", "en"]), max_size=2).map(tuple),
    document_ids=st.lists(st.sampled_from([d.id for d in DOCUMENTS]), max_size=3).map(tuple),
    published_from=st.sampled_from(_DAYS),
    published_to=st.sampled_from(_DAYS),
    effective_from=st.sampled_from(_DAYS),
    effective_to=st.sampled_from(_DAYS),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    filters=_filters,
    groups=st.frozensets(st.sampled_from(["everyone", "hr", "board"])),
    tenant=st.sampled_from(["acme", "other"]),
)
def test_filters_never_widen_what_a_principal_may_see(
    filled: Catalog, filters: Filters, groups: frozenset[str], tenant: str
) -> None:
    principal = Principal(tenant, "somebody", groups, frozenset())
    access = access_filter(principal)
    narrowed = access_filter(principal, documents=filled.documents.matching(tenant, filters))
    chunks = [chunk.id for document in DOCUMENTS for chunk in make_chunks(document)]
    visible = filled.documents.visible_chunks(chunks, access)
    filtered = filled.documents.visible_chunks(chunks, narrowed)
    assert filtered.items() <= visible.items()
    for found in filtered.values():
        assert found.document.tenant == tenant
        assert not groups.isdisjoint(found.document.groups)
        assert not filters.langs or found.document.lang in filters.langs
        assert not filters.tags or not set(filters.tags).isdisjoint(found.document.tags)
    # Nothing that matches is lost either.
    assert {f.document.id for f in filtered.values()} == {
        f.document.id for f in visible.values() if _matches(f.document, filters)
    }


def _matches(document: Document, filters: Filters) -> bool:
    """The reference, in plain Python."""
    day = document.published or document.effective_from
    first, last = document.effective_from, document.effective_to
    return all(
        (
            not filters.doc_types or document.doc_type in filters.doc_types,
            not filters.tags or bool(set(filters.tags) & set(document.tags)),
            not filters.langs or document.lang in filters.langs,
            not filters.document_ids or document.id in filters.document_ids,
            not filters.published_from or (day is not None and day >= filters.published_from),
            not filters.published_to or (day is not None and day <= filters.published_to),
            not filters.effective_from or last is None or last >= filters.effective_from,
            not filters.effective_to or first is None or first <= filters.effective_to,
        )
    )
