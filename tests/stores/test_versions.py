"""Every change that an answer may depend on raises the version of the tenant's content."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from stores.access import Principal, Scope
from stores.catalog import Catalog
from stores.errors import RevisionConflict
from stores.keys import Role
from stores.lexicon import LexiconEntry, LexiconKind
from stores.records import DocType
from tests.stores.builders import make_document, remove_document
from tests.stores.traces import a_trace, commit

TERM = LexiconEntry(LexiconKind.TERM, "智慧眼三代")


@pytest.fixture
def filled(catalog: Catalog) -> Catalog:
    commit(catalog, make_document())
    commit(catalog, make_document(tenant="other"))
    catalog.lexicons.put("acme", [LexiconEntry(LexiconKind.TERM, "差旅")])
    return catalog


def add(catalog: Catalog) -> None:
    commit(catalog, make_document("file:///new.md"))


def replace_document(catalog: Catalog) -> None:
    commit(catalog, make_document(revision=2))


def change_groups(catalog: Catalog) -> None:
    commit(catalog, make_document(revision=2, groups=("hr",)))


def describe(catalog: Catalog) -> None:
    catalog.documents.describe(replace(make_document(), doc_type=DocType.POLICY, tags=("hr",)))


def remove(catalog: Catalog) -> None:
    remove_document(catalog, "acme", make_document().id)


def remove_and_add_again(catalog: Catalog) -> None:
    remove(catalog)
    commit(catalog, make_document())


def add_to_the_lexicon(catalog: Catalog) -> None:
    catalog.lexicons.put("acme", [TERM])


def remove_from_the_lexicon(catalog: Catalog) -> None:
    catalog.lexicons.remove("acme", "差旅")


def mark_words(catalog: Catalog) -> None:
    catalog.indexed_words.mark(make_document().id, 1, "fingerprint")


@pytest.mark.parametrize(
    "change",
    [
        add,
        replace_document,
        change_groups,
        describe,
        remove,
        remove_and_add_again,
        add_to_the_lexicon,
        remove_from_the_lexicon,
        mark_words,
    ],
)
def test_a_change_raises_the_version_of_its_tenant(
    filled: Catalog, change: Callable[[Catalog], None]
) -> None:
    before, elsewhere = filled.versions.of("acme"), filled.versions.of("other")

    change(filled)

    assert filled.versions.of("acme") != before
    assert filled.versions.of("other") == elsewhere


def ask(catalog: Catalog) -> None:
    a_trace(catalog)


def make_a_key(catalog: Catalog) -> None:
    catalog.keys.create(tenant="acme", name="bot", role=Role.READER, groups=["everyone"])


def queue_a_job(catalog: Catalog) -> None:
    asker = Principal("acme", "ann", frozenset({"everyone"}), frozenset({Scope.WRITE}))
    catalog.jobs.create(
        asker,
        document_id=make_document().id,
        uri="upload://x",
        filename="x",
        sha256="0" * 64,
        groups=("everyone",),
    )


def come_too_late(catalog: Catalog) -> None:
    with pytest.raises(RevisionConflict):
        commit(catalog, make_document())
    with pytest.raises(RevisionConflict):
        catalog.documents.describe(make_document(revision=7))
    catalog.indexed_words.mark(make_document().id, 7, "fingerprint")


@pytest.mark.parametrize("action", [ask, make_a_key, queue_a_job, come_too_late])
def test_what_changes_no_content_leaves_the_version(
    filled: Catalog, action: Callable[[Catalog], None]
) -> None:
    before = filled.versions.of("acme")
    action(filled)
    assert filled.versions.of("acme") == before


def test_a_tenant_without_anything_has_a_version(catalog: Catalog) -> None:
    assert catalog.versions.of("nobody") == catalog.versions.of("nobody either")
