import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from app.api.openapi import openapi_document
from stores.keys import Role
from tests.app.api_world import Api, World, code_of

_ID = str(uuid4())
_SEARCH = {"json": {"query": "leave"}}
_FILE = {"files": {"file": ("a.txt", b"text")}}
_CALLS: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/v1/search"): _SEARCH,
    ("POST", "/v1/chat"): {"json": {"question": "leave"}},
    ("POST", "/v1/service/reply"): {"json": {"message": "leave"}},
    ("POST", "/v1/documents"): _FILE,
    ("GET", "/v1/documents"): {},
    ("GET", "/v1/documents/{document_id}"): {},
    ("GET", "/v1/documents/{document_id}/blocks"): {},
    ("GET", "/v1/documents/{document_id}/summary"): {},
    ("DELETE", "/v1/documents/{document_id}"): {},
    ("GET", "/v1/duplicates"): {},
    ("POST", "/v1/duplicates/keep"): {"json": {"document_ids": [_ID]}},
    ("POST", "/v1/documents/forget"): {"json": {"document_ids": [_ID]}},
    ("GET", "/v1/receipts"): {},
    ("GET", "/v1/receipts/{receipt_id}"): {},
    ("GET", "/v1/jobs"): {},
    ("GET", "/v1/jobs/{job_id}"): {},
    ("GET", "/v1/jobs/{job_id}/events"): {},
    ("POST", "/v1/jobs/{job_id}/retry"): {},
    ("POST", "/v1/conversations"): {},
    ("GET", "/v1/conversations"): {},
    ("DELETE", "/v1/conversations"): {},
    ("GET", "/v1/conversations/{conversation_id}"): {},
    ("DELETE", "/v1/conversations/{conversation_id}"): {},
    ("PATCH", "/v1/conversations/{conversation_id}"): {"json": {"title": "Leave"}},
    ("POST", "/v1/lexicon/sync"): {"json": {}},
}
_WRONG = [
    None,
    "",
    "zk_without_scheme",
    "Basic zk_abc",
    "Bearer",
    "Bearer ",
    "Bearer zk_wrong",
    "Bearer " + 10_000 * "x",
    "Bearer zk_\xe9",
]
_WRITES = {
    ("POST", "/v1/documents"): "write",
    ("DELETE", "/v1/documents/{document_id}"): "write",
    ("POST", "/v1/duplicates/keep"): "write",
    ("POST", "/v1/documents/forget"): "write",
    ("GET", "/v1/receipts"): "write",
    ("GET", "/v1/receipts/{receipt_id}"): "write",
    ("POST", "/v1/jobs/{job_id}/retry"): "write",
    ("POST", "/v1/lexicon/sync"): "admin",
}
"""What takes more than the right to read, and which."""


def _path(template: str) -> str:
    return re.sub(r"\{\w+_id\}", _ID, template)


def test_every_operation_is_in_the_matrix() -> None:
    operations = {
        (method.upper(), path)
        for path, methods in openapi_document()["paths"].items()
        for method in methods
    }
    assert operations == _CALLS.keys() | {("GET", "/health/live"), ("GET", "/health/ready")}


@pytest.mark.parametrize(("method", "template"), _CALLS)
def test_without_a_valid_key_every_operation_answers_401(
    as_key: Callable[[str | None], Api], method: str, template: str
) -> None:
    for header in _WRONG:
        headers = {} if header is None else {"Authorization": header.encode("latin-1")}

        response = as_key(None).call(
            method, _path(template), headers=headers, **_CALLS[method, template]
        )

        assert code_of(response) == (401, "not_authenticated")
        assert response.headers["WWW-Authenticate"] == "Bearer"
        assert "zhiku keys create" in response.json()["error"]["message"]


def test_the_key_is_checked_before_the_body(as_key: Callable[[str | None], Api]) -> None:
    response = as_key("zk_wrong").post("/v1/search", content=b"{no json")

    assert code_of(response) == (401, "not_authenticated")


def test_the_scheme_is_case_insensitive(world: World, as_key: Callable[[str | None], Api]) -> None:
    headers = {"Authorization": f"bEARER {world.key()}"}

    assert as_key(None).get("/v1/documents", headers=headers).status_code == 200


def test_an_expired_and_a_revoked_key_are_refused(
    world: World, as_key: Callable[[str | None], Api]
) -> None:
    short = world.key(expires_at=world.clock.now.replace(hour=10))
    revoked = world.key()
    assert as_key(short).get("/v1/documents").status_code == 200
    keys = world.system.catalog.keys
    keys.revoke(keys.list("acme")[-1].id, now=world.clock.now)

    world.clock.pass_time(hours=1)

    assert code_of(as_key(short).get("/v1/documents")) == (401, "not_authenticated")
    assert code_of(as_key(revoked).get("/v1/documents")) == (401, "not_authenticated")


@pytest.mark.parametrize(("method", "template"), _CALLS)
def test_a_reader_may_do_all_but_write(
    world: World, as_key: Callable[[str | None], Api], method: str, template: str
) -> None:
    reader = as_key(world.key(Role.READER))

    response = reader.call(method, _path(template), **_CALLS[method, template])

    if (method, template) in _WRITES:
        assert code_of(response) == (403, "not_permitted")
        assert _WRITES[method, template] in response.json()["error"]["message"]
    else:
        assert response.status_code in {200, 201, 204, 404}


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1%2fdocuments", "/docs", "/redoc", "/"])
def test_a_path_that_does_not_exist_says_so(as_key: Callable[[str | None], Api], path: str) -> None:
    assert as_key(None).get(path).status_code in {401, 404}
    assert as_key(None).get(path).json()["error"]["code"] in {"path_unknown", "not_authenticated"}


def test_another_method_is_refused(api: Api) -> None:
    response = api.call("PUT", "/v1/chat")

    assert code_of(response) == (405, "method_not_allowed")
    assert response.headers["Allow"] == "POST"
