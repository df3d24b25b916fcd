"""The whole page without a browser, on a scripted client."""

from typing import Any

from streamlit.testing.v1 import AppTest

from app.client import ZhikuClient
from app.messages import Lang
from tests.app.ui_scripted import GOOD_KEY, ScriptedClient, refused


def _script(connect: "Any", shared_key: str | None, shared_conversations: bool) -> None:
    from app.ui.page import draw_page

    draw_page(connect, shared_key=shared_key, shared_conversations=shared_conversations)


def open_page(
    client: ScriptedClient,
    *,
    shared_key: str | None = GOOD_KEY,
    shared_conversations: bool = True,
    lang: Lang = "en",
    address: str = "",
) -> AppTest:
    """Open the page; `address` names a conversation."""

    def connect(key: str, lang: Lang) -> ZhikuClient:
        if key != GOOD_KEY:
            client.listed = refused("not_authenticated", lang=lang)
        return client

    arguments = {
        "connect": connect,
        "shared_key": shared_key,
        "shared_conversations": shared_conversations,
    }
    page = AppTest.from_function(_script, kwargs=arguments, default_timeout=30)
    page.query_params["lang"] = lang
    if address:
        page.query_params["conversation"] = address
    return page.run()


def shown(page: AppTest) -> str:
    """Return all Markdown of the page, one element a line."""
    return "\n".join(element.value for element in (*page.markdown, *page.caption))


def labels(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def ask(page: AppTest, question: str) -> AppTest:
    page = page.chat_input[0].set_value(question).run()
    assert not page.exception
    return page
