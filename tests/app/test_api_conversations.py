"""Conversations through the API: whose they are, what they remember, how they end."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from generation.errors import ModelUnavailable
from stores.keys import Role
from tests.app.api_world import Api, World, code_of

LEAVE = "# Annual leave\n\nEmployees have fifteen days of annual leave in their third year.\n"
QUESTION = "How many days of annual leave?"


@pytest.fixture
def leave(api: Api) -> str:
    """Add a document; return its id."""
    return str(api.ingested("leave.md", LEAVE)["document_id"])


def begin(api: Api) -> str:
    response = api.post("/v1/conversations")
    assert response.status_code == 201, response.text
    assert response.headers["Location"] == f"/v1/conversations/{response.json()['id']}"
    return str(response.json()["id"])


def ask(api: Api, conversation: str, question: str = QUESTION, **more: Any) -> Any:
    body = {"question": question, "conversation_id": conversation, **more}
    response = api.post("/v1/chat", json=body)
    assert response.status_code == 200, response.text
    return response


def read(api: Api, conversation: str, **page: int) -> Any:
    return api.get(f"/v1/conversations/{conversation}", params=page).json()


@pytest.mark.usefixtures("leave")
class TestRemembering:
    def test_a_follow_up_is_understood_after_what_the_server_kept(
        self, api: Api, world: World
    ) -> None:
        conversation = begin(api)
        ask(api, conversation)
        answer = ask(api, conversation, "And in the fourth year?").json()

        understood = f"And in the fourth year? ({QUESTION})"
        assert answer["understood"]["question"] == understood
        assert understood in world.llm.prompts[-1][-1].content
        found = read(api, conversation)
        assert (found["title"], found["turns"], found["summarised"]) == (QUESTION, 2, 0)
        first, second = found["exchanges"]
        assert first["answer"] == "Fifteen days of leave [1]."
        assert [each["number"] for each in first["citations"]] == [1]
        assert (first["ordinal"], first["withheld"], first["lang"]) == (1, False, "en")
        assert (second["question"], second["understood"]) == ("And in the fourth year?", understood)

    def test_a_streamed_answer_is_kept_before_it_is_done(self, api: Api) -> None:
        conversation = begin(api)
        assert "event: done" in ask(api, conversation, stream=True).text
        assert read(api, conversation)["turns"] == 1

    def test_an_answer_that_failed_is_not_kept(self, api: Api, world: World) -> None:
        conversation = begin(api)
        world.llm.pieces = ("Fifteen", RuntimeError("away"))
        body = {"question": QUESTION, "conversation_id": conversation}
        assert api.post("/v1/chat", json=body).status_code == 500
        assert read(api, conversation)["turns"] == 0

    def test_what_leaves_the_window_is_summarised_after_the_answer(
        self, api: Api, world: World
    ) -> None:
        conversation = begin(api)
        for stream in (False, True, False):
            world.llm.pieces = ("The user asked about leave [1].",)
            ask(api, conversation, stream=stream)
        found = read(api, conversation)
        assert (found["turns"], found["summarised"]) == (3, 1)
        assert found["summary"] == "The user asked about leave [1]."
        ask(api, conversation, stream=True)
        assert read(api, conversation)["summarised"] == 2

    def test_a_model_away_leaves_the_answer_and_the_summary_for_later(
        self, api: Api, world: World
    ) -> None:
        world.llm.pieces = (ModelUnavailable("gone"),)
        conversation = begin(api)
        for _ in range(3):
            assert ask(api, conversation).json()["degraded"]
        found = read(api, conversation)
        assert (found["turns"], found["summarised"], found["summary"]) == (3, 0, "")

    def test_history_and_a_conversation_exclude_each_other(self, api: Api) -> None:
        body = {
            "question": QUESTION,
            "conversation_id": begin(api),
            "history": [{"question": "When does the canteen open?"}],
        }
        response = api.post("/v1/chat", json=body)
        assert code_of(response) == (422, "request_invalid")
        assert "exclude each other" in response.json()["error"]["message"]

    @pytest.mark.parametrize("stream", [False, True])
    def test_an_unknown_conversation_is_refused_before_the_model_is_asked(
        self, api: Api, world: World, stream: bool
    ) -> None:
        body = {"question": QUESTION, "conversation_id": str(uuid4()), "stream": stream}
        assert code_of(api.post("/v1/chat", json=body)) == (404, "conversation_unknown")
        assert world.llm.prompts == []

    @pytest.mark.parametrize("sent", ["x", 7, "", {"id": 1}])
    def test_what_is_no_id_is_refused(self, api: Api, sent: object) -> None:
        body = {"question": QUESTION, "conversation_id": sent}
        assert code_of(api.post("/v1/chat", json=body)) == (422, "request_invalid")


class TestWhoseTheyAre:
    def test_they_are_listed_in_pages_last_used_first(self, api: Api) -> None:
        first, second, third = (begin(api) for _ in range(3))
        ask(api, first)
        listed = api.get("/v1/conversations").json()["conversations"]
        assert [each["id"] for each in listed] == [first, third, second]
        page = api.get("/v1/conversations", params={"limit": 1, "offset": 1}).json()
        assert page["conversations"] == listed[1:2]
        assert code_of(api.get("/v1/conversations", params={"limit": 0}))[0] == 422

    def test_turns_are_read_in_pages(self, api: Api) -> None:
        conversation = begin(api)
        for number in range(3):
            ask(api, conversation, f"Question {number}?")
        page = read(api, conversation, limit=1, offset=1)
        assert [each["question"] for each in page["exchanges"]] == ["Question 1?"]
        assert page["turns"] == 3

    @pytest.mark.parametrize("tenant", ["acme", "other"])
    def test_somebody_elses_is_answered_as_one_that_is_not_there(
        self, api: Api, world: World, as_key: Callable[[str | None], Api], tenant: str
    ) -> None:
        conversation = begin(api)
        ask(api, conversation)
        stranger = as_key(world.key(Role.ADMIN, tenant=tenant))

        def answers(name: str) -> list[tuple[int, str, str]]:
            body = {"question": QUESTION, "conversation_id": name}
            responses = (
                stranger.get(f"/v1/conversations/{name}"),
                stranger.call("DELETE", f"/v1/conversations/{name}"),
                stranger.post("/v1/chat", json=body),
            )
            return [(*code_of(each), each.json()["error"]["message"]) for each in responses]

        assert answers(conversation) == answers(str(uuid4()))
        assert {status for status, _, _ in answers(conversation)} == {404}
        assert stranger.get("/v1/conversations").json()["conversations"] == []
        assert stranger.call("DELETE", "/v1/conversations").status_code == 204
        assert read(api, conversation)["turns"] == 1

    def test_the_error_is_told_in_the_language_of_the_caller(self, api: Api) -> None:
        path, headers = f"/v1/conversations/{uuid4()}", {"Accept-Language": "zh"}
        assert "没有该对话" in api.get(path, headers=headers).json()["error"]["message"]


class TestForgetting:
    def test_a_document_that_is_gone_withholds_its_answers(self, api: Api, leave: str) -> None:
        conversation = begin(api)
        ask(api, conversation)
        assert api.call("DELETE", f"/v1/documents/{leave}").status_code == 200
        (kept,) = read(api, conversation)["exchanges"]
        assert kept["withheld"]
        assert (kept["question"], kept["answer"], kept["citations"]) == (QUESTION, "", [])

    def test_a_document_for_others_withholds_its_answers(
        self, api: Api, world: World, as_key: Callable[[str | None], Api], leave: str
    ) -> None:
        conversation = begin(api)
        ask(api, conversation)
        board = as_key(world.key(Role.ADMIN, ["board", "everyone"]))
        board.ingested("leave.md", LEAVE, groups=["board"])
        found = api.get(f"/v1/conversations/{conversation}")
        assert found.json()["exchanges"][0]["withheld"]
        assert "Fifteen" not in found.text

    @pytest.mark.usefixtures("leave")
    def test_erasing_leaves_nothing_in_the_database(
        self, api: Api, world: World, tmp_path: Path
    ) -> None:
        secret = "Zanzibar"
        kept = begin(api)
        for conversation in (kept, begin(api), begin(api)):
            for turn in range(3):
                world.llm.pieces = (f"{secret} {conversation} {turn} [1].",)
                ask(api, conversation, f"Is {secret} {conversation} {turn} a day of leave?")
        first, second = (
            each["id"]
            for each in api.get("/v1/conversations").json()["conversations"]
            if each["id"] != kept
        )

        def files_with(text: str) -> list[str]:
            found = sorted(tmp_path.glob("catalog.sqlite*"))
            assert found
            return [file.name for file in found if text.encode() in file.read_bytes()]

        assert files_with(f"{secret} {first}")
        assert api.call("DELETE", f"/v1/conversations/{first}").status_code == 204
        assert files_with(f"{secret} {first}") == []
        assert files_with(f"{secret} {second}")
        assert api.get(f"/v1/conversations/{first}").status_code == 404

        assert api.call("DELETE", "/v1/conversations").status_code == 204
        assert files_with(secret) == []
        assert api.get("/v1/conversations").json()["conversations"] == []
