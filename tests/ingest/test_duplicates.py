"""Which documents are almost the same, and which of them is the newest."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.duplicates import Duplicates, Group, grouped, sign
from stores.access import AccessFilter
from stores.catalog import Catalog
from stores.edge import EdgeIndexStore
from stores.records import Block, BlockKind, Document
from stores.signatures import SignedDocument
from tests.ingest.builders import source
from tests.ingest.world import ACCESS, TENANT, World
from tests.stores.builders import NOW, make_document

RULES = [f"Rule {n} says that case {n * 7} takes {n * 3} days and form {n}." for n in range(60)]


def signed(
    name: str,
    sentences: list[str],
    *,
    day: int = 0,
    kept: bool = False,
    version: int | None = None,
    **changes: Any,
) -> SignedDocument:
    document = make_document(f"file:///{name}", updated_at=NOW + timedelta(days=day))
    text = "\n".join(sentences)
    document = replace(document, sha256=name.encode().hex().zfill(64))
    document = replace(document, **changes)
    made = sign([Block(BlockKind.TEXT, text)])
    return SignedDocument(document, version or made.version, made.data, kept)


def edited(count: int, word: str = "other") -> list[str]:
    return [f"{word} {n}" if n < count else sentence for n, sentence in enumerate(RULES)]


def named(groups: Iterable[Group]) -> list[tuple[str, list[str]]]:
    return [(g.newest.uri[8:], [c.document.uri[8:] for c in g.copies]) for g in groups]


def test_the_newest_of_those_that_are_alike_leads_them() -> None:
    documents = [
        signed("old", RULES),
        signed("new", edited(1), day=2),
        signed("middle", edited(1, "third"), day=1),
        signed("else", [f"Something else of number {n}" for n in range(60)]),
    ]
    (group,) = grouped(documents, at_least=0.9)
    assert group.newest.uri == "file:///new"
    assert {copy.document.uri for copy in group.copies} == {"file:///old", "file:///middle"}
    assert all(0.9 <= copy.similarity < 1 and not copy.is_exact for copy in group.copies)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"published": date(2024, 1, 1)}, {"published": date(2025, 1, 1)}),
        ({"published": date(2024, 1, 1)}, {}),
        ({"effective_from": date(2024, 1, 1)}, {"published": date(2025, 1, 1)}),
    ],
)
def test_the_day_of_a_document_counts_before_when_it_came_in(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    documents = [signed("old", RULES, day=5, **old), signed("new", RULES, day=1, **new)]
    assert named(grouped(documents, at_least=0.9)) == [("new", ["old"])]


def test_chains_of_small_differences_join_nothing() -> None:
    """The first is like the second and that like the third, but not the first like the third."""
    documents = [
        signed("third", RULES),
        signed("second", edited(5), day=1),
        signed("first", edited(10), day=2),
    ]
    assert named(grouped(documents, at_least=0.85)) == [("first", ["second"])]


def test_editions_with_days_of_their_own_are_no_duplicates() -> None:
    one, other = date(2023, 1, 1), date(2025, 1, 1)
    documents = [
        signed("2023", RULES, series="rules", effective_from=one, sha256="0" * 64),
        signed("2025", RULES, series="rules", effective_from=other, sha256="0" * 64),
        signed("copy", RULES, series="rules", effective_from=other, day=1),
    ]
    assert named(grouped(documents, at_least=0.9)) == [("copy", ["2025"])]


def test_signatures_made_in_another_way_say_nothing_but_bytes_do() -> None:
    documents = [signed("old", RULES, version=999), signed("new", RULES, day=1)]
    assert grouped(documents, at_least=0.8) == []
    same = [replace(d, document=replace(d.document, sha256="1" * 64)) for d in documents]
    ((copy,),) = [group.copies for group in grouped(same, at_least=1.0)]
    assert (copy.similarity, copy.is_exact) == (1.0, True)


@pytest.fixture
def world(catalog: Catalog, indexes: EdgeIndexStore, tmp_path: Path) -> World:
    return World(catalog.documents, indexes, tmp_path / "files")


@pytest.fixture
def duplicates(catalog: Catalog) -> Duplicates:
    return Duplicates(catalog.signatures, at_least=0.9)


def text(sentences: list[str]) -> str:
    return "\n\n".join(sentences)


def ingested(world: World, name: str, sentences: list[str], group: str = "everyone") -> Document:
    (outcome,) = world.run(source(name, text(sentences)), groups=[group])
    assert outcome.is_in
    found = world.documents.find(TENANT, outcome.uri)
    assert found is not None
    return found


def test_ingest_signs_what_it_writes(world: World, duplicates: Duplicates) -> None:
    first = ingested(world, "a.txt", RULES)
    second = ingested(world, "b.md", edited(1))
    third = ingested(world, "c.txt", RULES)
    copies = duplicates.of(second.id, ACCESS)
    assert {copy.document.id for copy in copies} == {first.id, third.id}
    assert [copy.is_exact for copy in duplicates.of(first.id, ACCESS)] == [True, False]
    (group,) = duplicates.groups(ACCESS)
    assert len(group.copies) == 2


def test_nobody_is_told_of_what_he_may_not_read(world: World, duplicates: Duplicates) -> None:
    ingested(world, "open.txt", RULES)
    own = ingested(world, "own.txt", edited(1))
    ingested(world, "secret.txt", RULES, "hr")
    assert len(duplicates.of(own.id, ACCESS)) == 1
    (group,) = duplicates.groups(ACCESS)
    assert "secret" not in repr(group)
    (whole,) = duplicates.groups(AccessFilter(TENANT, ("everyone", "hr")))
    assert len(whole.copies) == 2


def test_what_is_kept_is_neither_listed_nor_older(
    world: World, duplicates: Duplicates, catalog: Catalog
) -> None:
    documents = [ingested(world, f"{name}.txt", edited(n)) for n, name in enumerate("abc")]
    (group,) = duplicates.groups(ACCESS)
    assert duplicates.older(documents) == {
        copy.document.id: group.newest.id for copy in group.copies
    }
    first, second = (copy.document.id for copy in group.copies)
    catalog.signatures.keep([first], ACCESS)
    assert duplicates.older(documents) == {second: group.newest.id}
    assert len(duplicates.groups(ACCESS)) == 1
    catalog.signatures.keep([second], ACCESS)
    assert duplicates.groups(ACCESS) == []
    assert duplicates.older(documents) == {}
    assert {copy.kept for copy in duplicates.of(group.newest.id, ACCESS)} == {True}
