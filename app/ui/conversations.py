"""The conversations that the server keeps: the list in the sidebar."""

from uuid import UUID

import streamlit as st

from app.api.conversation_schemas import MAX_WORDS, ConversationOut
from app.client import ApiError
from app.ui.conversation_texts import CONVERSATION_TEXTS
from app.ui.keeping import draw_actions, draw_outcome_of_action
from app.ui.labels import shortened
from app.ui.markup import escape
from app.ui.opening import open_conversation
from app.ui.session import Session, error_line

VIEW, CHAT = "view", "chat"
"""Where the page keeps which part of it is chosen, and the part that conversations are in."""

_WORDS = "conversation-words"
_SHOWN = "conversations-shown"
_PAGE = 10
_MOST = 190
_TITLE_COLUMNS = 30


def draw_conversations(session: Session, *, listed: bool) -> None:
    """Draw the list and what can be done with the open conversation.

    Parameters
    ----------
    listed
        Whether others than the open one are shown.
    """
    texts = CONVERSATION_TEXTS[session.lang]
    draw_outcome_of_action()
    if not listed:
        _draw_open(session)
        if session.conversation.id is not None:
            st.caption(texts.shared)
        return
    words = st.text_input(
        texts.search,
        key=_WORDS,
        placeholder=texts.search,
        icon=":material/search:",
        label_visibility="collapsed",
        max_chars=MAX_WORDS,
    ).strip()
    shown = st.session_state.setdefault(_SHOWN, _PAGE)
    try:
        found = session.client.conversations(limit=shown + 1, words=words)
    except ApiError as error:
        _draw_open(session)
        reason = error_line(error, session.texts)
        st.caption(f":material/error: {escape(texts.not_listed.format(reason=reason))}")
        return
    _draw_list(found[:shown], session, words=words)
    if shown < len(found) and shown < _MOST:
        st.button(session.texts.show_more, key="more-conversations", on_click=_show_more)


def _show_more() -> None:
    st.session_state[_SHOWN] += _PAGE


def _draw_list(found: tuple[ConversationOut, ...], session: Session, *, words: str) -> None:
    # One without a title has no turn: its first question failed, or is being answered.
    titled = [each for each in found if each.title]
    conversation = session.conversation
    # A quick answer may be kept, and listed, before the page knows where.
    conversation.catch_up()
    if conversation.id not in {each.id for each in titled}:
        _draw_open(session)
    for each in titled:
        if each.id == conversation.id:
            conversation.title = each.title
            _draw_open(session)
        else:
            _draw_other(each, session)
    if words and not titled:
        st.caption(CONVERSATION_TEXTS[session.lang].none_found)


def _draw_open(session: Session) -> None:
    conversation = session.conversation
    title = conversation.shown_title
    if conversation.id is None and not title:
        return
    with st.container(border=True, gap="xsmall"):
        st.markdown(f":primary[:material/chat_bubble:] **{escape(shortened(title, 60))}**")
        draw_actions(session)


def _draw_other(found: ConversationOut, session: Session) -> None:
    st.button(
        escape(shortened(found.title, _TITLE_COLUMNS)),
        key=f"open-{found.id}",
        help=escape(found.title),
        icon=":material/chat_bubble_outline:",
        type="tertiary",
        on_click=_open,
        args=(found.id, session),
    )


def _open(conversation_id: UUID, session: Session) -> None:
    st.session_state[VIEW] = CHAT
    open_conversation(session, conversation_id)
