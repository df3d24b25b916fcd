"""Summaries of documents through the API, its client and the command line."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from app.client import ZhikuClient
from app.runtime import Server, announced
from generation.errors import ModelUnavailable
from stores.keys import Role
from tests.app.api_world import TENANT, Api, World, code_of
from tests.app.cli_process import only_error_line, zhiku
from tests.fakes.llm import ScriptedLLM

RULES = "# Parking\n\nEmployees park free of charge. Visitors pay 4 euros an hour.\n"


@pytest.fixture
def llm() -> ScriptedLLM:
    return ScriptedLLM(["Visitors pay 4 euros an hour. ", "Employees pay 2 euros."])


@pytest.fixture
def document_id(api: Api) -> str:
    return str(api.ingested("parking.md", RULES)["document_id"])


def test_a_document_is_summarised(api: Api, document_id: str, world: World) -> None:
    response = api.get(f"/v1/documents/{document_id}/summary")

    assert response.status_code == 200
    told = response.json()
    assert told["document_id"] == document_id
    assert told["revision"] == 1
    assert told["text"] == "Visitors pay 4 euros an hour."
    assert told["sentences"] == ["Visitors pay 4 euros an hour."]
    assert (told["lang"], told["dropped"], told["partial"]) == ("en", 1, False)
    assert told["provenance"] == {"prompt": "document@1", "model": "scripted"}
    assert told["usage"]["answer_tokens"] == 2
    assert "Employees park free of charge." in world.llm.prompts[0][-1].content


def test_another_language_may_be_asked_for(api: Api, document_id: str, world: World) -> None:
    path = f"/v1/documents/{document_id}/summary"

    assert api.get(path, params={"language": "zh"}).json()["lang"] == "zh"
    assert "用中文概括" in world.llm.prompts[0][-1].content
    assert code_of(api.get(path, params={"language": "fr"})) == (422, "request_invalid")


def test_forbidden_equals_unknown(api: Api, world: World, as_key: Any, document_id: str) -> None:
    stranger = as_key(world.key(Role.READER, ["board"]))
    other_tenant = as_key(world.key(Role.ADMIN, tenant="other"))
    forbidden = stranger.get(f"/v1/documents/{document_id}/summary")
    unknown = stranger.get(f"/v1/documents/{uuid4()}/summary")

    assert code_of(forbidden) == code_of(unknown) == (404, "document_unknown")
    assert forbidden.json()["error"]["message"] == unknown.json()["error"]["message"]
    assert other_tenant.get(f"/v1/documents/{document_id}/summary").status_code == 404
    assert world.llm.prompts == []
    assert api.get("/v1/documents/seven/summary").status_code == 422


def test_the_model_away_is_told(api: Api, document_id: str, world: World) -> None:
    world.llm.pieces = (ModelUnavailable("connection reset by 10.0.0.9"),)

    response = api.get(f"/v1/documents/{document_id}/summary")

    assert code_of(response) == (503, "llm_unavailable")
    assert "10.0.0.9" not in response.text


@pytest.fixture
def client_of_api(world: World, url: str) -> Iterator[ZhikuClient]:
    with ZhikuClient(url, world.key(), timeout_seconds=20) as client:
        yield client


def test_the_client_asks_for_it(client_of_api: ZhikuClient) -> None:
    job = client_of_api.upload("parking.md", RULES.encode())
    done = client_of_api.wait_for_job(job.id, poll_seconds=0.02)

    assert client_of_api.summary(done.document_id).text == "Visitors pay 4 euros an hour."
    assert client_of_api.summary(done.document_id, lang="zh").lang == "zh"


def test_the_command_goes_through_the_running_api(
    client_of_api: ZhikuClient, url: str, tmp_path: Path
) -> None:
    job = client_of_api.upload("parking.md", RULES.encode())
    document_id = client_of_api.wait_for_job(job.id, poll_seconds=0.02).document_id
    command = ("summarise", str(document_id), "--tenant", TENANT)

    with announced(tmp_path, Server("api", os.getpid(), url, "/health/live")):
        result = zhiku(*command, data_dir=tmp_path)
        stranger = zhiku(*command, "--group", "board", data_dir=tmp_path)

    assert result.returncode == 0
    assert result.stdout == "Visitors pay 4 euros an hour.\n"
    assert "figures not in the document: 1" in result.stderr
    assert stranger.returncode == 3
    assert "No such document" in only_error_line(stranger)


def test_the_command_tells_of_an_unknown_document_before_any_model_is_loaded(
    tmp_path: Path,
) -> None:
    unknown = uuid4()
    result = zhiku("summarise", str(unknown), data_dir=tmp_path)

    assert result.returncode == 3
    assert str(unknown) in only_error_line(result)


def test_the_command_takes_an_id(tmp_path: Path) -> None:
    result = zhiku("summarise", "parking", data_dir=tmp_path)

    assert result.returncode == 2
    assert "Traceback" not in result.stderr
