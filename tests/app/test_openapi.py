import json
import subprocess
import sys
from typing import Any

import pytest

from app.api import uploads
from app.api.openapi import OPENAPI_FILE, openapi_document, openapi_text
from app.messages import MESSAGES
from tests.app.api_world import Api

_DOCUMENT = openapi_document()
_OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, methods in _DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
_KEYED = {name: operation for name, operation in _OPERATIONS.items() if " /v1/" in name}


def codes(operation: dict[str, Any]) -> set[str]:
    return {
        code
        for status, response in operation["responses"].items()
        if status >= "400"
        for code in response["content"]["application/json"].get("examples", {})
    }


def test_the_file_is_up_to_date() -> None:
    assert OPENAPI_FILE.read_text(encoding="utf-8") == openapi_text(), (
        "run: python -m app.api.openapi"
    )


def test_the_service_serves_the_same(api: Api) -> None:
    assert api.get("/openapi.json").json() == json.loads(openapi_text())


@pytest.mark.parametrize("name", _KEYED)
def test_every_operation_with_a_key_lists_its_errors(name: str) -> None:
    operation = _KEYED[name]

    assert operation["security"] == [{"HTTPBearer": []}]
    common = {"not_authenticated", "request_invalid", "catalog_unavailable", "internal"}
    assert common <= codes(operation)
    for code in codes(operation):
        assert code in MESSAGES


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("POST /v1/search", {"question_empty", "question_too_long", "index_unavailable"}),
        ("POST /v1/search", {"request_too_large", "request_malformed"}),
        ("POST /v1/chat", {"question_empty", "overloaded", "prompt_too_long"}),
        ("POST /v1/service/reply", {"question_empty", "overloaded", "prompt_too_long"}),
        ("GET /v1/documents/{document_id}/summary", {"document_unknown", "llm_unavailable"}),
        ("POST /v1/documents", {"not_permitted", "groups_not_permitted", "file_too_large"}),
        ("POST /v1/documents", {"upload_invalid", "storage_full"}),
        ("GET /v1/documents/{document_id}", {"document_unknown"}),
        ("GET /v1/documents/{document_id}/blocks", {"document_unknown"}),
        ("DELETE /v1/documents/{document_id}", {"document_unknown", "not_permitted"}),
        ("GET /v1/jobs/{job_id}", {"job_unknown"}),
        ("GET /v1/jobs/{job_id}/events", {"job_unknown"}),
        ("POST /v1/jobs/{job_id}/retry", {"not_permitted", "groups_not_permitted", "job_unknown"}),
        ("POST /v1/jobs/{job_id}/retry", {"job_not_failed", "job_superseded", "job_file_gone"}),
    ],
)
def test_an_operation_lists_the_errors_of_its_own(name: str, expected: set[str]) -> None:
    assert expected <= codes(_OPERATIONS[name])


@pytest.mark.parametrize("name", _OPERATIONS)
def test_every_operation_is_described(name: str) -> None:
    operation = _OPERATIONS[name]

    assert operation["summary"]
    assert operation["description"]
    assert operation["tags"]
    for response in operation["responses"].values():
        assert response["description"]


def test_errors_have_examples_and_one_schema() -> None:
    response = _OPERATIONS["POST /v1/search"]["responses"]["503"]["content"]["application/json"]

    assert response["schema"] == {"$ref": "#/components/schemas/ErrorBody"}
    example = response["examples"]["index_unavailable"]["value"]["error"]
    assert example.keys() == {"code", "message", "request_id"}
    assert "HTTPValidationError" not in _DOCUMENT["components"]["schemas"]


def test_the_upload_form_is_described() -> None:
    body = _OPERATIONS["POST /v1/documents"]["requestBody"]
    form = body["content"]["multipart/form-data"]["schema"]

    assert form["properties"].keys() == uploads._FIELDS
    assert form["required"] == ["file"]


def test_only_health_and_the_description_are_open() -> None:
    open_operations = {name for name in _OPERATIONS if name not in _KEYED}

    assert open_operations == {"GET /health/live", "GET /health/ready"}


def test_the_client_does_not_load_the_server() -> None:
    script = (
        "import sys, app.client\n"
        "heavy = {'fastapi', 'uvicorn', 'qdrant_edge', 'onnxruntime', 'jieba', 'xllamacpp'}\n"
        "assert not heavy & sys.modules.keys(), heavy & sys.modules.keys()"
    )

    subprocess.run([sys.executable, "-c", script], check=True, cwd=OPENAPI_FILE.parents[1])


def test_the_description_loads_no_model() -> None:
    script = (
        "import sys\nfrom app.api.openapi import openapi_document\nopenapi_document()\n"
        "heavy = {'qdrant_edge', 'onnxruntime', 'xllamacpp', 'torch'}\n"
        "assert not heavy & sys.modules.keys(), heavy & sys.modules.keys()"
    )

    subprocess.run([sys.executable, "-c", script], check=True, cwd=OPENAPI_FILE.parents[1])
