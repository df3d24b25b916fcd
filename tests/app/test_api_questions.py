import json
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest

from generation.errors import ModelUnavailable, PromptTooLong
from stores.keys import Role
from tests.app.api_world import Api, World, code_of

LEAVE = "# Annual leave\n\nEmployees have fifteen days of annual leave in their third year.\n"
TRAVEL = "# 差旅\n\n一线城市住宿费每晚不超过六百元。\n"


@pytest.fixture
def documents(api: Api) -> None:
    assert api.ingested("leave.md", LEAVE)["outcome"] == "added"
    assert api.ingested("travel.md", TRAVEL)["outcome"] == "added"


@pytest.mark.usefixtures("documents")
class TestSearch:
    def test_finds_the_passage_with_its_place(self, api: Api) -> None:
        response = api.post("/v1/search", json={"query": "annual leave in the third year"})

        assert response.status_code == 200
        first = response.json()["evidence"][0]
        assert first["number"] == 1
        assert first["uri"] == "upload://leave.md"
        assert "fifteen days" in first["quote"]
        assert first["heading_path"] == ["Annual leave"]
        assert 0 <= first["score"] <= 1
        assert first["spans"][0].keys() == {"block", "start", "end", "rows"}

    def test_the_limit_bounds_the_passages(self, api: Api) -> None:
        found = api.post("/v1/search", json={"query": "leave 住宿费", "limit": 1}).json()

        assert len(found["evidence"]) == 1


@pytest.mark.usefixtures("documents")
class TestChat:
    def test_the_answer_cites_what_was_found(self, api: Api) -> None:
        response = api.post("/v1/chat", json={"question": "How many days of annual leave?"})

        answer = response.json()
        assert response.status_code == 200
        assert answer["text"] == "Fifteen days of leave [1]."
        assert answer["lang"] == "en"
        assert answer["refusal"] is False
        assert [citation["number"] for citation in answer["citations"]] == [1]
        assert answer["citations"][0]["uri"] == "upload://leave.md"
        assert answer["sentences"][0]["support"] == "verified"
        assert answer["usage"]["answer_tokens"] == 3
        assert answer["provenance"]["model"] == "scripted"

    def test_what_is_not_verified_is_marked_or_dropped(self, api: Api, world: World) -> None:
        world.llm.pieces = ("Fifteen days of leave [1]. ", "The warehouse approves leave [1].")
        asked = {"question": "How many days of annual leave?"}

        marked = api.post("/v1/chat", json=asked).json()
        strict = api.post("/v1/chat", json={**asked, "policy": "strict"}).json()
        unknown = api.post("/v1/chat", json={**asked, "policy": "lenient"})

        assert [each["support"] for each in marked["sentences"]] == ["verified", "unverified"]
        assert strict["text"] == "Fifteen days of leave [1]."
        assert [each["support"] for each in strict["sentences"]] == ["verified"]
        assert unknown.status_code == 422

    @pytest.mark.parametrize(
        ("question", "asked", "lang"),
        [
            ("一线城市住宿费是多少？", None, "zh"),
            ("hotel costs?", None, "en"),
            ("hotel costs?", "zh", "zh"),
        ],
    )
    def test_answers_in_the_language_of_the_question_unless_asked_otherwise(
        self, api: Api, question: str, asked: str | None, lang: str
    ) -> None:
        answer = api.post("/v1/chat", json={"question": question, "lang": asked}).json()

        assert answer["lang"] == lang

    def test_a_follow_up_is_understood_after_its_history(self, api: Api, world: World) -> None:
        history = [
            {"question": "When does the canteen open?"},
            {"question": "How many days of annual leave?", "answer": "Fifteen days [1]."},
        ]
        body = {"question": "And in the fourth year?", "history": history}

        answer = api.post("/v1/chat", json=body).json()

        understood = "And in the fourth year? (How many days of annual leave?)"
        assert answer["understood"] == {
            "question": understood, "by": "rules", "model_failed": False
        }  # fmt: skip
        assert understood in world.llm.prompts[0][-1].content
        assert "Fifteen days (1)" not in world.llm.prompts[0][-1].content
        assert api.post("/v1/chat", json={"question": "leave?"}).json()["understood"] is None

    @pytest.mark.parametrize(
        "history",
        [
            [{"question": ""}],
            [{"answer": "五天"}],
            [{"question": "x", "groups": ["hr"]}],
            [{"question": "x"}] * 21,
            [{"question": "x" * 20_001}],
            [{"question": "x", "answer": "x" * 20_001}],
            {"question": "x"},
        ],
    )
    def test_a_history_that_is_not_what_was_described(self, api: Api, history: object) -> None:
        response = api.post("/v1/chat", json={"question": "And then?", "history": history})

        assert code_of(response) == (422, "request_invalid")

    def test_the_model_away_gives_words_of_the_documents(self, api: Api, world: World) -> None:
        world.llm.available = False

        response = api.post("/v1/chat", json={"question": "annual leave?"})

        assert response.status_code == 200
        answer = response.json()
        assert answer["degraded"]
        assert not answer["refusal"]
        assert {sentence["support"] for sentence in answer["sentences"]} == {"quoted"}
        assert all(sentence["citations"] for sentence in answer["sentences"])
        assert api.post("/v1/search", json={"query": "annual leave"}).status_code == 200

    def test_a_model_that_breaks_off_gives_words_of_the_documents(
        self, api: Api, world: World
    ) -> None:
        world.llm.pieces = ("Fifteen", ModelUnavailable("connection reset by 10.0.0.9"))

        response = api.post("/v1/chat", json={"question": "annual leave?"})

        assert response.status_code == 200
        assert response.json()["degraded"]
        assert "Fifteen" not in response.json()["text"].split("\n", 1)[0]
        assert "10.0.0.9" not in response.text

    def test_a_prompt_that_does_not_fit_is_the_callers_to_shorten(
        self, api: Api, world: World
    ) -> None:
        world.llm.pieces = (PromptTooLong("9000 tokens"),)

        response = api.post("/v1/chat", json={"question": "annual leave?"})

        assert code_of(response) == (422, "prompt_too_long")

    def test_the_places_for_answers_come_back(self, api: Api, world: World) -> None:
        for number in range(40):
            world.llm.pieces = ("Done [1].",) if number % 2 else (ModelUnavailable("away"),)
            response = api.post("/v1/chat", json={"question": "annual leave?"})
            assert response.status_code == 200
            assert response.json()["degraded"] == (not number % 2)


_ENDPOINTS = [("/v1/search", "query"), ("/v1/chat", "question")]


@pytest.mark.parametrize(("path", "field"), _ENDPOINTS)
class TestBadInput:
    @pytest.mark.parametrize("text", ["", " ", "\n\t　"])
    def test_an_empty_question(self, api: Api, path: str, field: str, text: str) -> None:
        assert code_of(api.post(path, json={field: text})) == (422, "question_empty")

    @pytest.mark.parametrize("length", [2001, 100_000])
    def test_too_long_a_question(self, api: Api, path: str, field: str, length: int) -> None:
        response = api.post(path, json={field: length * "长"}, headers={"Accept-Language": "zh"})

        assert code_of(response) == (422, "question_too_long")
        message = response.json()["error"]["message"]
        assert str(length) in message
        assert "2000" in message
        assert "长" * 10 not in message

    def test_the_longest_question_is_answered(self, api: Api, path: str, field: str) -> None:
        assert api.post(path, json={field: 400 * "leave"}).status_code == 200

    def test_a_body_over_a_megabyte(self, api: Api, path: str, field: str) -> None:
        response = api.post(path, json={field: 1_000_000 * "x"})

        assert code_of(response) == (413, "request_too_large")
        assert "1000000" in response.json()["error"]["message"]

    def test_a_body_over_a_megabyte_that_does_not_declare_its_length(
        self, api: Api, path: str, field: str
    ) -> None:
        def body() -> Iterator[bytes]:
            for _ in range(100):
                yield 100_000 * b" "

        response = api.post(path, content=body(), headers={"Content-Type": "application/json"})

        assert code_of(response) == (413, "request_too_large")

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"{",
            b"[]",
            b"null",
            b"\xff\xfe",
            20_000 * b"[",
            b'{"FIELD": 7}',
            b'{"FIELD": null}',
            b'{"FIELD": "a\\u0000b"}',
            b'{"FIELD": "\\ud800"}',
            b'{"FIELD": "leave", "\\ud800": 1}',
            b'{"FIELD": "leave", "groups": ["hr"]}',
            b'{"FIELD": "leave", "limit": 51, "lang": "fr"}',
            b'{"FIELD": "leave", "limit": 2147483648, "lang": 1}',
            b'{"FIELD": "leave", "limit": NaN, "stream": "yes"}',
        ],
    )
    def test_a_body_that_is_not_what_was_described(
        self, api: Api, path: str, field: str, content: bytes
    ) -> None:
        response = api.post(
            path,
            content=content.replace(b"FIELD", field.encode()),
            headers={"Content-Type": "application/json"},
        )

        assert code_of(response) in {(422, "request_invalid"), (400, "request_malformed")}
        assert "\n" not in response.json()["error"]["message"]

    def test_another_content_type(self, api: Api, path: str, field: str) -> None:
        response = api.post(path, content=json.dumps({field: "x"}).encode())

        assert code_of(response) == (422, "request_invalid")


@pytest.mark.usefixtures("documents")
class TestExplaining:
    def test_a_search_is_explained_on_request_only(self, api: Api) -> None:
        asked = {"query": "住宿费", "asked_on": "2024-05-01"}
        plain = api.post("/v1/search", json=asked).json()
        explained = api.post("/v1/search", json={**asked, "explain": True}).json()

        assert plain["explanation"] is None
        assert explained["evidence"] == plain["evidence"]
        explanation = explained["explanation"]
        assert explanation["asked"]["day"] == "2024-05-01"
        ranks = [trail["rank"] for trail in explanation["trails"]]
        assert ranks == [each["number"] for each in plain["evidence"]]
        first = explanation["trails"][0]
        assert first["uri"] == "upload://travel.md"
        assert first["rerank"]["rank"] == 1
        assert first["reason"] is None

    def test_an_answer_is_explained_on_request_only(self, api: Api) -> None:
        plain = api.post("/v1/chat", json={"question": "住宿费?"}).json()
        explained = api.post("/v1/chat", json={"question": "住宿费?", "explain": True}).json()

        assert plain["explanation"] is None
        uris = [trail["uri"] for trail in explained["explanation"]["trails"]]
        assert uris[0] == "upload://travel.md"

    def test_only_what_the_key_may_read_is_explained(
        self, api: Api, world: World, as_key: Callable[[str | None], Api]
    ) -> None:
        board = as_key(world.key(Role.EDITOR, ["board", "everyone"]))
        board.ingested("secret.md", "# 住宿费\n\n总监住宿费不限。\n", groups=["board"])
        asked = {"query": "住宿费", "explain": True}

        assert "secret.md" in str(board.post("/v1/search", json=asked).json())
        seen = str(api.post("/v1/search", json=asked).json())
        assert "travel.md" in seen
        assert "secret.md" not in seen
        assert "总监" not in seen

    @pytest.mark.parametrize("day", ["2024-13-01", "yesterday", 0, True])
    def test_what_is_no_day_is_refused(self, api: Api, day: object) -> None:
        response = api.post("/v1/search", json={"query": "住宿费", "asked_on": day})

        assert code_of(response) == (422, "request_invalid")


@pytest.mark.usefixtures("documents")
class TestResponseSchema:
    ASKED: ClassVar[dict[str, Any]] = {
        "question": "How many days of annual leave?",
        "response_schema": {
            "type": "object",
            "properties": {"days": {"type": "integer"}},
            "required": ["days"],
        },
    }

    def test_the_answer_is_validated_json_beside_its_evidence(self, api: Api, world: World) -> None:
        world.llm.pieces = ('{"days"', ": 15}")

        answer = api.post("/v1/chat", json=self.ASKED).json()

        assert answer["data"] == {"days": 15}
        assert answer["citations"][0]["uri"] == "upload://leave.md"
        assert world.llm.schemas == [self.ASKED["response_schema"]]
        plain = api.post("/v1/chat", json={"question": "leave?"}).json()
        assert plain["data"] is None

    def test_json_that_does_not_follow_it_is_an_error(self, api: Api, world: World) -> None:
        world.llm.pieces = ('{"days": "fifteen"}',)

        response = api.post("/v1/chat", json=self.ASKED)

        assert code_of(response) == (502, "answer_off_schema")
        assert "fifteen" not in response.text

    def test_it_is_streamed_whole(self, api: Api, world: World) -> None:
        world.llm.pieces = ('{"days"', ": 15}")

        response = api.post("/v1/chat", json={**self.ASKED, "stream": True})

        names = [line for line in response.text.split("\n") if line.startswith("event:")]
        assert names == ["event: evidence", "event: done"]
        assert '"data":{"days":15}' in response.text

    @pytest.mark.parametrize(
        ("schema", "problem"),
        [
            ({"type": "array"}, "root"),
            ({"type": "object", "properties": {"x": {"$ref": "http://10.0.0.9/"}}}, "$ref"),
            ({"type": "object", "properties": {"x": {"pattern": "(a+)+$"}}}, "pattern"),
        ],
    )
    def test_a_schema_that_cannot_be_taken_is_refused_with_the_place(
        self, api: Api, world: World, schema: object, problem: str
    ) -> None:
        response = api.post("/v1/chat", json={**self.ASKED, "response_schema": schema})

        assert code_of(response) == (422, "schema_invalid")
        assert problem in response.json()["error"]["message"]
        assert world.llm.prompts == []

    @pytest.mark.parametrize("schema", ["{}", [], 5, True])
    def test_what_is_no_object_is_no_schema(self, api: Api, schema: object) -> None:
        response = api.post("/v1/chat", json={**self.ASKED, "response_schema": schema})

        assert code_of(response) == (422, "request_invalid")

    @pytest.mark.parametrize(
        "text", ['{"a":' * 100_000 + "1" + "}" * 100_000, '{"maximum": NaN}', '{"x": "\\ud800"}']
    )
    def test_what_no_json_library_likes_is_refused(self, api: Api, text: str) -> None:
        body = f'{{"question": "leave?", "response_schema": {text}}}'
        response = api.post("/v1/chat", content=body, headers={"Content-Type": "application/json"})

        assert response.status_code in {400, 413, 422}
