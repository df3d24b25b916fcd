"""Both ways of `zhiku ingest` to the stores: in this process, and through the running API."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from docx import Document as DocxDocument

from app.cli.routes import LocalRoute, RemoteRoute, Route
from app.client import ZhikuClient
from stores.access import EVERYONE, AccessFilter, Principal, Scope
from stores.keys import Role
from stores.receipt_records import ErasureState
from stores.records import NOTHING_GIVEN, DocType, Document, Given
from tests.app.api_world import TENANT, World

_READERS = AccessFilter(tenant=TENANT, groups=(EVERYONE,))


class CountingClient(ZhikuClient):
    """Counts the files that it sends."""

    sent = 0

    def _request(self, method: str, path: str, **content: object) -> object:  # type: ignore[override]
        CountingClient.sent += (method, path) == ("POST", "/v1/documents")
        return super()._request(method, path, **content)  # type: ignore[arg-type]


@pytest.fixture(params=["local", "remote"])
def route(request: pytest.FixtureRequest, world: World) -> Iterator[Route]:
    common = {"tenant": TENANT, "groups": [EVERYONE], "max_bytes": 100_000}
    if request.param == "local":
        system = world.system
        yield LocalRoute(
            system.pipeline,
            system.forgetter,
            **common,  # type: ignore[arg-type]
            duplicates_of=lambda _: [],
            show=lambda _: None,
        )
        return
    url: str = request.getfixturevalue("url")
    CountingClient.sent = 0
    with CountingClient(url, world.key(Role.ADMIN), timeout_seconds=20) as client:
        documents = world.system.catalog.documents
        yield RemoteRoute(client, documents, **common, show=lambda _: None)  # type: ignore[arg-type]


@pytest.fixture
def load(route: Route, tmp_path: Path) -> Callable[..., str]:
    path = tmp_path / "docs" / "travel.md"
    path.parent.mkdir()
    path.write_text("# Travel policy\n\nIn force from 1 April 2025.\n")

    def ingest(given: Given = NOTHING_GIVEN, *, sidecar: str | None = None) -> str:
        beside = path.with_name("travel.md.meta.toml")
        if sidecar is None:
            beside.unlink(missing_ok=True)
        else:
            beside.write_text(sidecar)
        (outcome,) = route.ingest([path], given)
        return outcome.status.value

    return ingest


def _document(world: World) -> Document:
    (document,) = world.system.catalog.documents.list(_READERS, limit=2)
    return document


def test_sidecars_and_options_reach_the_catalog_either_way(
    load: Callable[..., str], world: World
) -> None:
    assert load(Given(tags=("a",)), sidecar="tags = ['b']") == "added"
    assert (_document(world).tags, _document(world).doc_type) == (("a", "b"), DocType.POLICY)
    assert load(sidecar="tags = ['b']") == "unchanged"
    assert load() == "updated"
    assert _document(world).tags == ("a",)
    assert load(Given(doc_type=DocType.MANUAL)) == "updated"
    assert (_document(world).tags, _document(world).doc_type) == (("a",), DocType.MANUAL)
    assert _document(world).revision == 1


def test_a_file_that_is_set_aside_ends_so_either_way(
    route: Route, world: World, tmp_path: Path
) -> None:
    document = DocxDocument()
    for _ in range(100):
        document.add_paragraph("A" * 50_001)
    document.save(str(tmp_path / "bomb.docx"))
    (tmp_path / "page.html").write_text("<p>Ten days.</p><p hidden>CANARY</p>")
    found = route.ingest([tmp_path / "bomb.docx", tmp_path / "page.html"], NOTHING_GIVEN)
    bomb, page = sorted(found, key=lambda outcome: outcome.uri)
    assert (bomb.status.value, bomb.chunks, bomb.is_in) == ("quarantined", 0, False)
    assert (bomb.reason or "").startswith("bomb.docx: is set aside, because it holds 5,000,100")
    assert (page.status.value, page.reason) == (
        "added",
        "hidden text was left out, characters: 6 css",
    )
    assert _document(world).uri.endswith("page.html")


@pytest.mark.parametrize("route", ["remote"], indirect=True)
def test_what_is_described_the_same_is_not_sent_again(load: Callable[..., str]) -> None:
    said = Given(tags=("a",))
    assert load(said, sidecar="type = 'faq'") == "added"
    assert load(said, sidecar="type = 'faq'") == "unchanged"
    assert CountingClient.sent == 1


def test_documents_are_erased_together_either_way(
    route: Route, world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("outside of the data folder")
    paths = [folder / f"note-{number}.md" for number in range(3)]
    for number, path in enumerate(paths):
        path.write_text(f"# Note {number}\n\nThe number of this note is {number * 1_234_567}.\n")
    list(route.ingest(paths, NOTHING_GIVEN))
    documents = world.system.catalog.documents.tenant_documents(TENANT)

    outcomes = list(route.forget(documents[:2]))

    assert [(o.status.value, o.uri, o.reason) for o in outcomes] == [
        ("removed", document.uri, None) for document in documents[:2]
    ]
    assert world.system.catalog.documents.tenant_documents(TENANT) == documents[2:]
    admin = Principal(TENANT, "", frozenset(), frozenset(Scope))
    receipts = world.system.catalog.receipts.list(admin, limit=5)
    assert {receipt.state for receipt in receipts} == {ErasureState.PROVEN}
    searched = {receipt.searched for receipt in receipts}
    assert len({each.size_bytes for each in searched if each}) == 1, "one search for both"
