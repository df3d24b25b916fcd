"""The page: its sidebar, and the part that was chosen."""

from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.widgets.chat import ChatInputValue

from app.ui.asking import ask
from app.ui.chat import draw_chat
from app.ui.conversations import CHAT, VIEW, draw_conversations
from app.ui.filters import draw_filters
from app.ui.library import draw_library
from app.ui.opening import begin_anew, follow_address, write_address
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
_DOCUMENTS = "documents"
_ICONS = {CHAT: ":material/forum:", _DOCUMENTS: ":material/library_books:"}


def draw_page(connect: Connect, *, shared_key: str | None, shared_conversations: bool) -> None:
    """Draw everything, for whoever has the key.

    Parameters
    ----------
    connect
        Makes the client of the REST API.
    shared_key
        The key for everyone who can open the page; None: each user enters one.
    shared_conversations
        Whether those who share the key are shown the conversations of all of them.
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
    st.session_state.setdefault(VIEW, CHAT)
    places = st.empty(), st.empty()
    submitted = _draw_input(session)
    if submitted is None:
        follow_address(session)
    else:
        write_address(session)
    with navigation:
        _draw_navigation(session)
        filters = draw_filters(session)
        if submitted is not None:
            ask(session, submitted, filters)
        draw_conversations(session, listed=shared_key is None or shared_conversations)
    if shared_key is None:
        foot.button(
            texts.forget_key,
            key="forget-key",
            icon=":material/logout:",
            type="tertiary",
            on_click=forget_key,
            args=(session,),
        )
    _draw_view(session, *places)


def _draw_input(session: Session) -> ChatInputValue | None:
    """Draw the box for questions; return what was sent off with it."""
    documents = st.session_state[VIEW] == _DOCUMENTS
    return st.chat_input(
        session.texts.add_or_ask if documents else session.texts.ask,
        key="question",
        accept_file="multiple",
        submit_mode="disable",
        on_submit=_show_chat,
    )


def _draw_view(session: Session, library: DeltaGenerator, chat: DeltaGenerator) -> None:
    """Draw the chosen part; the other's place is cleared before, as a running turn takes long."""
    if st.session_state[VIEW] == _DOCUMENTS:
        with library.container():
            draw_library(session)
    else:
        with chat.container():
            draw_chat(session)


def _show_chat() -> None:
    st.session_state[VIEW] = CHAT


def _draw_navigation(session: Session) -> None:
    texts = session.texts
    labels = {CHAT: texts.chat, _DOCUMENTS: texts.documents}
    st.segmented_control(
        texts.view,
        list(labels),
        format_func=lambda view: f"{_ICONS[view]} {labels[view]}",
        key=VIEW,
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
    begin_anew(session)
    _show_chat()
