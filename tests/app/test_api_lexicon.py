"""Bringing documents up to the lexicon through the API."""

from collections.abc import Callable

import pytest

from app.client import ZhikuClient
from stores.access import EVERYONE, AccessFilter
from stores.keys import Role
from stores.lexicon import LexiconEntry, LexiconKind
from tests.app.api_world import TENANT, Api, World, code_of

PRODUCT = LexiconEntry(LexiconKind.TERM, "智慧眼三代")
PATH = "/v1/lexicon/sync"


def behind(world: World) -> int:
    words = world.system.lexicon.of(TENANT).words.fingerprint
    return world.system.catalog.indexed_words.count_behind(TENANT, words)


@pytest.fixture
def older(api: Api, world: World) -> None:
    """Ingest three documents, then add a word."""
    for number in range(3):
        api.ingested(f"{number}.md", f"智慧眼三代，第{number}章。")
    world.system.catalog.lexicons.put(TENANT, [PRODUCT])


@pytest.mark.usefixtures("older")
def test_an_administrator_brings_all_documents_up_to_date(world: World, url: str) -> None:
    assert behind(world) == 3
    with ZhikuClient(url, world.key(Role.ADMIN, [])) as client:
        done = client.sync_lexicon()
        assert (done.documents, done.missing, done.last) == (3, 0, None)
        assert client.sync_lexicon().documents == 0
    assert behind(world) == 0
    index = world.system.indexes.open(TENANT)
    lexicon = world.system.lexicon.of(TENANT)
    from models.bm25 import query_weights

    word = query_weights(lexicon.words.among(list("智慧眼三代")))
    assert len(index.search(word, AccessFilter(TENANT, (EVERYONE,)), limit=9)) == 3


@pytest.mark.usefixtures("older")
@pytest.mark.parametrize("role", [Role.READER, Role.EDITOR])
def test_others_may_not(world: World, as_key: Callable[[str | None], Api], role: Role) -> None:
    response = as_key(world.key(role)).post(PATH, json={})
    assert code_of(response) == (403, "not_permitted")
    assert behind(world) == 3


@pytest.mark.usefixtures("older")
def test_an_administrator_of_another_tenant_changes_nothing(
    world: World, as_key: Callable[[str | None], Api]
) -> None:
    other = as_key(world.key(Role.ADMIN, [], tenant="globex"))
    assert other.post(PATH, json={}).json() == {"documents": 0, "missing": 0, "last": None}
    assert behind(world) == 3


@pytest.mark.usefixtures("older")
def test_an_index_that_is_away_is_told_and_nothing_is_marked(
    world: World, as_key: Callable[[str | None], Api]
) -> None:
    administrator = as_key(world.key(Role.ADMIN, []))
    world.indexes.available = False
    assert code_of(administrator.post(PATH, json={})) == (503, "index_unavailable")
    world.indexes.available = True
    assert administrator.post(PATH, json={}).json()["documents"] == 3


@pytest.mark.parametrize("after", ["x", 7, ["a"]])
def test_where_to_go_on_is_an_id(
    world: World, as_key: Callable[[str | None], Api], after: object
) -> None:
    response = as_key(world.key(Role.ADMIN, [])).post(PATH, json={"after": after})
    assert code_of(response) == (422, "request_invalid")
