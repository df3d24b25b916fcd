"""Signatures in the catalog: who sees what is alike, and what becomes of decisions."""

from dataclasses import replace

import pytest

from stores.access import AccessFilter
from stores.catalog import Catalog
from stores.records import Document
from stores.signatures import Signature
from tests.stores.builders import make_blocks, make_chunks, make_document, remove_document

EVERYONE = AccessFilter("acme", ("everyone",))
ALL = AccessFilter("acme", ("everyone", "hr"))


def added(
    catalog: Catalog,
    uri: str,
    *bands: int,
    groups: tuple[str, ...] = ("everyone",),
    sha256: str = "",
    tenant: str = "acme",
    revision: int = 1,
) -> Document:
    document = replace(
        make_document(uri, groups=groups, tenant=tenant, revision=revision),
        sha256=sha256 or uri.encode().hex().zfill(64),
    )
    signature = Signature(1, b"signed", bands) if bands else None
    catalog.documents.commit(
        document, make_blocks(document), make_chunks(document), signature=signature
    )
    return document


def uris(catalog: Catalog, access: AccessFilter = EVERYONE) -> set[str]:
    return {each.document.uri for each in catalog.signatures.alike(access)}


def test_documents_with_a_band_in_common_are_found(catalog: Catalog) -> None:
    first = added(catalog, "a", 1, 2)
    added(catalog, "b", 2, 3)
    added(catalog, "c", 4)
    assert uris(catalog) == {"a", "b"}
    (other,) = catalog.signatures.like(first.id, EVERYONE)
    assert (other.document.uri, other.version, other.data, other.kept) == ("b", 1, b"signed", False)


def test_the_same_bytes_are_found_without_a_signature(catalog: Catalog) -> None:
    first = added(catalog, "a", sha256="f" * 64)
    added(catalog, "b", sha256="f" * 64)
    added(catalog, "c")
    assert uris(catalog) == {"a", "b"}
    (other,) = catalog.signatures.like(first.id, EVERYONE)
    assert (other.document.uri, other.version, other.data) == ("b", None, b"")


def test_what_one_may_not_read_is_not_told(catalog: Catalog) -> None:
    open_one = added(catalog, "open", 1, sha256="f" * 64)
    added(catalog, "secret", 1, sha256="f" * 64, groups=("hr",))
    added(catalog, "foreign", 1, sha256="f" * 64, tenant="globex")
    assert catalog.signatures.like(open_one.id, EVERYONE) == []
    assert uris(catalog, EVERYONE) == {"open"}
    assert uris(catalog, ALL) == {"open", "secret"}
    assert uris(catalog, AccessFilter("acme", ())) == set()


def test_a_revision_takes_its_own_signature_and_removal_takes_all(catalog: Catalog) -> None:
    first = added(catalog, "a", 1)
    added(catalog, "b", 1)
    added(catalog, "a", 7, revision=2)
    assert uris(catalog) == set()
    remove_document(catalog, "acme", first.id)
    added(catalog, "c", 7)
    assert uris(catalog) == set()


def test_documents_without_a_signature_of_the_version_are_listed_in_turn(catalog: Catalog) -> None:
    documents = [added(catalog, uri) for uri in "abc"]
    added(catalog, "signed", 1)
    first = catalog.signatures.unsigned(1, limit=2)
    rest = catalog.signatures.unsigned(1, after=first[-1].id, limit=2)
    assert {each.id for each in [*first, *rest]} == {each.id for each in documents}
    assert len(catalog.signatures.unsigned(2, limit=9)) == 4


def test_a_signature_is_made_later(catalog: Catalog) -> None:
    first, second = added(catalog, "a"), added(catalog, "b", 5)
    before = catalog.versions.of("acme")
    catalog.signatures.sign(first, Signature(1, b"late", (5, 5, 6)))
    assert uris(catalog) == {"a", "b"}
    assert catalog.versions.of("acme") != before
    catalog.signatures.sign(replace(second, revision=9), Signature(1, b"old", (8,)))
    assert {each.data for each in catalog.signatures.of([first.id, second.id])} == {
        b"late",
        b"signed",
    }


def test_a_decision_holds_as_long_as_the_bytes_are_those(catalog: Catalog) -> None:
    document = added(catalog, "a", 1, sha256="a" * 64)
    before = catalog.versions.of("acme")
    assert [each.uri for each in catalog.signatures.keep([document.id], EVERYONE)] == ["a"]
    assert catalog.versions.of("acme") != before

    def kept() -> bool:
        (found,) = catalog.signatures.of([document.id])
        return found.kept

    assert kept()
    added(catalog, "a", 1, sha256="a" * 64, revision=2)
    assert kept()
    added(catalog, "a", 1, sha256="b" * 64, revision=3)
    assert not kept()


def test_a_decision_goes_with_its_document(catalog: Catalog) -> None:
    document = added(catalog, "a", 1)
    catalog.signatures.keep([document.id], EVERYONE)
    catalog.signatures.keep([document.id], EVERYONE)
    remove_document(catalog, "acme", document.id)
    added(catalog, "a", 1)
    assert [each.kept for each in catalog.signatures.of([document.id])] == [False]


@pytest.mark.parametrize("access", [EVERYONE, AccessFilter("globex", ("hr",))])
def test_what_one_may_not_read_one_does_not_decide(catalog: Catalog, access: AccessFilter) -> None:
    document = added(catalog, "secret", 1, groups=("hr",))
    assert catalog.signatures.keep([document.id], access) == []
    assert [each.kept for each in catalog.signatures.of([document.id])] == [False]
