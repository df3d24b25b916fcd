"""Near-duplicates through the API: what is listed, for whom, and what is decided."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest

from app.client import ZhikuClient
from app.settings import IngestSettings
from app.wiring import older_copies
from retrieval.retriever import all_count
from stores.keys import Role
from tests.app.api_world import TENANT, Api, World, code_of

RULES = [f"Rule {n} says that case {n * 7} takes {n * 3} days and form {n}." for n in range(60)]
PATH = "/v1/duplicates"


def text(*, edited: int = 0) -> str:
    return "\n\n".join([*(f"Edit {n}." for n in range(edited)), *RULES[edited:]])


def test_an_upload_says_what_it_is_almost_the_same_as(api: Api) -> None:
    first = api.ingested("first.txt", text())
    assert first["duplicates"] == []
    second = api.ingested("second.txt", text(edited=1))
    (other,) = second["duplicates"]
    assert (other["id"], other["exact"], other["kept"]) == (first["document_id"], False, False)
    assert 0.9 <= other["similarity"] < 1
    (same,) = api.ingested("third.txt", text(edited=1))["duplicates"][:1]
    assert (same["exact"], same["similarity"]) == (True, 1.0)
    assert api.ingested("other.txt", "Something else altogether.")["duplicates"] == []


def test_nobody_is_told_of_what_the_key_may_not_read(
    world: World, as_key: Callable[[str | None], Api]
) -> None:
    hr = as_key(world.key(Role.EDITOR, ["hr"]))
    hr.ingested("salaries.txt", text(), groups=["hr"])
    everyone = as_key(world.key())
    job = everyone.ingested("public.txt", text())
    assert job["duplicates"] == []
    assert everyone.get(PATH).json() == {"groups": [], "total": 0}
    both = as_key(world.key(Role.READER, ["everyone", "hr"]))
    assert both.get(PATH).json()["total"] == 1


def test_an_administrator_follows_a_job_without_its_neighbours(
    world: World, as_key: Callable[[str | None], Api]
) -> None:
    """He may follow all jobs of the tenant, but reads what his groups allow only."""
    hr = as_key(world.key(Role.EDITOR, ["hr"]))
    hr.ingested("salaries.txt", text(), groups=["hr"])
    job = hr.ingested("copy.txt", text(), groups=["hr"])
    assert len(job["duplicates"]) == 1
    administrator = as_key(world.key(Role.ADMIN, ["everyone"]))
    assert administrator.get(f"/v1/jobs/{job['id']}").json()["duplicates"] == []


def test_groups_come_in_pages(api: Api) -> None:
    for number in range(3):
        body = text().replace("Rule", f"Topic{number} number")
        for name in "ab":
            api.ingested(f"{number}{name}.txt", f"{body} {name}")
    pages = [api.get(PATH, params={"limit": 2, "offset": offset}).json() for offset in (0, 2, 4)]
    assert [len(page["groups"]) for page in pages] == [2, 1, 0]
    assert {page["total"] for page in pages} == {3}
    found = [group["newest"]["uri"] for page in pages for group in page["groups"]]
    assert len({*found}) == 3


@pytest.mark.parametrize("parameters", [{"limit": 0}, {"limit": 201}, {"offset": -1}])
def test_pages_are_bounded(api: Api, parameters: dict[str, int]) -> None:
    assert code_of(api.get(PATH, params=parameters)) == (422, "request_invalid")


def test_what_is_kept_is_no_longer_listed(world: World, url: str, api: Api) -> None:
    api.ingested("first.txt", text())
    api.ingested("second.txt", text(edited=1))
    with ZhikuClient(url, world.key()) as client:
        (group,) = client.duplicates().groups
        (copy,) = group.copies
        assert client.keep_duplicates([copy.id, uuid4()]).document_ids == (copy.id,)
        assert client.duplicates().total == 0


def test_what_one_may_not_read_one_does_not_decide(
    world: World, as_key: Callable[[str | None], Api]
) -> None:
    hr = as_key(world.key(Role.EDITOR, ["hr"]))
    for name in "ab":
        hr.ingested(f"{name}.txt", text(), groups=["hr"])
    (group,) = hr.get(PATH).json()["groups"]
    ids = [group["copies"][0]["id"]]
    decided = as_key(world.key()).post(f"{PATH}/keep", json={"document_ids": ids})
    assert decided.json() == {"document_ids": []}
    assert hr.get(PATH).json()["total"] == 1


@pytest.mark.parametrize("ids", [[], ["x"], [str(uuid4())] * 101, "x"])
def test_what_is_kept_is_named_by_ids(api: Api, ids: object) -> None:
    response = api.post(f"{PATH}/keep", json={"document_ids": ids})
    assert code_of(response) == (422, "request_invalid")


@pytest.mark.parametrize("policy", ["all", "ask"])
def test_unless_only_the_newest_is_wanted_every_document_counts(world: World, policy: str) -> None:
    ingest = IngestSettings.model_validate({"duplicates": policy})
    settings = world.system.settings.model_copy(update={"ingest": ingest})
    assert older_copies(settings, world.system.duplicates) is all_count


def test_the_older_copy_is_held_back_where_only_the_newest_is_wanted(
    world: World, api: Api
) -> None:
    for name, year in (("new", 2025), ("old", 2024)):
        api.ingested(f"{name}.txt", text(edited=1) + name, published=f"{year}-05-01")
    ingest = IngestSettings(duplicates="newest")
    settings = world.system.settings.model_copy(update={"ingest": ingest})
    documents = world.system.catalog.documents.tenant_documents(TENANT)
    new, old = documents
    assert new.published == date(2025, 5, 1)
    held_back = older_copies(settings, world.system.duplicates)
    assert held_back(documents) == {old.id: new.id}
    assert held_back([old]) == {}
    assert held_back([replace(new, revision=9), old]) == {old.id: new.id}
