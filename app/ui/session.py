"""What one browser tab keeps: its language, its key, its conversation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast, get_args

import streamlit as st

from app.client import ApiError, ZhikuClient
from app.messages import Lang
from app.ui.conversation import Conversation
from app.ui.markup import escape
from app.ui.texts import TEXTS, Texts

Connect = Callable[[str, Lang], ZhikuClient]
"""Makes a client from a key and the language of its error messages."""

ADDRESS = "conversation"
"""The parameter of the page's address that names the open conversation."""

_LANGUAGES: tuple[Lang, ...] = get_args(Lang)
_LANGUAGE = "lang"
_KEY = "api_key"
_CLIENTS = "clients"
_CONVERSATION = "conversation"


@dataclass(frozen=True, slots=True)
class Session:
    """What the parts of the page need to know of the tab that they are drawn for."""

    lang: Lang
    texts: Texts
    client: ZhikuClient
    conversation: Conversation


def chosen_language() -> Lang:
    """Return the language: chosen in this tab, else named in the address, else the browser's."""
    asked = st.session_state.get(_LANGUAGE) or st.query_params.get(_LANGUAGE)
    if asked in _LANGUAGES:
        return cast("Lang", asked)
    return "zh" if (st.context.locale or "").lower().startswith("zh") else "en"


def language_switch(texts: Texts, lang: Lang) -> None:
    """Draw the choice of language; it also goes into the address, to be kept by a bookmark."""
    st.session_state.setdefault(_LANGUAGE, lang)
    st.segmented_control(
        texts.language,
        _LANGUAGES,
        format_func=lambda code: TEXTS[code].language_name,
        key=_LANGUAGE,
        required=True,
        label_visibility="collapsed",
        width="stretch",
    )
    st.query_params[_LANGUAGE] = lang


def open_session(connect: Connect, *, shared_key: str | None, lang: Lang) -> Session | None:
    """Return the tab's session; without a key, draw the form that asks for one and return None."""
    texts = TEXTS[lang]
    key = shared_key or st.session_state.get(_KEY)
    if key is None:
        key = _ask_for_key(connect, texts, lang)
    if key is None:
        return None
    clients: dict[Lang, ZhikuClient] = st.session_state.setdefault(_CLIENTS, {})
    if lang not in clients:
        clients[lang] = connect(key, lang)
    conversation = st.session_state.setdefault(_CONVERSATION, Conversation())
    return Session(lang, texts, clients[lang], conversation)


def forget_key(session: Session) -> None:
    """Forget key and conversation of this tab."""
    session.conversation.stop()
    for client in st.session_state.pop(_CLIENTS, {}).values():
        client.close()
    for name in (_KEY, _CONVERSATION):
        st.session_state.pop(name, None)
    st.query_params.pop(ADDRESS, None)


def error_line(error: ApiError, texts: Texts) -> str:
    """Return the line to show; what the API says of keys is meant for programs."""
    return texts.key_refused if error.code == "not_authenticated" else str(error)


def _ask_for_key(connect: Connect, texts: Texts, lang: Lang) -> str | None:
    _, middle, _ = st.columns([1, 3, 1])
    with middle, st.form("key-form", border=True):
        st.subheader(texts.key_title, anchor=False)
        st.caption(texts.key_explained)
        entered = st.text_input(texts.key_label, type="password", placeholder="zk_…").strip()
        if not st.form_submit_button(texts.key_enter, type="primary", width="stretch"):
            return None
        refused = _refusal(connect, entered, texts, lang)
        if refused:
            st.error(escape(refused), icon=":material/key_off:")
            return None
    st.session_state[_KEY] = entered
    st.rerun()


def _refusal(connect: Connect, key: str, texts: Texts, lang: Lang) -> str:
    """Return why a key cannot be used; empty if it can."""
    if not key:
        return texts.key_refused
    try:
        with connect(key, lang) as client:
            client.documents(limit=1)
    except ApiError as error:
        return error_line(error, texts)
    return ""
