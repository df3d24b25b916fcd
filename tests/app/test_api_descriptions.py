"""What describes documents, and filters by it, through the API and its client."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from app.api.requests import FiltersIn
from app.client import ZhikuClient
from stores.keys import Role
from stores.records import DocType, Given
from tests.app.api_world import Api, World, code_of

_POLICY = "# Travel policy\n\nDocument 7, in force from 1 April 2025. Hotels cost 600 yuan.\n"
_NOTES = "# 差旅笔记\n\n酒店 hotels 一晚六百元。\n"
_DESCRIPTION = (
    "doc_type",
    "tags",
    "series",
    "effective_from",
    "effective_to",
    "published",
)


def _described(api: Api, uri: str) -> dict[str, Any]:
    listed = api.get("/v1/documents").json()["documents"]
    (found,) = (document for document in listed if document["uri"] == uri)
    return {name: found[name] for name in _DESCRIPTION}


def _found(api: Api, filters: dict[str, Any] | None) -> set[str]:
    body: dict[str, Any] = {"query": "hotels"}
    if filters is not None:
        body["filters"] = filters
    response = api.post("/v1/search", json=body)
    assert response.status_code == 200, response.text
    return {evidence["uri"] for evidence in response.json()["evidence"]}


class TestUploads:
    def test_a_document_is_described_by_its_text(self, api: Api) -> None:
        api.ingested("travel.md", _POLICY)
        assert _described(api, "upload://travel.md") == {
            "doc_type": "policy",
            "tags": [],
            "series": "travel policy",
            "effective_from": "2025-04-01",
            "effective_to": None,
            "published": None,
        }

    def test_fields_of_the_form_come_first_and_stay_when_the_file_is_replaced(
        self, api: Api
    ) -> None:
        said: dict[str, Any] = {
            "type": "manual",
            "tags": ["Finance ", "差旅"],
            "series": "T-1",
            "published": "2025-03-03",
            "sidecar": 'tags = ["beside"]\neffective_to = 2026-01-31',
        }
        api.ingested("travel.md", _POLICY, **said)
        assert _described(api, "upload://travel.md") == {
            "doc_type": "manual",
            "tags": ["beside", "finance", "差旅"],
            "series": "T-1",
            "effective_from": "2025-04-01",
            "effective_to": "2026-01-31",
            "published": "2025-03-03",
        }
        assert api.ingested("travel.md", _POLICY + "More.\n")["outcome"] == "updated"
        kept = _described(api, "upload://travel.md")
        assert (kept["doc_type"], kept["tags"]) == ("manual", ["finance", "差旅"])
        assert (kept["published"], kept["effective_to"]) == (None, None)

    def test_the_same_file_with_other_fields_is_updated(self, api: Api) -> None:
        api.ingested("travel.md", _POLICY)
        assert api.ingested("travel.md", _POLICY)["outcome"] == "unchanged"
        assert api.ingested("travel.md", _POLICY, tags=["a"])["outcome"] == "updated"
        assert _described(api, "upload://travel.md")["tags"] == ["a"]

    @pytest.mark.parametrize(
        ("field", "value", "problem"),
        [
            ("type", "novel", "type: write one of"),
            ("tags", ["a,b"], "cannot be a tag"),
            ("published", "soon", "soon"),
            ("published", ["2025-01-01", "2025-01-02"], "published is sent 2 times"),
            ("sidecar", "colour = 1", "unknown key 'colour'"),
            ("colour", "red", "unknown field colour"),
        ],
    )
    def test_what_cannot_be_is_refused_and_leaves_no_job(
        self, api: Api, world: World, field: str, value: Any, problem: str
    ) -> None:
        response = api.upload("travel.md", _POLICY, **{field: value})
        assert code_of(response) == (422, "upload_invalid")
        assert problem in response.json()["error"]["message"]
        assert world.system.catalog.jobs.unfinished() == []


@pytest.fixture
def documents(api: Api) -> None:
    api.ingested("travel.md", _POLICY, tags=["travel"])
    api.ingested("notes.md", _NOTES)


_ALL = {"upload://travel.md", "upload://notes.md"}


@pytest.mark.usefixtures("documents")
class TestFilters:
    @pytest.mark.parametrize(
        ("filters", "uris"),
        [
            (None, _ALL),
            ({}, _ALL),
            ({"types": ["policy"]}, {"upload://travel.md"}),
            ({"tags": ["Travel"]}, {"upload://travel.md"}),
            ({"langs": ["zh"]}, {"upload://notes.md"}),
            ({"types": ["policy"], "langs": ["zh"]}, set()),
            ({"published_from": "2025-04-01"}, {"upload://travel.md"}),
            ({"published_to": "2025-03-31"}, set()),
            ({"effective_to": "2025-03-31"}, {"upload://notes.md"}),
        ],
    )
    def test_only_what_matches_is_found(
        self, api: Api, filters: dict[str, Any] | None, uris: set[str]
    ) -> None:
        assert _found(api, filters) == uris

    def test_a_document_of_another_group_is_not_found_by_its_id(
        self, api: Api, world: World, as_key: Callable[[str], Api]
    ) -> None:
        theirs = as_key(world.key(Role.ADMIN, groups=("board",)))
        theirs.ingested("secret.md", "# Hotels\n\nhotels of the board\n", groups=["board"])
        (secret,) = theirs.get("/v1/documents").json()["documents"]
        assert _found(theirs, {"documents": [secret["id"]]}) == {"upload://secret.md"}
        assert _found(api, {"documents": [secret["id"]]}) == set()

    @pytest.mark.parametrize(
        ("filters", "problem"),
        [
            ({"colour": "red"}, "colour"),
            ({"types": ["novel"]}, "types"),
            ({"langs": ["fr"]}, "langs"),
            ({"documents": ["x"]}, "documents"),
            ({"published_from": 20250101}, "write a day as 2025-01-31"),
            ({"published_from": "2025-02-30"}, "published_from"),
            ({"published_from": "2025-02-01", "published_to": "2025-01-01"}, "the period ends on"),
            ({"tags": [str(number) for number in range(21)]}, "tags"),
            ("policy", "filters"),
        ],
    )
    @pytest.mark.parametrize(
        ("path", "asked"), [("/v1/search", {"query": "x"}), ("/v1/chat", {"question": "x"})]
    )
    def test_nonsense_is_refused_with_the_place(
        self, api: Api, path: str, asked: dict[str, Any], filters: Any, problem: str
    ) -> None:
        response = api.post(path, json={**asked, "filters": filters})
        assert code_of(response) == (422, "request_invalid")
        assert problem in response.json()["error"]["message"]

    def test_an_answer_keeps_to_the_filters(self, api: Api) -> None:
        body = {"question": "hotels", "filters": {"langs": ["zh"]}}
        answer = api.post("/v1/chat", json=body).json()
        assert {evidence["uri"] for evidence in answer["evidence"]} == {"upload://notes.md"}


@pytest.mark.usefixtures("documents")
class TestReading:
    def test_what_is_read_in_a_question_is_told(self, api: Api) -> None:
        read = api.post("/v1/search", json={"query": "hotels in 2024"}).json()["asked"]
        assert read["words"] == ["2024"]
        assert {"first": "2024-01-01", "last": "2024-12-31"} in read["periods"]
        answer = api.post("/v1/chat", json={"question": "去年的酒店标准 hotels"}).json()
        assert answer["asked"]["words"] == ["去年"]

    def test_it_can_be_left_undone(self, api: Api) -> None:
        body = {"query": "hotels in 2024", "interpret": False}
        asked = api.post("/v1/search", json=body).json()["asked"]
        assert (asked["words"], len(asked["periods"])) == ([], 1)

    def test_a_question_without_days_is_about_today(self, api: Api) -> None:
        asked = api.post("/v1/search", json={"query": "hotels"}).json()["asked"]
        assert (asked["day"], asked["words"]) == ("2025-09-01", [])


@pytest.fixture
def zhiku(world: World, url: str) -> Iterator[ZhikuClient]:
    with ZhikuClient(url, world.key(), timeout_seconds=20) as zhiku:
        yield zhiku


def test_the_client_says_and_filters_the_same(zhiku: ZhikuClient) -> None:
    given = Given(doc_type=DocType.MANUAL, tags=("a", "b"), series="T", published=date(2025, 1, 2))
    job = zhiku.upload("travel.md", _POLICY.encode(), given=given, sidecar="tags = ['c']")
    zhiku.wait_for_job(job.id, poll_seconds=0.02)
    (document,) = zhiku.documents()
    assert (document.doc_type, document.tags) == (DocType.MANUAL, ("a", "b", "c"))
    assert (document.series, document.published) == ("T", date(2025, 1, 2))
    assert len(zhiku.search("hotels", filters=FiltersIn(tags=("c",)))) == 1
    assert zhiku.search("hotels", filters=FiltersIn(tags=("d",))) == ()
    explained = zhiku.explain("hotels in 2024", interpret=False, filters=FiltersIn(langs=("en",)))
    assert explained.asked.words == ()
    assert len(explained.evidence) == 1
