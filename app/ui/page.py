"""The page: its sidebar, and the part that was chosen."""

from pathlib import Path

import streamlit as st

from app.api.requests import FiltersIn
from app.ui.chat import draw_chat
from app.ui.filters import draw_filters
from app.ui.library import draw_library
from app.ui.session import (
    Connect,
    Session,
    chosen_language,
    forget_key,
    language_switch,
    open_session,
)
from app.ui.texts import TEXTS

_FOLDER = Path(__file__).parent / "theme"
_VIEW = "view"
_CHAT, _DOCUMENTS = "chat", "documents"
_ICONS = {_CHAT: ":material/forum:", _DOCUMENTS: ":material/library_books:"}


def draw_page(connect: Connect, *, shared_key: str | None) -> None:
    """Draw everything, for whoever has the key.

    Parameters
    ----------
    connect
        Makes the client of the REST API.
    shared_key
        The key for everyone who can open the page; None: each user enters one.
    """
    lang = chosen_language()
    texts = TEXTS[lang]
    st.set_page_config(
        page_title=texts.product, page_icon=str(_FOLDER / "icon.svg"), layout="centered"
    )
    st.logo(str(_FOLDER / f"logo-{lang}.svg"), size="large")
    with st.sidebar:
        navigation = st.container(gap="xsmall")
        st.space("small")
        foot = st.container(gap="xsmall")
        with foot:
            language_switch(texts, lang)
    session = open_session(connect, shared_key=shared_key, lang=lang)
    if session is None:
        return
    st.session_state.setdefault(_VIEW, _CHAT)
    with navigation:
        _draw_navigation(session)
        filters = draw_filters(session)
    if shared_key is None:
        foot.button(
            texts.forget_key,
            key="forget-key",
            icon=":material/logout:",
            type="tertiary",
            on_click=forget_key,
            args=(session,),
        )
    _draw_view(session, filters)


def _draw_view(session: Session, filters: FiltersIn) -> None:
    """Draw the chosen part; the other's place is cleared before, as a running turn takes long."""
    library, conversation = st.empty(), st.empty()
    chosen = st.session_state[_VIEW]
    submitted = st.chat_input(
        session.texts.add_or_ask if chosen == _DOCUMENTS else session.texts.ask,
        key="question",
        accept_file="multiple",
        submit_mode="disable",
        on_submit=_show_chat,
    )
    if chosen == _DOCUMENTS:
        with library.container():
            draw_library(session)
    else:
        with conversation.container():
            draw_chat(session, submitted, filters)


def _show_chat() -> None:
    st.session_state[_VIEW] = _CHAT


def _draw_navigation(session: Session) -> None:
    texts = session.texts
    labels = {_CHAT: texts.chat, _DOCUMENTS: texts.documents}
    st.segmented_control(
        texts.view,
        list(labels),
        format_func=lambda view: f"{_ICONS[view]} {labels[view]}",
        key=_VIEW,
        required=True,
        label_visibility="collapsed",
        width="stretch",
    )
    st.button(
        texts.new_conversation,
        key="new-conversation",
        icon=":material/edit_square:",
        width="stretch",
        on_click=_begin_anew,
        args=(session,),
    )


def _begin_anew(session: Session) -> None:
    session.conversation.stop()
    session.conversation.turns.clear()
    _show_chat()
