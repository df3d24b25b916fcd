"""The customer-service bot through the API and its client."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.api.service_schemas import (
    ContextIn,
    CustomerIn,
    InteractionIn,
    ItemIn,
    OrderIn,
)
from app.client import ApiError, ZhikuClient
from stores.keys import Role
from tests.app.api_world import Api, World, code_of
from tests.fakes.llm import ScriptedLLM

PATH = "/v1/service/reply"
BOT = Path(__file__).parents[2] / "docs" / "customer_service_bot.py"
RETURNS = "# Returns\n\nFaulty kettles are replaced within 15 days of delivery.\n"
COMPLAINT = "My kettle is broken after three days, this is unacceptable!"
REPLY = (
    "We are sorry. Faulty kettles are replaced within 15 days of delivery [1]. "
    "Please reply with your order number."
)
CONTEXT = {
    "order": {
        "number": "SO-77",
        "state": "delivered",
        "amount": "1299.50",
        "currency": "EUR",
        "items": [{"name": "kettle", "quantity": 2}],
    },
    "customer": {"name": "Anna Berg", "tier": "gold"},
    "interactions": [{"when": "2025-06-03", "channel": "phone", "summary": "asked for a refund"}],
}


@pytest.fixture
def llm() -> ScriptedLLM:
    return ScriptedLLM([REPLY])


@pytest.fixture
def returns(api: Api) -> None:
    assert api.ingested("returns.md", RETURNS)["outcome"] == "added"


@pytest.mark.usefixtures("returns")
class TestReply:
    def test_a_reply_with_its_class_evidence_and_hand_over(self, api: Api, world: World) -> None:
        response = api.post(PATH, json={"message": COMPLAINT, "context": CONTEXT})

        assert response.status_code == 200
        told = response.json()
        assert told["reply"] == REPLY
        assert told["lang"] == "en"
        assert [each["uri"] for each in told["citations"]] == ["upload://returns.md"]
        assert told["complaint_class"] == "quality"
        assert told["classified_by"] == "rules"
        assert told["hand_over"] == {"needed": False, "reason": None, "customer": "", "agent": ""}
        assert told["refusal"] is False
        assert 0 < told["confidence"] <= 1
        assert told["usage"]["answer_tokens"] == 1
        assert told["provenance"] == {"prompt": "service@1", "model": "scripted"}
        prompt = world.llm.prompts[0][-1].content
        assert "amount: 1299.50 EUR; items: kettle × 2" in prompt
        assert "2025-06-03, phone: asked for a refund" in prompt

    def test_another_language_may_be_asked_for(self, api: Api, world: World) -> None:
        told = api.post(PATH, json={"message": COMPLAINT, "language": "zh"}).json()

        assert told["lang"] == "zh"
        assert "用中文回复" in world.llm.prompts[0][-1].content

    def test_much_money_is_for_a_person(self, api: Api) -> None:
        order = {"number": "SO-77", "amount": 1500, "currency": "EUR"}
        told = api.post(PATH, json={"message": COMPLAINT, "context": {"order": order}}).json()

        assert told["hand_over"]["reason"] == "high_amount"
        assert "1500 EUR" in told["hand_over"]["agent"]
        assert told["reply"] == f"{REPLY} {told['hand_over']['customer']}"

    def test_without_a_model_there_is_a_person_and_no_error(self, api: Api, world: World) -> None:
        world.llm.available = False

        told = api.post(PATH, json={"message": COMPLAINT}).json()

        assert told["hand_over"]["reason"] == "model_unavailable"
        assert told["refusal"] is True
        assert told["usage"] is None

    def test_only_documents_of_the_key_are_replied_from(self, world: World, as_key: Any) -> None:
        told = as_key(world.key(Role.READER, ["board"])).post(PATH, json={"message": COMPLAINT})

        assert told.json()["hand_over"]["reason"] == "no_evidence"
        assert world.llm.prompts == []

    def test_the_places_for_answers_come_back(self, api: Api) -> None:
        for _ in range(20):
            assert api.post(PATH, json={"message": COMPLAINT}).status_code == 200

    def test_without_a_place_it_is_refused(self, api: Api, client: Any) -> None:
        places = client.app.state.services.answers
        for number in range(int(places.total_tokens)):
            client.portal.call(places.acquire_on_behalf_of_nowait, number)

        assert code_of(api.post(PATH, json={"message": COMPLAINT})) == (503, "overloaded")


class TestBadInput:
    @pytest.mark.parametrize(
        "context",
        [
            {"orders": {}},
            {"order": {"number": "x" * 101}},
            {"order": {"number": "a\nb"}},
            {"order": {"state": "a\u0007"}},
            {"order": {"state": "a\u202eb"}},
            {"order": {"amount": 5}},
            {"order": {"currency": "EUR"}},
            {"order": {"amount": -1, "currency": "EUR"}},
            {"order": {"amount": "NaN", "currency": "EUR"}},
            {"order": {"amount": True, "currency": "EUR"}},
            {"order": {"amount": "1e30", "currency": "EUR"}},
            {"order": {"amount": "1.00001", "currency": "EUR"}},
            {"order": {"amount": 5, "currency": "euro"}},
            {"order": {"items": [{"name": ""}]}},
            {"order": {"items": [{"name": "a", "quantity": 0}]}},
            {"order": {"items": [{"name": "a"}] * 21}},
            {"customer": {"name": 7}},
            {"customer": {"vip": True}},
            {"interactions": [{"when": "2025-06-03", "channel": "mail", "summary": "x"}] * 4},
            {"interactions": [{"when": 1717372800, "channel": "mail", "summary": "x"}]},
            {"interactions": [{"when": "June", "channel": "mail", "summary": "x"}]},
            {"interactions": [{"when": "2025-06-03", "channel": "mail", "summary": "x" * 501}]},
            {"interactions": [{"when": "2025-06-03", "channel": "mail"}]},
        ],
    )
    def test_a_context_that_is_not_what_was_described(
        self, api: Api, context: dict[str, Any]
    ) -> None:
        response = api.post(PATH, json={"message": COMPLAINT, "context": context})

        assert code_of(response) == (422, "request_invalid")
        assert "\n" not in response.json()["error"]["message"]

    @pytest.mark.parametrize(
        ("message", "code"),
        [
            ("", "question_empty"),
            (" \n", "question_empty"),
            ("x" * 2001, "question_too_long"),
            ("x" * 20_001, "request_invalid"),
            ("a\u0000b", "request_invalid"),
            ("a\u001b[31m", "request_invalid"),
        ],
    )
    def test_a_message_that_cannot_be(self, api: Api, message: str, code: str) -> None:
        assert code_of(api.post(PATH, json={"message": message})) == (422, code)

    def test_lines_and_emoji_are_ordinary(self, api: Api) -> None:
        message = "Hello,\n\tmy kettle 👩‍🔧 is broken.\r\nBye"
        assert api.post(PATH, json={"message": message}).status_code == 200

    def test_it_takes_a_key(self, as_key: Any) -> None:
        assert code_of(as_key(None).post(PATH, json={"message": "x"})) == (401, "not_authenticated")


@pytest.fixture
def zhiku(world: World, url: str) -> Iterator[ZhikuClient]:
    with ZhikuClient(url, world.key(), timeout_seconds=20) as zhiku:
        yield zhiku


def test_the_client_sends_a_context(zhiku: ZhikuClient, world: World) -> None:
    job = zhiku.upload("returns.md", RETURNS.encode())
    zhiku.wait_for_job(job.id, poll_seconds=0.02)
    context = ContextIn(
        order=OrderIn(
            number="SO-77",
            state="delivered",
            amount=Decimal("1299.50"),
            currency="EUR",
            items=(ItemIn(name="kettle", quantity=2),),
        ),
        customer=CustomerIn(name="Anna Berg"),
        interactions=(
            InteractionIn(when=date(2025, 6, 3), channel="phone", summary="asked for a refund"),
        ),
    )

    told = zhiku.reply_to_customer(COMPLAINT, lang="en", context=context)

    assert told.reply == REPLY
    assert not told.hand_over.needed
    assert "amount: 1299.50 EUR; items: kettle × 2" in world.llm.prompts[-1][-1].content
    with pytest.raises(ApiError) as caught:
        zhiku.reply_to_customer(" ")
    assert caught.value.code == "question_empty"


def test_the_example_bot_replies_and_hands_over(zhiku: ZhikuClient, world: World, url: str) -> None:
    job = zhiku.upload("returns.md", RETURNS.encode())
    zhiku.wait_for_job(job.id, poll_seconds=0.02)

    result = subprocess.run(
        [sys.executable, str(BOT)],
        input=f"{COMPLAINT} SO-77\n\nI want to talk to a human.\n",
        env={
            **os.environ,
            "BOT_URL": url,
            "BOT_KEY": world.key(),
            "PYTHONPATH": str(BOT.parents[1]),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    first, source, second, desk = result.stdout.splitlines()
    assert first == REPLY
    assert source == "  [1] Returns"
    assert second.startswith("Thank you for your message.")
    assert desk.startswith("  [desk] asked_for_person: The customer asked for a person")
    assert "SO-77; state: delivered on 2025-06-01" in world.llm.prompts[0][-1].content
