"""What was asked and answered before: as the server keeps it, and as far as it may be seen now."""

import streamlit as st

from app.api.conversation_schemas import ExchangeOut
from app.ui.conversation_texts import CONVERSATION_TEXTS
from app.ui.markup import escape
from app.ui.messages import draw_question, reply_places
from app.ui.opening import load, load_earlier
from app.ui.outcome import (
    draw_checked,
    draw_contradiction,
    draw_refusal_card,
    draw_support_explained,
)
from app.ui.session import Session


def draw_problem(session: Session) -> None:
    """Draw why the turns that the server keeps are not shown, if they are not."""
    place = st.empty()
    if not session.conversation.problem:
        return
    with place.container():
        st.error(escape(session.conversation.problem), icon=":material/error:")
        if session.conversation.id is None:
            return
        st.button(
            CONVERSATION_TEXTS[session.lang].try_again,
            key="load-again",
            icon=":material/refresh:",
            on_click=load,
            args=(session,),
        )


def draw_earlier(session: Session) -> None:
    """Draw the turns that the server keeps."""
    conversation, texts = session.conversation, CONVERSATION_TEXTS[session.lang]
    head = st.empty()
    if conversation.before:
        head.button(
            texts.show_earlier.format(count=conversation.before),
            key="show-earlier",
            icon=":material/history:",
            on_click=load_earlier,
            args=(session,),
        )
    elif conversation.id and not conversation.problem and not conversation.first_question:
        head.info(texts.unfinished, icon=":material/hourglass_empty:")
    for exchange in conversation.earlier:
        draw_question(exchange.question)
        _, reply = reply_places()
        with reply:
            _draw_reply(exchange, session)


def _draw_reply(exchange: ExchangeOut, session: Session) -> None:
    texts = session.texts
    if exchange.withheld:
        st.info(CONVERSATION_TEXTS[session.lang].withheld, icon=":material/lock:")
        return
    if exchange.understood != exchange.question:
        line = escape(texts.understood.format(question=exchange.understood))
        st.caption(f":material/forum: {line}")
    if exchange.refusal:
        draw_refusal_card(exchange.answer, texts)
        return
    draw_checked(
        exchange.answer,
        exchange.sentences,
        exchange.citations,
        session,
        name=f"kept-{exchange.ordinal}",
    )
    for other in exchange.contradictions:
        draw_contradiction(other.title, other.quote, texts, is_in_force=other.is_in_force)
    if exchange.sentences:
        draw_support_explained(texts)
