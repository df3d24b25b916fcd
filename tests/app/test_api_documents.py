from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from stores.keys import Role
from tests.app.api_world import Api, World, code_of

LEAVE = "# Annual leave\n\nEmployees have fifteen days of annual leave.\n\n## Carry over\n\nNo.\n"


class TestLifeOfADocument:
    def test_upload_read_replace_remove(self, api: Api) -> None:
        job = api.ingested("leave.md", LEAVE)
        path = f"/v1/documents/{job['document_id']}"

        document = api.get(path).json()
        assert document["title"] == "Annual leave"
        assert document["uri"] == "upload://leave.md"
        assert document["revision"] == 1
        assert document["groups"] == ["everyone"]
        assert document["lang"] == "en"
        assert document["size_bytes"] == len(LEAVE)
        assert document["pages"] == []
        listed = api.get("/v1/documents").json()["documents"]
        assert [entry["id"] for entry in listed] == [document["id"]]

        blocks = api.get(f"{path}/blocks").json()["blocks"]
        assert [block["ordinal"] for block in blocks] == list(range(len(blocks)))
        assert "Employees have fifteen days of annual leave." in [block["text"] for block in blocks]
        assert [block["recognised"] for block in blocks] == [None] * len(blocks)
        assert api.get(f"{path}/blocks", params={"page": 3}).json() == {"blocks": []}

        assert api.ingested("leave.md", LEAVE)["outcome"] == "unchanged"
        assert api.ingested("leave.md", LEAVE.replace("fifteen", "twenty"))["outcome"] == "updated"
        assert api.get(path).json()["revision"] == 2

        removed = api.call("DELETE", path)
        assert (removed.status_code, removed.json()["state"]) == (200, "proven")
        assert code_of(api.get(path)) == (404, "document_unknown")
        assert api.post("/v1/search", json={"query": "annual leave"}).json()["evidence"] == []

    def test_a_job_tells_how_it_went(self, api: Api) -> None:
        response = api.upload("leave.md", LEAVE)

        queued = response.json()
        assert response.status_code == 202
        assert response.headers["Location"] == f"/v1/jobs/{queued['id']}"
        assert (queued["state"], queued["outcome"], queued["reason"]) == ("queued", None, None)
        done = api.finished(queued["id"])
        assert (done["state"], done["outcome"]) == ("done", "added")
        assert done["done"] == done["total"] > 0
        assert done["filename"] == "leave.md"

    @pytest.mark.parametrize(
        ("filename", "content"),
        [
            ("tool.exe", b"MZ\x90\x00\x03\x00"),
            ("broken.pdf", b"%PDF-1.7\nnothing of the sort"),
            ("empty.txt", b""),
            ("blank.md", b"\n\n  \n"),
            ("fake.docx", b"PK\x03\x04 not really"),
        ],
    )
    def test_a_file_that_cannot_be_read_fails_with_a_reason(
        self, api: Api, filename: str, content: bytes
    ) -> None:
        job = api.ingested(filename, content)

        assert job["state"] == "failed"
        assert job["reason"]
        assert "\n" not in job["reason"]
        assert "Traceback" not in job["reason"]
        assert code_of(api.get(f"/v1/documents/{job['document_id']}")) == (404, "document_unknown")

    def test_hidden_text_is_told_of_and_left_out(self, api: Api) -> None:
        job = api.ingested("leave.html", b"<p>Ten days.</p><p style='display:none'>CANARY</p>")

        assert (job["state"], job["reason"]) == (
            "done",
            "hidden text was left out, characters: 6 css",
        )
        document = api.get(f"/v1/documents/{job['document_id']}").json()
        assert document["hidden"] == [{"kind": "css", "characters": 6}]

    def test_one_bad_file_does_not_stop_the_next(self, api: Api) -> None:
        bad = api.upload("tool.exe", b"MZ\x90\x00\x03").json()
        good = api.upload("leave.md", LEAVE).json()

        assert api.finished(bad["id"])["state"] == "failed"
        assert api.finished(good["id"])["state"] == "done"


class TestList:
    def test_pages_through_newest_first(self, api: Api) -> None:
        for number in range(3):
            api.ingested(f"note-{number}.txt", f"Note number {number} about the canteen.")

        def uris(**parameters: int) -> list[str]:
            found = api.get("/v1/documents", params=parameters).json()["documents"]
            return [document["uri"] for document in found]

        assert uris(limit=2) == ["upload://note-2.txt", "upload://note-1.txt"]
        assert uris(limit=2, offset=2) == ["upload://note-0.txt"]
        assert uris(offset=3) == []

    def test_finds_by_title(self, api: Api) -> None:
        for name in ("canteen.txt", "parking.txt"):
            api.ingested(name, f"# {name}\n\nAbout it.")

        found = api.get("/v1/documents", params={"title": "PARK"}).json()["documents"]
        assert [document["uri"] for document in found] == ["upload://parking.txt"]

    @pytest.mark.parametrize(
        "parameters",
        [
            {"limit": 0},
            {"limit": 201},
            {"limit": "x"},
            {"offset": -1},
            {"offset": 2**63},
            {"title": "x" * 201},
        ],
    )
    def test_bounds_are_checked(self, api: Api, parameters: dict[str, int]) -> None:
        response = api.get("/v1/documents", params=parameters)

        assert code_of(response) == (422, "request_invalid")
        assert next(iter(parameters)) in response.json()["error"]["message"]


class TestUnknown:
    @pytest.mark.parametrize(
        ("method", "path", "code"),
        [
            ("GET", "/v1/documents/{}", "document_unknown"),
            ("GET", "/v1/documents/{}/blocks", "document_unknown"),
            ("DELETE", "/v1/documents/{}", "document_unknown"),
            ("GET", "/v1/jobs/{}", "job_unknown"),
        ],
    )
    def test_an_id_that_does_not_exist_is_404_and_no_id_is_422(
        self, api: Api, method: str, path: str, code: str
    ) -> None:
        assert code_of(api.call(method, path.format(uuid4()))) == (404, code)
        assert code_of(api.call(method, path.format("nonsense"))) == (422, "request_invalid")

    @pytest.mark.parametrize("page", ["0", "-1", "x", "2147483648"])
    def test_a_page_that_cannot_be(self, api: Api, page: str) -> None:
        path = f"/v1/documents/{uuid4()}/blocks"

        assert code_of(api.get(path, params={"page": page})) == (422, "request_invalid")


class TestGroups:
    """A key of group A never sees a document of group B, whichever way it asks."""

    @pytest.fixture
    def finance(self, world: World, as_key: Callable[[str | None], Api]) -> Api:
        return as_key(world.key(Role.EDITOR, ["finance"]))

    @pytest.fixture
    def secret(self, world: World, as_key: Callable[[str | None], Api]) -> dict[str, str]:
        hr = as_key(world.key(Role.EDITOR, ["hr"]))
        text = "# Severance\n\nThe canary sum is 48151623 yuan.\n"
        job: dict[str, str] = hr.ingested("severance.md", text, groups=["hr"])
        assert job["state"] == "done"
        return job

    def test_not_by_search_or_chat(self, finance: Api, secret: dict[str, str]) -> None:
        exact = "The canary sum is 48151623 yuan."

        assert finance.post("/v1/search", json={"query": exact}).json()["evidence"] == []
        answer = finance.post("/v1/chat", json={"question": exact}).json()
        assert answer["refusal"] is True
        assert answer["evidence"] == []
        streamed = finance.post("/v1/chat", json={"question": exact, "stream": True}).text
        assert secret["document_id"] not in streamed

    def test_not_by_list(self, finance: Api, secret: dict[str, str]) -> None:
        assert finance.get("/v1/documents").json() == {"documents": []}
        assert secret["state"] == "done"

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/v1/documents/{document_id}"),
            ("GET", "/v1/documents/{document_id}/blocks"),
            ("DELETE", "/v1/documents/{document_id}"),
            ("GET", "/v1/jobs/{id}"),
        ],
    )
    def test_a_forbidden_id_is_answered_like_one_that_does_not_exist(
        self, world: World, finance: Api, secret: dict[str, str], method: str, path: str
    ) -> None:
        unknown = {"document_id": uuid4(), "id": uuid4()}

        forbidden = finance.call(method, path.format(**secret))
        missing = finance.call(method, path.format(**unknown))

        def told(response: Any) -> tuple[int, str, str]:
            body = response.json()["error"]
            return response.status_code, body["code"], body["message"]

        assert told(forbidden) == told(missing)
        assert forbidden.status_code == 404
        assert len(world.system.catalog.documents.tenant_documents("acme")) == 1

    def test_another_tenant_sees_nothing(
        self, world: World, as_key: Callable[[str | None], Api], secret: dict[str, str]
    ) -> None:
        other = as_key(world.key(Role.ADMIN, ["hr"], tenant="globex"))

        assert other.get("/v1/documents").json() == {"documents": []}
        assert other.post("/v1/search", json={"query": "canary"}).json()["evidence"] == []
        document = other.get(f"/v1/documents/{secret['document_id']}")
        assert code_of(document) == (404, "document_unknown")
        assert code_of(other.get(f"/v1/jobs/{secret['id']}")) == (404, "job_unknown")

    def test_an_administrator_follows_the_jobs_of_the_tenant(
        self, world: World, as_key: Callable[[str | None], Api], secret: dict[str, str]
    ) -> None:
        administrator = as_key(world.key(Role.ADMIN, []))

        assert administrator.get(f"/v1/jobs/{secret['id']}").json()["state"] == "done"
        document = administrator.get(f"/v1/documents/{secret['document_id']}")
        assert code_of(document) == (404, "document_unknown")
