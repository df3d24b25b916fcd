"""Erasures through the API: the receipt, what is pending, and who may see it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient

from app.api import receipts as route
from stores.keys import Role
from stores.receipt_records import ErasureState
from tests.app.api_world import Api, World, code_of, eventually

SECRET = "The severance of Zhang Weimin was 48151623 yuan in total."


def _files_with(text: str, folder: Path) -> list[str]:
    return [
        file.name
        for file in folder.rglob("*")
        if file.is_file() and text.encode() in file.read_bytes()
    ]


@pytest.fixture
def severance(api: Api) -> str:
    """The path of a document that was ingested."""
    job = api.ingested("severance.md", f"# Severance\n\n{SECRET}\n")
    return f"/v1/documents/{job['document_id']}"


def test_the_receipt_proves_that_nothing_is_left(api: Api, world: World, severance: str) -> None:
    folder = world.system.settings.data_dir
    assert _files_with(SECRET[:32], folder)

    response = api.call("DELETE", severance)

    receipt = response.json()
    assert response.status_code == 200
    assert (receipt["state"], receipt["finds"], receipt["reason"]) == ("proven", [], "")
    assert receipt["removed"]["points"] == receipt["removed"]["chunks"] > 0
    assert (receipt["removed"]["originals"], receipt["removed"]["jobs"]) == (1, 1)
    assert receipt["searched"]["index_rewritten"]
    assert _files_with(SECRET[:32], folder) == []
    assert api.get(f"/v1/receipts/{receipt['id']}").json() == receipt
    assert api.get("/v1/receipts").json() == {"receipts": [receipt]}
    assert code_of(api.call("DELETE", severance)) == (404, "document_unknown")


def test_while_the_index_is_away_nothing_is_begun(api: Api, world: World, severance: str) -> None:
    world.indexes.available = False
    assert code_of(api.call("DELETE", severance)) == (503, "index_unavailable")
    world.indexes.available = True
    assert api.get(severance).status_code == 200
    assert api.get("/v1/receipts").json() == {"receipts": []}


def test_an_erasure_that_breaks_off_goes_on_by_itself(
    api: Api, world: World, severance: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(route, "_WAIT_SECONDS", 0.3)
    world.indexes.rewritable = False

    response = api.call("DELETE", severance)

    receipt = response.json()
    assert (response.status_code, receipt["state"]) == (202, "pending")
    assert int(response.headers["Retry-After"]) > 0
    assert code_of(api.get(severance)) == (404, "document_unknown")
    again = api.call("DELETE", severance)
    assert (again.status_code, again.json()["id"]) == (202, receipt["id"])
    path = f"/v1/receipts/{receipt['id']}"
    assert "no index" in api.get(path).json()["reason"]

    world.indexes.rewritable = True
    ended = eventually(lambda: _unless_pending(api.get(path).json()))
    assert (ended["state"], ended["reason"]) == ("proven", "")
    assert code_of(api.call("DELETE", severance)) == (404, "document_unknown")


def _unless_pending(receipt: dict[str, Any]) -> dict[str, Any] | None:
    return None if receipt["state"] == "pending" else receipt


def test_the_next_start_finishes_what_the_last_one_began(
    world: World,
) -> None:
    system = world.system
    with TestClient(world.app()) as first:
        job = Api(first, world.key()).ingested("severance.md", f"# Severance\n\n{SECRET}\n")
    begun = system.forgetter.begin("acme", [UUID(job["document_id"])], user="boss")
    assert [each.state for each in begun] == [ErasureState.PENDING]

    with TestClient(world.app()):
        eventually(lambda: not system.catalog.receipts.pending())

    (ended,) = system.catalog.receipts.read([begun[0].id])
    assert ended.state is ErasureState.PROVEN


def test_several_are_erased_together(api: Api) -> None:
    ids = [
        api.ingested(f"note-{number}.md", f"# Note\n\nThe number is {number * 1_234_567}.")[
            "document_id"
        ]
        for number in range(3)
    ]

    response = api.post("/v1/documents/forget", json={"document_ids": ids[:2]})

    receipts = response.json()["receipts"]
    assert response.status_code == 200
    assert [(each["document_id"], each["state"]) for each in receipts] == [
        (each, "proven") for each in ids[:2]
    ]
    listed = api.get("/v1/documents").json()["documents"]
    assert [each["id"] for each in listed] == ids[2:]
    unknown = api.post("/v1/documents/forget", json={"document_ids": [ids[2], str(uuid4())]})
    assert code_of(unknown) == (404, "document_unknown")
    assert api.get(f"/v1/documents/{ids[2]}").status_code == 200


@pytest.mark.parametrize("ids", [[], ["nonsense"], [str(uuid4())] * 1001])
def test_what_cannot_be_a_list_of_documents_is_refused(api: Api, ids: list[str]) -> None:
    response = api.post("/v1/documents/forget", json={"document_ids": ids})
    assert code_of(response) == (422, "request_invalid")


def test_a_receipt_is_for_those_who_might_read_the_document(
    world: World, as_key: Callable[[str | None], Api]
) -> None:
    hr = as_key(world.key(Role.EDITOR, ["hr"]))
    job = hr.ingested("severance.md", f"# Severance\n\n{SECRET}\n", groups=["hr"])
    receipt = hr.call("DELETE", f"/v1/documents/{job['document_id']}").json()
    path = f"/v1/receipts/{receipt['id']}"

    for reader in (as_key(world.key(Role.EDITOR, ["hr"])), as_key(world.key(Role.ADMIN, []))):
        assert reader.get(path).json() == receipt
        assert reader.get("/v1/receipts").json() == {"receipts": [receipt]}
    others = (
        as_key(world.key(Role.EDITOR, ["finance"])),
        as_key(world.key(Role.ADMIN, ["hr"], tenant="globex")),
    )
    for stranger in others:
        assert code_of(stranger.get(path)) == (404, "receipt_unknown")
        assert stranger.get("/v1/receipts").json() == {"receipts": []}
