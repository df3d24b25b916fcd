"""The way of descriptions through the pipeline and the catalog."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ingest.records import IngestStatus, Outcome, Source
from stores.catalog import Catalog
from stores.edge import EdgeIndexStore
from stores.errors import RevisionConflict
from stores.records import DocType, Document, Given, document_id
from tests.ingest.builders import source
from tests.ingest.world import ACCESS, TENANT, World

_RULES = "# Travel policy\n\nDocument 7, in force from 1 April 2025.\n"
_ID = document_id(TENANT, "file:///travel.md")


@pytest.fixture
def world(catalog: Catalog, indexes: EdgeIndexStore, tmp_path: Path) -> World:
    return World(catalog.documents, indexes, tmp_path / "files")


def _travel(text: str = _RULES, *, given: Given = Given(), sidecar: str = "") -> Source:  # noqa: B008
    return replace(source("travel.md", text), given=given, sidecar=sidecar)


def _run(world: World, item: Source) -> Outcome:
    (outcome,) = world.run(item)
    return outcome


def _document(world: World) -> Document:
    return world.documents.get(_ID, ACCESS)


def test_a_description_is_committed_with_the_revision(world: World) -> None:
    _run(world, _travel())
    document = _document(world)
    assert (document.doc_type, document.series) == (DocType.POLICY, "travel policy")
    assert document.effective_from == date(2025, 4, 1)
    _run(world, _travel(_RULES.replace("April", "May")))
    assert (_document(world).revision, _document(world).effective_from) == (2, date(2025, 5, 1))


def test_the_same_bytes_with_another_description_change_that_alone(world: World) -> None:
    _run(world, _travel())
    before, encoded = _document(world), list(world.encoder.calls)
    outcome = _run(world, _travel(sidecar='tags = ["finance"]'))
    assert (outcome.status, outcome.chunks) == (IngestStatus.UPDATED, 0)
    after = _document(world)
    assert (after.tags, after.revision, after.title) == (("finance",), 1, before.title)
    assert world.encoder.calls == encoded
    assert world.read("policy") != set()
    assert _run(world, _travel(sidecar='tags = ["finance"]')).status is IngestStatus.UNCHANGED
    assert _run(world, _travel()).status is IngestStatus.UPDATED
    assert _document(world).tags == ()


def test_what_was_said_is_kept_until_something_else_is_said(world: World) -> None:
    said = Given(doc_type=DocType.MANUAL, tags=("a",), published=date(2025, 3, 1))
    _run(world, _travel(given=said))
    assert _run(world, _travel()).status is IngestStatus.UNCHANGED
    assert _run(world, _travel(given=Given(tags=("b",)))).status is IngestStatus.UPDATED
    document = _document(world)
    assert (document.doc_type, document.tags) == (DocType.MANUAL, ("b",))
    assert document.published == date(2025, 3, 1)


def test_days_that_were_said_are_forgotten_with_the_bytes(world: World) -> None:
    said = Given(doc_type=DocType.MANUAL, tags=("a",), effective_from=date(2024, 1, 1))
    _run(world, _travel(given=said))
    assert _document(world).effective_from == date(2024, 1, 1)
    _run(world, _travel(_RULES.replace("April", "May")))
    document = _document(world)
    assert (document.doc_type, document.tags) == (DocType.MANUAL, ("a",))
    assert document.effective_from == date(2025, 5, 1)


def test_a_document_of_an_older_version_is_described_when_it_is_loaded_again(world: World) -> None:
    _run(world, _travel())
    world.documents.describe(
        replace(_document(world), doc_type=DocType.OTHER, series="", described_by="")
    )
    assert _run(world, _travel()).status is IngestStatus.UPDATED
    assert _document(world).doc_type is DocType.POLICY


@pytest.mark.parametrize("text", [_RULES, _RULES + "More.\n"], ids=["same bytes", "new bytes"])
def test_a_wrong_sidecar_fails_and_leaves_what_was_there(world: World, text: str) -> None:
    _run(world, _travel())
    before = _document(world)
    outcome = _run(world, _travel(text, sidecar="colour = 1"))
    assert outcome.status is IngestStatus.FAILED
    assert "unknown key 'colour'" in str(outcome.reason)
    assert _document(world) == before


def test_a_description_of_a_revision_that_is_gone_is_not_written(world: World) -> None:
    _run(world, _travel())
    first = _document(world)
    _run(world, _travel(_RULES + "More.\n"))
    second = _document(world)
    with pytest.raises(RevisionConflict, match="not at revision 1 any more"):
        world.documents.describe(replace(first, tags=("late",)))
    assert _document(world) == second
