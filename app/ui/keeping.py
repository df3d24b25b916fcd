"""What can be done with the open conversation: rename, export, delete."""

from datetime import UTC, datetime
from typing import Final

import streamlit as st

from app.api.conversation_schemas import MAX_TITLE
from app.client import ApiError
from app.ui.conversation_texts import CONVERSATION_TEXTS
from app.ui.export import conversation_markdown, file_name, whole_conversation
from app.ui.markup import escape
from app.ui.opening import UNKNOWN, write_address
from app.ui.session import Session, error_line

_TITLE = "conversation-title"
_DONE, _REFUSED = "conversation-done", "conversation-refused"
_FIRST_PAGE: Final = 200


def draw_actions(session: Session) -> None:
    """Draw the buttons; before the first question arrived there is nothing to act on."""
    texts = CONVERSATION_TEXTS[session.lang]
    with st.container(horizontal=True, gap="xsmall"):
        if st.button(texts.rename, key="rename", type="tertiary"):
            st.session_state[_TITLE] = session.conversation.shown_title
            st.dialog(texts.rename_title, icon=":material/edit:")(_draw_rename)(session)
        if st.button(texts.export, key="export", type="tertiary"):
            st.dialog(texts.export_title, icon=":material/download:")(_draw_export)(session)
        if st.button(texts.delete, key="delete", type="tertiary"):
            st.dialog(texts.delete_question, icon=":material/delete:")(_draw_delete)(session)


def draw_outcome_of_action() -> None:
    """Tell what became of the last action."""
    done = st.session_state.pop(_DONE, None)
    if done is not None:
        st.toast(escape(done), icon=":material/check_circle:")
    refused = st.session_state.pop(_REFUSED, None)
    if refused is not None:
        st.error(escape(refused), icon=":material/error:")


def _draw_rename(session: Session) -> None:
    texts = CONVERSATION_TEXTS[session.lang]
    with st.form("rename-form", border=False):
        st.text_input(texts.title_label, key=_TITLE, max_chars=MAX_TITLE)
        saved = st.form_submit_button(
            texts.save, key="confirm-rename", type="primary", on_click=_rename, args=(session,)
        )
    if saved:
        st.rerun()


def _rename(session: Session) -> None:
    """Rename the conversation; the page tells the outcome when it is drawn next."""
    conversation, texts = session.conversation, CONVERSATION_TEXTS[session.lang]
    title = str(st.session_state[_TITLE]).strip()
    if conversation.id is None:
        return
    if not title:
        st.session_state[_REFUSED] = texts.title_empty
        return
    try:
        conversation.title = session.client.rename_conversation(conversation.id, title).title
    except ApiError as error:
        reason = _reason(error, session)
        line = texts.not_renamed.format(title=conversation.shown_title, reason=reason)
        st.session_state[_REFUSED] = line


def _draw_delete(session: Session) -> None:
    texts = CONVERSATION_TEXTS[session.lang]
    st.markdown(escape(texts.delete_explained.format(title=session.conversation.shown_title)))
    with st.container(horizontal=True, horizontal_alignment="right"):
        cancelled = st.button(session.texts.cancel, key="cancel-erase")
        confirmed = st.button(
            texts.delete_confirm,
            key="confirm-erase",
            type="primary",
            on_click=_erase,
            args=(session,),
        )
    if cancelled or confirmed:
        st.rerun()


def _erase(session: Session) -> None:
    """Erase the conversation; one that is gone already is erased, too."""
    conversation, texts = session.conversation, CONVERSATION_TEXTS[session.lang]
    if conversation.id is None:
        return
    title = conversation.shown_title
    try:
        session.client.erase_conversation(conversation.id)
    except ApiError as error:
        if error.code != UNKNOWN:
            reason = _reason(error, session)
            st.session_state[_REFUSED] = texts.not_deleted.format(title=title, reason=reason)
            return
    conversation.forget(conversation.id)
    conversation.addressed = None
    write_address(session)
    st.session_state[_DONE] = texts.deleted.format(title=title)


def _draw_export(session: Session) -> None:
    conversation, texts = session.conversation, CONVERSATION_TEXTS[session.lang]
    if conversation.id is None:
        st.info(texts.unfinished, icon=":material/hourglass_empty:")
        return
    try:
        first = session.client.conversation(conversation.id, limit=_FIRST_PAGE)
        found = whole_conversation(session.client, first)
    except ApiError as error:
        line = texts.not_exported.format(reason=_reason(error, session))
        st.error(escape(line), icon=":material/error:")
        return
    st.markdown(escape(texts.export_explained.format(count=len(found.exchanges))))
    withheld = sum(each.withheld for each in found.exchanges)
    if withheld:
        st.caption(f":material/lock: {escape(texts.export_withheld.format(count=withheld))}")
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    st.download_button(
        texts.export_save,
        conversation_markdown(found, lang=session.lang, day=day),
        file_name=file_name(found.title),
        mime="text/markdown",
        key="download",
        type="primary",
        icon=":material/download:",
        on_click="ignore",
    )


def _reason(error: ApiError, session: Session) -> str:
    if error.code == UNKNOWN:
        return CONVERSATION_TEXTS[session.lang].gone
    return error_line(error, session.texts)
