from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.api.requests import FiltersIn
from app.api.schemas import AskedOut, PeriodOut, UnderstoodOut
from app.messages import Lang
from app.ui.markup import escape
from app.ui.texts import EN, ZH
from retrieval.understanding.rewriting import RewrittenBy
from stores.records import DocType
from tests.app.ui_page import ask, labels, open_page, shown
from tests.app.ui_scripted import (
    ANSWER,
    GOOD_KEY,
    LIMIT,
    PAGE,
    REFUSAL,
    ScriptedClient,
    answer,
    document,
    duplicate,
    evidence,
    job,
    refused,
)

HOSTILE = (
    "![x](https://evil.example/a.png) [click](javascript:alert(1)) "
    "<img src=x onerror=alert(1)> https://evil.example/p :red[r]"
)


Start = Callable[..., AppTest]


@pytest.fixture
def client() -> ScriptedClient:
    return ScriptedClient()


@pytest.fixture
def start(client: ScriptedClient) -> Start:
    return partial(open_page, client)


@pytest.mark.parametrize(("lang", "texts"), [("en", EN), ("zh", ZH)])
def test_an_empty_conversation_says_what_can_be_done(start: Start, lang: Lang, texts: Any) -> None:
    page = start(lang=lang)
    assert texts.greeting in shown(page)
    assert texts.hint_file in shown(page)
    assert "Travel policy" in shown(page)
    assert page.chat_input[0].placeholder == texts.ask


def test_an_empty_library_asks_for_documents(start: Start, client: ScriptedClient) -> None:
    client.listed = []
    assert EN.greeting_empty in shown(start())


def test_an_answer_has_chips_labels_and_all_evidence(start: Start) -> None:
    page = ask(start(), "What is the limit?")
    text = shown(page)
    assert (
        r"The limit is 600 yuan a night :primary-badge[1]\. :green[:material/check_circle:]" in text
    )
    assert "trip\\! :red-badge[no source]" in text
    assert EN.support_explained in text
    assert labels(page)[:2] == ["**1** Travel policy · p\\. 3", "**2** Claims"]
    assert page.expander[0].label == EN.all_evidence.format(count=2)
    assert "Relevance 93\\% · semantic 0\\.88" in text
    assert EN.greeting not in text
    assert EN.stop not in labels(page)


def test_an_answer_stays_when_the_page_is_drawn_again(start: Start) -> None:
    page = ask(start(), "What is the limit?")
    before = labels(page)
    page = page.run()
    assert labels(page) == before
    assert shown(page).count("The limit is 600") == 1
    assert len(page.chat_message) == 2


def test_a_question_goes_with_those_before_it_and_all_are_shown(
    start: Start, client: ScriptedClient
) -> None:
    page = ask(ask(start(), "first"), "second")
    assert client.asked == ["first", "second"]
    (kept,) = client.kept.values()
    assert client.told == [kept.id, kept.id]
    assert [each.question for each in kept.exchanges] == ["first", "second"]
    assert len(page.chat_message) == 4


@pytest.mark.parametrize(("failed", "line"), [(False, "understood"), (True, "understood_by_rules")])
def test_what_a_follow_up_was_taken_to_ask_is_shown(
    start: Start, client: ScriptedClient, failed: bool, line: str
) -> None:
    understood = UnderstoodOut(question="And *b*? (a)", by=RewrittenBy.RULES, model_failed=failed)
    client.answers["And *b*?"] = ANSWER.model_copy(update={"understood": understood})
    text = shown(ask(start(), "And *b*?"))
    assert escape(getattr(EN, line).format(question="And *b*? (a)")) in text


def test_a_source_opens_on_its_page_with_the_quote_coloured(start: Start) -> None:
    page = ask(start(), "What is the limit?")
    page = page.button(key="chip-1-1").click().run()
    assert not page.exception
    text = shown(page)
    assert "scan" not in text
    assert f":orange-background[{LIMIT.replace('.', chr(92) + '.')}]" in text
    assert ":primary-badge[p\\. 3] :gray[Travel › Accommodation]" in text
    assert f"> {LIMIT.replace('.', chr(92) + '.')}" in text
    assert "| Shanghai | 600 |" in text
    assert EN.quote_marked in text


def test_a_quote_of_a_scan_says_so(start: Start, client: ScriptedClient) -> None:
    heading, quoted, *others = PAGE
    client.page = (heading, quoted.model_copy(update={"recognised": 0.973}), *others)
    page = ask(start(), "What is the limit?")
    page = page.button(key="chip-1-1").click().run()
    assert "recognised in a scan \\(97\\% confidence" in shown(page)


def test_a_source_that_changed_says_so_and_marks_nothing(
    start: Start, client: ScriptedClient
) -> None:
    client.present = document("Travel policy", revision=2)
    page = ask(start(), "What is the limit?")
    page = page.button(key="chip-1-1").click().run()
    assert page.warning[0].value == EN.source_changed.replace(":", "\\:").replace(
        ",", "\\,"
    ).replace(".", "\\.")
    assert ":orange-background" not in shown(page)


def test_a_source_that_is_gone_says_so(start: Start, client: ScriptedClient) -> None:
    client.page = refused("document_unknown")
    page = ask(start(), "What is the limit?")
    page = page.button(key="chip-1-1").click().run()
    assert "was removed" in page.warning[0].value


def test_a_refusal_is_a_card_with_what_to_do_and_what_was_near(
    start: Start, client: ScriptedClient
) -> None:
    client.answers["Where is the moon base?"] = REFUSAL
    page = ask(start(), "Where is the moon base?")
    text = shown(page)
    assert EN.refused in text
    assert r"No document answers this question\." in text
    assert EN.nearby in text
    assert page.button(key="nearby-1-1").label == EN.open_source
    assert not page.main.expander


def test_a_refusal_with_nothing_near_says_so(start: Start, client: ScriptedClient) -> None:
    client.answers["moon"] = answer("No.", (), (), refusal=True)
    assert EN.nothing_nearby in shown(ask(start(), "moon"))


def test_foreign_text_reaches_the_page_escaped_only(start: Start, client: ScriptedClient) -> None:
    found = evidence(1, HOSTILE, title=HOSTILE, uri=HOSTILE, spans=((1, 0, 30),))
    client.answers["hostile"] = answer(HOSTILE + " [1]", ((HOSTILE, (1,)),), (found,))
    client.present = document("Travel policy")
    client.listed = [document(HOSTILE)]
    page = start()
    texts = [shown(page)]
    page = ask(page, "hostile")
    page = page.button(key="chip-1-1").click().run()
    texts += [shown(page), *labels(page)]
    for text in texts:
        assert "![" not in text
        assert "](" not in text
        assert "<img" not in text.replace("\\<img", "")
        assert ":red[" not in text.replace("\\:red", "")
        assert "https://evil.example/p" not in text.replace("`https://evil.example/p`", "")
    assert all(not element.allow_html for element in page.markdown)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_errors_are_one_line_in_the_chosen_language(
    start: Start, client: ScriptedClient, lang: Lang
) -> None:
    client.answers["x"] = refused("llm_unavailable", lang=lang)
    page = ask(start(lang=lang), "x")
    start_of_line = "语言模型暂不可用" if lang == "zh" else "The language model is away"
    assert page.error[0].value.startswith(start_of_line)
    assert "\n" not in page.error[0].value


def test_an_api_that_is_away_is_said_at_once(start: Start, client: ScriptedClient) -> None:
    client.listed = refused("api_unreachable", url="http://127.0.0.1:9")
    page = start()
    assert page.error[0].value.startswith("No Zhiku API answers at")
    assert not page.exception


def test_a_file_is_indexed_and_the_question_answered(start: Start, client: ScriptedClient) -> None:
    page = start()
    page.chat_input[0].upload("notes.md", b"# Notes")
    page = page.chat_input[0].set_value("What is the limit?").run()
    assert client.uploaded == {"notes.md": b"# Notes"}
    assert "check_circle:] notes\\.md was added" in shown(page)
    assert "The limit is 600" in shown(page)


def test_a_file_is_named_with_what_it_is_almost_the_same_as(
    start: Start, client: ScriptedClient
) -> None:
    others = (
        duplicate("Claims", 0.979),
        duplicate("Copy", 1.0, exact=True),
        duplicate("Wanted", 0.95, kept=True),
    )
    client.coming_jobs = [job("done").model_copy(update={"duplicates": others})]
    page = start()
    page.chat_input[0].upload("notes.md", b"# Notes")
    found = shown(page.chat_input[0].set_value("").run())
    assert r"notes\.md is almost the same as “Claims” \(97 \%\)" in found
    assert r"notes\.md is the same file as “Copy”" in found
    assert "Wanted" not in found


def test_a_file_without_a_question_invites_one(start: Start) -> None:
    page = start()
    page.chat_input[0].upload("notes.md", b"# Notes")
    page = page.chat_input[0].set_value("").run()
    assert EN.ask_about_file in shown(page)


def test_a_file_that_cannot_be_read_is_named_with_its_reason(
    start: Start, client: ScriptedClient
) -> None:
    client.coming_jobs = [job("failed", reason="it is encrypted")]
    page = start()
    page.chat_input[0].upload("notes.md", b"?")
    page = page.chat_input[0].set_value("What?").run()
    assert page.error[0].value == r"notes\.md was not added\: it is encrypted"
    assert client.asked == []


def test_a_file_that_is_set_aside_is_named_with_its_reason(
    start: Start, client: ScriptedClient
) -> None:
    client.coming_jobs = [job("quarantined", reason="it takes longer than 20 s")]
    page = start()
    page.chat_input[0].upload("notes.md", b"?")
    page = page.chat_input[0].set_value("What?").run()
    assert "was quarantined and not added" in page.error[0].value
    assert "it takes longer than 20 s" in page.error[0].value
    assert client.asked == []


def test_a_file_that_is_refused_at_once_is_an_error_line(
    start: Start, client: ScriptedClient
) -> None:
    client.refused_upload = refused("file_too_large", limit_megabytes=50)
    page = start()
    page.chat_input[0].upload("notes.md", b"?")
    page = page.chat_input[0].set_value("What?").run()
    assert page.error[0].value.startswith("The file is larger than 50 MB")


def test_the_language_can_be_changed_and_stands_in_the_address(start: Start) -> None:
    page = ask(start(), "What is the limit?")
    page.segmented_control(key="lang").set_value("zh").run()
    assert page.query_params["lang"] == "zh"
    assert ZH.new_conversation in labels(page)
    assert ":red-badge[无出处]" in shown(page)
    assert "The limit is 600" in shown(page)


def test_an_unknown_language_in_the_address_is_passed_over(start: Start) -> None:
    page = start(lang="fr")
    assert EN.greeting in shown(page)


def test_only_what_a_document_has_can_be_filtered_by(start: Start, client: ScriptedClient) -> None:
    page = start()
    assert page.multiselect(key="filter-types").options == ["Policies"]
    assert page.multiselect(key="filter-tags").options == ["travel"]
    assert page.multiselect(key="filter-langs").options == ["English"]
    assert page.multiselect(key="filter-ids").options == ["Travel policy"]
    client.listed = []
    assert start(lang="zh").multiselect(key="filter-types").options == []


def test_a_question_goes_to_the_chosen_documents_and_says_so(
    start: Start, client: ScriptedClient
) -> None:
    page = start()
    page = page.multiselect(key="filter-types").set_value([DocType.POLICY]).run()
    page = page.date_input(key="filter-from").set_value(date(2025, 1, 1)).run()
    page = ask(page, "What is the limit?")
    assert client.asking == [
        {"filters": FiltersIn(types=(DocType.POLICY,), published_from=date(2025, 1, 1))}
    ]
    assert "Searching only\\: Policies · Dated from 2025\\-01\\-01" in shown(page)


def test_a_period_cannot_end_before_it_begins(start: Start, client: ScriptedClient) -> None:
    page = start()
    page = page.date_input(key="filter-to").set_value(date(2024, 6, 30)).run()
    page = page.date_input(key="filter-from").set_value(date(2025, 1, 1)).run()
    assert page.date_input(key="filter-to").value is None
    page = ask(page, "What is the limit?")
    assert client.asking == [{"filters": FiltersIn(published_from=date(2025, 1, 1))}]


def test_what_was_chosen_and_is_gone_is_chosen_no_more(
    start: Start, client: ScriptedClient
) -> None:
    page = start()
    page = page.multiselect(key="filter-tags").set_value(["travel"]).run()
    client.listed = []
    page.session_state["conversation"].listed_at = float("-inf")
    page = ask(page.run(), "What is the limit?")
    assert client.asking == [{"filters": FiltersIn()}]


def test_a_document_that_is_not_among_the_newest_is_found_by_its_title(
    start: Start, client: ScriptedClient
) -> None:
    old = document("Parking rules")
    client.listed = [*(document(f"Minutes {number}") for number in range(200)), old]
    page = start()
    assert old.title not in page.multiselect(key="filter-ids").options
    page = page.text_input(key="filter-title").set_value(" parking ").run()
    assert page.multiselect(key="filter-ids").options[-1] == old.title
    page = page.multiselect(key="filter-ids").set_value([str(old.id)]).run()
    page = page.text_input(key="filter-title").set_value("").run()
    assert page.multiselect(key="filter-ids").value == [str(old.id)]
    page = ask(page, "Where may I park?")
    assert client.asking == [{"filters": FiltersIn(documents=(old.id,))}]
    client.listed = client.listed[:200]
    page.session_state["conversation"].listed_at = float("-inf")
    assert page.run().multiselect(key="filter-ids").value == []


def test_days_read_in_a_question_are_told_and_can_be_undone(
    start: Start, client: ScriptedClient
) -> None:
    day = date(2025, 9, 1)
    asked = AskedOut(
        day=day,
        periods=(PeriodOut(first=day, last=day),),
        earlier=False,
        later=False,
        words=("2024",),
    )
    client.answers["The limit in 2024?"] = ANSWER.model_copy(update={"asked": asked})
    page = ask(start(), "The limit in 2024?")
    assert "“2024” in the question was read as a date" in shown(page)
    client.answers.clear()
    page = page.button(key="ask-again-1").click().run()
    assert client.asked == ["The limit in 2024?"] * 2
    assert client.asking[1] == {"filters": FiltersIn(), "interpret": False}
    assert shown(page).count("was read as a date") == 1


def test_a_new_conversation_is_empty(start: Start) -> None:
    page = ask(start(), "What is the limit?")
    page = page.button(key="new-conversation").click().run()
    assert EN.greeting in shown(page)
    assert not page.chat_message


def test_without_a_shared_key_each_user_enters_one(start: Start) -> None:
    page = start(shared_key=None)
    assert page.subheader[0].value == EN.key_title
    assert not page.chat_input
    page.text_input[0].set_value(GOOD_KEY)
    page = page.button[0].click().run()
    assert EN.greeting in shown(page)
    page = page.button(key="forget-key").click().run()
    assert page.subheader[0].value == EN.key_title


@pytest.mark.parametrize("entered", ["", "zk_wrong"])
def test_a_wrong_key_is_refused_with_what_to_do(start: Start, entered: str) -> None:
    page = start(shared_key=None)
    page.text_input[0].set_value(entered)
    page = page.button[0].click().run()
    assert page.error[0].value.startswith("This key is unknown")
    assert not page.chat_input


def test_the_library_lists_documents_and_deletes_after_a_question(
    start: Start, client: ScriptedClient
) -> None:
    client.listed = [document("Travel policy"), document("Claims")]
    page = start()
    page = page.segmented_control(key="view").set_value("documents").run()
    assert "**Travel policy**" in shown(page)
    page = page.button(key=f"delete-{document('Claims').id}").click().run()
    assert "“Claims” and all of its content" in shown(page)
    assert len(client.listed) == 2
    page = page.button(key="confirm-delete").click().run()
    assert [kept.title for kept in client.listed] == ["Travel policy"]
    assert "**Claims**" not in shown(page)
    assert page.toast[0].value == "Claims was deleted"


def test_a_key_that_may_not_delete_is_told_so(start: Start, client: ScriptedClient) -> None:
    client.refused_delete = refused("not_permitted", scope="write")
    page = start().segmented_control(key="view").set_value("documents").run()
    page = page.button(key=f"delete-{document('Travel policy').id}").click().run()
    page = page.button(key="confirm-delete").click().run()
    assert page.error[0].value.startswith("This key may not do this")
    assert "**Travel policy**" in shown(page)


def test_a_long_library_is_shown_piece_by_piece(start: Start, client: ScriptedClient) -> None:
    client.listed = [document(f"Document {number}") for number in range(60)]
    page = start().segmented_control(key="view").set_value("documents").run()
    assert shown(page).count("**Document") == 25
    page = page.button(key="more").click().run()
    assert shown(page).count("**Document") == 50
    page = page.button(key="more").click().run()
    assert shown(page).count("**Document") == 60
    assert EN.show_more not in labels(page)


def test_a_question_from_the_library_is_answered_in_the_chat(start: Start) -> None:
    page = start().segmented_control(key="view").set_value("documents").run()
    page = ask(page, "What is the limit?")
    assert page.segmented_control(key="view").value == "chat"
    assert ANSWER.sentences[0].text.split(".")[0] in shown(page)
