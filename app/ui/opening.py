"""Opening conversations that the server keeps; the page's address names the one that is open."""

from uuid import UUID

import streamlit as st

from app.client import ApiError
from app.ui.conversation_texts import CONVERSATION_TEXTS
from app.ui.session import ADDRESS, Session, error_line

UNKNOWN = "conversation_unknown"
SHOWN_TURNS = 20
"""How many turns are drawn at first: a long conversation would make every click slow."""


def follow_address(session: Session) -> None:
    """Open the conversation that the address names, unless it is open.

    Where the address names none and did not before, the browser is only late.
    """
    conversation = session.conversation
    named = st.query_params.get(ADDRESS)
    if named == conversation.address:
        conversation.addressed = named
    elif named is not None:
        _open_named(session, named)
    elif conversation.addressed is not None:
        begin_anew(session)
    else:
        write_address(session)


def write_address(session: Session) -> None:
    """Let the address name the conversation that is open."""
    address = session.conversation.address
    if address is None:
        st.query_params.pop(ADDRESS, None)
    elif st.query_params.get(ADDRESS) != address:
        st.query_params[ADDRESS] = address


def begin_anew(session: Session) -> None:
    """Show a new conversation."""
    session.conversation.leave()
    session.conversation.addressed = None
    write_address(session)


def open_conversation(session: Session, conversation_id: UUID) -> None:
    """Show a conversation, or say why it cannot be shown."""
    session.conversation.open(conversation_id)
    session.conversation.addressed = session.conversation.address
    write_address(session)
    load(session)


def load(session: Session) -> None:
    """Read the last turns of the open conversation from the server."""
    conversation = session.conversation
    if conversation.id is None:
        return
    texts = CONVERSATION_TEXTS[session.lang]
    try:
        found = session.client.conversation(conversation.id, limit=SHOWN_TURNS)
        if found.turns > SHOWN_TURNS:
            offset = found.turns - SHOWN_TURNS
            found = session.client.conversation(conversation.id, limit=SHOWN_TURNS, offset=offset)
    except ApiError as error:
        if error.code == UNKNOWN:
            _tell_gone(session)
        else:
            reason = error_line(error, session.texts)
            conversation.problem = texts.not_opened.format(reason=reason)
        return
    conversation.take(found)


def load_earlier(session: Session) -> None:
    """Read some more turns, before those that are shown."""
    conversation = session.conversation
    if conversation.id is None:
        return
    limit = min(SHOWN_TURNS, conversation.before)
    offset = conversation.before - limit
    try:
        found = session.client.conversation(conversation.id, limit=limit, offset=offset)
    except ApiError as error:
        reason = error_line(error, session.texts)
        texts = CONVERSATION_TEXTS[session.lang]
        conversation.problem = texts.not_opened.format(reason=reason)
        return
    conversation.earlier = (*found.exchanges, *conversation.earlier)
    conversation.before = offset


def _open_named(session: Session, named: str) -> None:
    try:
        conversation_id = UUID(named)
    except ValueError:
        _tell_gone(session)
        return
    open_conversation(session, conversation_id)


def _tell_gone(session: Session) -> None:
    begin_anew(session)
    session.conversation.problem = CONVERSATION_TEXTS[session.lang].gone
