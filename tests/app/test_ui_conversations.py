"""Conversations in the chat: kept, found, opened again, renamed, exported, deleted."""

from typing import get_args

import pytest
from streamlit.testing.v1 import AppTest

from app.api.conversation_schemas import ContradictionOut
from app.messages import Lang
from app.ui.conversation_texts import CONVERSATION_TEXTS, EN
from app.ui.markup import escape
from app.ui.opening import SHOWN_TURNS
from app.ui.texts import EN as PAGE
from app.ui.texts import TEXTS
from tests.app.ui_page import ask, labels, open_page, shown
from tests.app.ui_scripted import (
    ANSWER,
    LIMIT,
    REFUSAL,
    ScriptedClient,
    conversation,
    document,
    exchange,
    identifier,
    refused,
    withheld,
)

LEAVE, PARKING = identifier("leave"), identifier("parking")
LANGS = get_args(Lang)


@pytest.fixture
def client() -> ScriptedClient:
    client = ScriptedClient()
    for kept in (
        conversation("leave", exchange("How much leave?"), exchange("And managers?", ordinal=2)),
        conversation("parking", exchange("Where may I park?")),
    ):
        client.kept[kept.id] = kept
    return client


def listed(page: AppTest) -> list[str]:
    return [each.label for each in page.sidebar.button if (each.key or "").startswith("open-")]


def opened(client: ScriptedClient, lang: Lang = "en") -> AppTest:
    page = open_page(client, lang=lang).button(key=f"open-{LEAVE}").click().run()
    assert not page.exception
    return page


class TestOpening:
    def test_they_are_listed_newest_first_and_one_without_a_turn_is_not(
        self, client: ScriptedClient
    ) -> None:
        client.begin_conversation()
        assert listed(open_page(client)) == [r"Where may I park\?", r"How much leave\?"]

    def test_one_is_opened_with_all_its_turns_and_stands_in_the_address(
        self, client: ScriptedClient
    ) -> None:
        page = opened(client)
        assert len(page.chat_message) == 4
        text = shown(page)
        assert r"How much leave\?" in text
        assert text.count(r"The limit is 600 yuan a night :primary-badge[1]\.") == 2
        assert ":red-badge[no source]" in text
        assert PAGE.support_explained in text
        assert PAGE.greeting not in text
        assert page.query_params["conversation"] == str(LEAVE)
        assert listed(page) == [r"Where may I park\?"]

    def test_a_source_of_an_earlier_answer_opens(self, client: ScriptedClient) -> None:
        page = opened(client).button(key="kept-2-1").click().run()
        assert f":orange-background[{escape(LIMIT)}]" in shown(page)

    def test_a_source_whose_document_was_replaced_opens_and_says_so(
        self, client: ScriptedClient
    ) -> None:
        gone = ANSWER.citations[0].model_copy(
            update={"revision": None, "quote": "", "spans": (), "pages": (), "highlight": ""}
        )
        kept = exchange("How much?").model_copy(update={"citations": (gone,)})
        client.kept[LEAVE] = conversation("leave", kept)
        client.present = document("Travel policy", revision=2)
        page = opened(client).button(key="kept-1-1").click().run()
        assert not page.exception
        assert page.warning[0].value == escape(PAGE.source_changed)

    def test_a_follow_up_goes_on_with_it(self, client: ScriptedClient) -> None:
        page = ask(opened(client), "And interns?")
        assert client.told == [LEAVE]
        assert len(page.chat_message) == 6
        assert [each.question for each in client.kept[LEAVE].exchanges][-1] == "And interns?"

    @pytest.mark.parametrize("lang", LANGS)
    def test_what_is_withheld_says_so(self, client: ScriptedClient, lang: Lang) -> None:
        client.kept[LEAVE] = conversation("leave", withheld("How much leave?"))
        page = opened(client, lang)
        assert [each.value for each in page.info] == [CONVERSATION_TEXTS[lang].withheld]
        assert "600 yuan" not in shown(page)

    def test_refusals_rewording_and_contradictions_are_shown_again(
        self, client: ScriptedClient
    ) -> None:
        other = ContradictionOut(
            document_id=LEAVE, title="Old policy", quote="500 yuan", is_in_force=True
        )
        reworded = {"understood": "And managers? (leave)", "contradictions": (other,)}
        client.kept[LEAVE] = conversation(
            "leave",
            exchange("Moon?", REFUSAL),
            exchange("And managers?", ordinal=2).model_copy(update=reworded),
        )
        page = opened(client)
        text = shown(page)
        assert PAGE.refused in text
        assert escape(PAGE.understood.format(question="And managers? (leave)")) in text
        assert "Old policy" in page.warning[0].value

    def test_a_long_one_is_shown_from_its_end_and_more_on_demand(
        self, client: ScriptedClient
    ) -> None:
        turns = [exchange(f"q{n}.", ordinal=n) for n in range(1, 2 * SHOWN_TURNS + 6)]
        client.kept[LEAVE] = conversation("leave", *turns)
        page = opened(client)
        assert len(page.chat_message) == 2 * SHOWN_TURNS
        assert r"q26\." in shown(page)
        assert r"q25\." not in shown(page)
        assert page.button(key="show-earlier").label == EN.show_earlier.format(count=25)
        page = page.button(key="show-earlier").click().run()
        assert page.button(key="show-earlier").label == EN.show_earlier.format(count=5)
        page = page.button(key="show-earlier").click().run()
        assert len(page.chat_message) == 2 * len(turns)
        assert "show-earlier" not in {each.key for each in page.button}

    def test_the_library_gives_way_to_a_conversation_that_is_opened(
        self, client: ScriptedClient
    ) -> None:
        page = open_page(client).segmented_control(key="view").set_value("documents").run()
        page = page.button(key=f"open-{LEAVE}").click().run()
        assert page.segmented_control(key="view").value == "chat"
        assert len(page.chat_message) == 4


class TestTheAddress:
    def test_a_first_question_puts_its_conversation_there(self, client: ScriptedClient) -> None:
        page = ask(open_page(client), "What is the limit?")
        (begun,) = client.kept.keys() - {LEAVE, PARKING}
        assert page.query_params["conversation"] == str(begun)
        assert client.kept[begun].title == "What is the limit?"

    def test_a_reload_shows_the_same_conversation(self, client: ScriptedClient) -> None:
        page = ask(open_page(client), "What is the limit?")
        again = open_page(client, address=page.query_params["conversation"])
        assert len(again.chat_message) == 2
        assert "The limit is 600" in shown(again)
        page = ask(again, "And in Beijing?")
        assert len(set(client.told)) == 1

    @pytest.mark.parametrize("lang", LANGS)
    @pytest.mark.parametrize("address", [str(identifier("nobody's")), "x", "../etc"])
    def test_one_that_is_gone_says_so_and_gives_a_new_one(
        self, client: ScriptedClient, lang: Lang, address: str
    ) -> None:
        page = open_page(client, address=address, lang=lang)
        assert [each.value for each in page.error] == [escape(CONVERSATION_TEXTS[lang].gone)]
        assert TEXTS[lang].greeting in shown(page)
        assert "conversation" not in page.query_params
        page = ask(page, "What is the limit?")
        assert client.told[0] in client.kept
        assert not page.error

    def test_a_failed_reload_says_so_and_loses_nothing(self, client: ScriptedClient) -> None:
        client.refused_conversations = refused("catalog_unavailable")
        page = open_page(client, address=str(LEAVE))
        assert page.error[0].value.startswith("The conversation cannot be shown")
        assert page.query_params["conversation"] == str(LEAVE)
        client.refused_conversations = None
        page = ask(page, "And interns?")
        assert client.told == [LEAVE]
        page = page.button(key="load-again").click().run()
        assert not page.error
        assert len(page.chat_message) == 6

    def test_going_back_in_the_browser_opens_what_was_open(self, client: ScriptedClient) -> None:
        page = opened(client)
        page.query_params["conversation"] = str(PARKING)
        assert r"Where may I park\?" in shown(page.run())
        del page.query_params["conversation"]
        assert PAGE.greeting in shown(page.run())

    def test_an_address_that_the_browser_has_not_yet_is_set_again(
        self, client: ScriptedClient
    ) -> None:
        page = ask(open_page(client), "What is the limit?")
        named = page.query_params["conversation"]
        del page.query_params["conversation"]
        page = page.run()
        assert page.query_params["conversation"] == named
        assert len(page.chat_message) == 2

    def test_a_new_conversation_leaves_it(self, client: ScriptedClient) -> None:
        page = opened(client).button(key="new-conversation").click().run()
        assert "conversation" not in page.query_params
        assert PAGE.greeting in shown(page)
        assert len(listed(page)) == 2

    def test_without_the_key_nothing_is_left_of_it(self, client: ScriptedClient) -> None:
        page = open_page(client, shared_key=None, address=str(LEAVE))
        page.text_input[0].set_value("zk_good")
        page = page.button[0].click().run()
        assert len(page.chat_message) == 4
        page = page.button(key="forget-key").click().run()
        assert "conversation" not in page.query_params
        assert not page.chat_message


class TestFinding:
    def test_words_narrow_the_list(self, client: ScriptedClient) -> None:
        page = open_page(client)
        page = page.text_input(key="conversation-words").set_value(" park ").run()
        assert listed(page) == [r"Where may I park\?"]
        page = page.text_input(key="conversation-words").set_value("canteen").run()
        assert listed(page) == []
        assert EN.none_found in shown(page)

    def test_a_long_list_is_shown_piece_by_piece(self, client: ScriptedClient) -> None:
        for number in range(14):
            kept = conversation(f"c{number}", exchange(f"Question {number}"))
            client.kept[kept.id] = kept
        page = open_page(client)
        assert len(listed(page)) == 10
        page = page.button(key="more-conversations").click().run()
        assert len(listed(page)) == 16
        assert "more-conversations" not in {each.key for each in page.button}

    def test_an_old_one_that_is_open_is_in_sight(self, client: ScriptedClient) -> None:
        page = opened(client)
        page = page.text_input(key="conversation-words").set_value("park").run()
        assert "rename" in {each.key for each in page.sidebar.button}
        assert r"**How much leave\?**" in shown(page)

    def test_a_list_that_fails_says_so_and_the_chat_goes_on(self, client: ScriptedClient) -> None:
        page = opened(client)
        client.refused_conversations = refused("catalog_unavailable")
        page = page.run()
        assert "Conversations cannot be listed" in shown(page)
        assert len(page.chat_message) == 4

    def test_with_a_shared_key_only_the_open_one_is_listed(self, client: ScriptedClient) -> None:
        page = open_page(client, shared_conversations=False)
        assert listed(page) == []
        assert EN.shared not in shown(page)
        page = ask(page, "What is the limit?").run()
        assert listed(page) == []
        assert r"**What is the limit\?**" in shown(page)
        assert EN.shared in shown(page)
        assert "delete" in {each.key for each in page.sidebar.button}

    def test_with_a_key_of_ones_own_all_are_listed(self, client: ScriptedClient) -> None:
        page = open_page(client, shared_key=None, shared_conversations=False)
        page.text_input[0].set_value("zk_good")
        assert len(listed(page.button[0].click().run())) == 2


class TestKeeping:
    def test_a_conversation_is_renamed(self, client: ScriptedClient) -> None:
        page = opened(client).button(key="rename").click().run()
        assert page.text_input(key="conversation-title").value == "How much leave?"
        page.text_input(key="conversation-title").set_value("  Holidays ")
        page = page.button(key="confirm-rename").click().run()
        assert not page.exception
        assert client.kept[LEAVE].title == "Holidays"
        assert "**Holidays**" in shown(page)

    @pytest.mark.parametrize("lang", LANGS)
    def test_a_rename_that_fails_says_so(self, client: ScriptedClient, lang: Lang) -> None:
        texts = CONVERSATION_TEXTS[lang]
        page = opened(client, lang).button(key="rename").click().run()
        page.text_input(key="conversation-title").set_value(" ")
        page = page.button(key="confirm-rename").click().run()
        assert page.sidebar.error[0].value == escape(texts.title_empty)
        page = page.button(key="rename").click().run()
        client.refused_conversations = refused("storage_full", lang=lang)
        page.text_input(key="conversation-title").set_value("Holidays")
        page = page.button(key="confirm-rename").click().run()
        start, _ = texts.not_renamed.format(title="How much leave?", reason="|").split("|")
        assert page.sidebar.error[0].value.startswith(escape(start))
        assert client.kept[LEAVE].title == "How much leave?"

    def test_a_conversation_is_deleted_after_a_question(self, client: ScriptedClient) -> None:
        page = opened(client).button(key="delete").click().run()
        assert "All questions and answers of “How much leave\\?”" in shown(page)
        assert LEAVE in client.kept
        page = page.button(key="confirm-erase").click().run()
        assert LEAVE not in client.kept
        assert page.toast[0].value == escape(EN.deleted.format(title="How much leave?"))
        assert "conversation" not in page.query_params
        assert PAGE.greeting in shown(page)
        assert listed(page) == [r"Where may I park\?"]

    @pytest.mark.parametrize("lang", LANGS)
    def test_a_delete_that_fails_says_so_and_loses_nothing(
        self, client: ScriptedClient, lang: Lang
    ) -> None:
        page = opened(client, lang).button(key="delete").click().run()
        client.refused_conversations = refused("catalog_unavailable", lang=lang)
        page = page.button(key="confirm-erase").click().run()
        text = CONVERSATION_TEXTS[lang].not_deleted
        start, _ = text.format(title="How much leave?", reason="|").split("|")
        assert page.sidebar.error[0].value.startswith(escape(start))
        assert LEAVE in client.kept
        assert len(page.chat_message) == 4
        assert page.query_params["conversation"] == str(LEAVE)

    def test_what_was_deleted_elsewhere_is_deleted(self, client: ScriptedClient) -> None:
        page = opened(client).button(key="delete").click().run()
        del client.kept[LEAVE]
        page = page.button(key="confirm-erase").click().run()
        assert not page.sidebar.error
        assert PAGE.greeting in shown(page)

    @pytest.mark.parametrize("lang", LANGS)
    def test_a_question_in_one_that_was_deleted_elsewhere_says_what_to_do(
        self, client: ScriptedClient, lang: Lang
    ) -> None:
        page = opened(client, lang)
        del client.kept[LEAVE]
        page = ask(page, "And interns?")
        assert page.error[0].value == escape(CONVERSATION_TEXTS[lang].gone_meanwhile)
        assert r"And interns\?" in shown(page)
        assert len(page.chat_message) == 6

    def test_an_export_offers_a_file_and_says_what_is_withheld(
        self, client: ScriptedClient
    ) -> None:
        kept = (exchange("How much leave?"), withheld("And managers?", ordinal=2))
        client.kept[LEAVE] = conversation("leave", *kept)
        page = opened(client).button(key="export").click().run()
        assert not page.exception
        assert escape(EN.export_explained.format(count=2)) in shown(page)
        assert escape(EN.export_withheld.format(count=1)) in shown(page)
        assert page.get("download_button")

    def test_an_export_that_fails_says_so(self, client: ScriptedClient) -> None:
        page = opened(client)
        client.refused_conversations = refused("catalog_unavailable")
        page = page.button(key="export").click().run()
        assert page.error[0].value.startswith("The conversation cannot be exported")
        assert not page.get("download_button")

    def test_a_title_reaches_the_page_escaped(self, client: ScriptedClient) -> None:
        title = "![x](https://evil.example/a.png) <img src=x> :red[r]"
        hostile = conversation("leave", exchange(title))
        client.kept[LEAVE] = client.kept[PARKING] = hostile
        client.kept[PARKING] = hostile.model_copy(update={"id": PARKING})
        page = opened(client)
        for text in (shown(page), *labels(page)):
            assert "![" not in text
            assert "](" not in text
            assert "<img" not in text.replace("\\<img", "")
