"""Conversations as the chat needs them: found by words, renamed, read with their sources."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.api.conversation_turns import exchanges_out
from stores.access import Principal
from stores.conversation_records import Contradiction, Exchange, KeptExchange
from stores.keys import Role
from tests.app.api_world import TENANT, Api, World, code_of
from tests.stores.builders import remove_document

LEAVE = "# Annual leave\n\nEmployees have fifteen days of annual leave in their third year.\n"
QUESTION = "How many days of annual leave?"


@pytest.fixture
def leave(api: Api) -> str:
    """Add a document; return its id."""
    return str(api.ingested("leave.md", LEAVE)["document_id"])


def begin(api: Api, *questions: str) -> str:
    conversation = str(api.post("/v1/conversations").json()["id"])
    for question in questions:
        body = {"question": question, "conversation_id": conversation}
        assert api.post("/v1/chat", json=body).status_code == 200
    return conversation


def exchanges(api: Api, conversation: str) -> Any:
    return api.get(f"/v1/conversations/{conversation}").json()["exchanges"]


def rename(api: Api, conversation: str, **body: object) -> Any:
    return api.call("PATCH", f"/v1/conversations/{conversation}", json=body)


class TestTheirTurns:
    def test_an_answer_is_read_with_its_passages_and_how_it_was_checked(
        self, api: Api, world: World, leave: str
    ) -> None:
        world.llm.pieces = ("Employees have fifteen days [1].", " Nice weather!")
        (kept,) = exchanges(api, begin(api, QUESTION))
        (source,) = kept["citations"]
        assert (source["number"], source["document_id"], source["revision"]) == (1, leave, 1)
        assert (source["title"], source["uri"]) == ("Annual leave", "upload://leave.md")
        assert "fifteen days of annual leave" in source["quote"]
        assert source["spans"]
        assert [(each["text"], each["citations"]) for each in kept["sentences"]] == [
            ("Employees have fifteen days.", [1]), ("Nice weather!", []),
        ]  # fmt: skip
        assert kept["sentences"][1]["support"] == "uncited"

    def test_a_document_that_was_replaced_leaves_the_answer_without_its_passage(
        self, api: Api, leave: str
    ) -> None:
        conversation = begin(api, QUESTION)
        api.ingested("leave.md", LEAVE.replace("fifteen", "sixteen"))
        (kept,) = exchanges(api, conversation)
        assert not kept["withheld"]
        (source,) = kept["citations"]
        assert (source["document_id"], source["title"]) == (leave, "Annual leave")
        assert (source["revision"], source["quote"], source["spans"]) == (None, "", [])

    def test_what_is_withheld_has_neither_sources_nor_sentences(self, api: Api, leave: str) -> None:
        conversation = begin(api, QUESTION)
        api.call("DELETE", f"/v1/documents/{leave}")
        (kept,) = exchanges(api, conversation)
        assert kept["withheld"]
        assert (kept["question"], kept["answer"]) == (QUESTION, "")
        assert kept["citations"] == kept["sentences"] == kept["contradictions"] == []

    def test_what_contradicts_an_answer_is_told_with_the_title_of_its_document(
        self, api: Api, world: World, leave: str
    ) -> None:
        conversation, principal = begin(api), next(_owners(world))
        contradiction = Contradiction(UUID(leave), "sixteen days", is_in_force=True)
        exchange = Exchange(
            QUESTION, QUESTION, "Fifteen.", False, (), frozenset({UUID(leave)}), "en",
            contradictions=(contradiction,),
        )  # fmt: skip
        world.system.catalog.conversations.add(UUID(conversation), principal, exchange)
        assert exchanges(api, conversation)[0]["contradictions"] == [
            {
                "document_id": leave,
                "title": "Annual leave",
                "quote": "sixteen days",
                "is_in_force": True,
            }
        ]

    def test_what_is_lost_between_two_looks_is_withheld(
        self, api: Api, world: World, leave: str
    ) -> None:
        catalog = world.system.catalog
        conversation = UUID(begin(api, QUESTION))
        principal = next(_owners(world))
        kept: list[KeptExchange] = catalog.conversations.exchanges(conversation, principal, limit=5)
        assert not exchanges_out(kept, catalog.documents, principal)[0].withheld
        remove_document(catalog, TENANT, UUID(leave))
        (shown,) = exchanges_out(kept, catalog.documents, principal)
        assert shown.withheld
        assert (shown.answer, shown.citations, shown.sentences) == ("", (), ())


def _owners(world: World) -> Iterator[Principal]:
    """Yield the principals of the keys."""
    for key in world.system.catalog.keys.list(TENANT):
        yield Principal(TENANT, str(key.id), frozenset(key.groups), frozenset())


@pytest.mark.usefixtures("leave")
class TestFindingThem:
    def test_they_are_found_by_words_of_title_and_questions(self, api: Api) -> None:
        leave = begin(api, QUESTION, "And for managers?")
        parking = begin(api, "Where may I park?")

        def found(words: str) -> list[str]:
            listed = api.get("/v1/conversations", params={"words": words}).json()
            return [each["id"] for each in listed["conversations"]]

        assert found("") == found("  ") == [parking, leave]
        assert found("MANAGERS leave") == [leave]
        assert found("managers park") == []
        assert found("fifteen") == []
        assert rename(api, parking, title="Garage").status_code == 200
        assert found("garage") == [parking]

    def test_too_many_words_are_refused(self, api: Api) -> None:
        response = api.get("/v1/conversations", params={"words": "x" * 201})
        assert code_of(response) == (422, "request_invalid")


class TestRenaming:
    def test_a_conversation_gets_another_title(self, api: Api) -> None:
        conversation = begin(api, QUESTION)
        renamed = rename(api, conversation, title="  年假  ").json()
        assert (renamed["id"], renamed["title"]) == (conversation, "年假")
        assert api.get(f"/v1/conversations/{conversation}").json()["title"] == "年假"

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"title": ""},
            {"title": " \n"},
            {"title": "x" * 201},
            {"title": 7},
            {"title": "a\0b"},
            {"title": "a", "user": "somebody"},
        ],
    )
    def test_what_is_no_title_is_refused_and_changes_nothing(
        self, api: Api, body: dict[str, object]
    ) -> None:
        conversation = begin(api, QUESTION)
        assert code_of(rename(api, conversation, **body)) == (422, "request_invalid")
        assert api.get(f"/v1/conversations/{conversation}").json()["title"] == QUESTION

    @pytest.mark.parametrize("tenant", ["acme", "other"])
    def test_somebody_elses_is_answered_as_one_that_is_not_there(
        self, api: Api, world: World, as_key: Callable[[str | None], Api], tenant: str
    ) -> None:
        conversation = begin(api, QUESTION)
        stranger = as_key(world.key(Role.ADMIN, tenant=tenant))

        def refusal(name: str) -> tuple[int, str, str]:
            response = rename(stranger, name, title="Taken over")
            return (*code_of(response), response.json()["error"]["message"])

        assert refusal(conversation) == refusal(str(uuid4()))
        assert refusal(conversation)[:2] == (404, "conversation_unknown")
        assert api.get(f"/v1/conversations/{conversation}").json()["title"] == QUESTION
        words = {"words": "annual"}
        assert stranger.get("/v1/conversations", params=words).json()["conversations"] == []
