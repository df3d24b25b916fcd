"""The documents that a key may read: listing and deleting them."""

import streamlit as st

from app.api.schemas import DocumentOut
from app.client import ApiError
from app.ui.labels import file_icon, file_size
from app.ui.markup import escape
from app.ui.session import Session, error_line

_PAGE = 25
_SHOWN = "library-shown"
_DELETED = "library-deleted"


def draw_library(session: Session) -> None:
    """Draw what can be added, and the list."""
    texts = session.texts
    st.markdown(f"## {texts.documents}", anchors=False)
    st.caption(f"{texts.upload_explained}  \n{texts.upload_formats}")
    deleted = st.session_state.pop(_DELETED, None)
    if deleted is not None:
        st.toast(escape(texts.deleted.format(title=deleted)), icon=":material/delete:")
    _draw_documents(session)


def _draw_documents(session: Session) -> None:
    shown = st.session_state.setdefault(_SHOWN, _PAGE)
    try:
        documents = session.client.documents(limit=shown + 1)
    except ApiError as error:
        st.error(escape(error_line(error, session.texts)), icon=":material/error:")
        return
    if not documents:
        st.info(session.texts.library_empty, icon=":material/inbox:")
    for document in documents[:shown]:
        _draw_document(document, session)
    if len(documents) > shown and st.button(session.texts.show_more, key="more"):
        st.session_state[_SHOWN] += _PAGE
        st.rerun()


def _draw_document(document: DocumentOut, session: Session) -> None:
    texts = session.texts
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        facts = (
            file_size(document.size_bytes),
            f"{document.updated_at:%Y-%m-%d}",
            texts.revision.format(number=document.revision),
            ", ".join(document.groups),
        )
        st.markdown(
            f"{file_icon(document.uri)} **{escape(document.title)}**  \n"
            f":small[:gray[{escape(' · '.join(facts))}]]",
            width="stretch",
        )
        if st.button(
            "",
            key=f"delete-{document.id}",
            icon=":material/delete:",
            type="tertiary",
            help=texts.delete,
        ):
            st.dialog(texts.delete_question)(_confirm_delete)(document, session)


def _confirm_delete(document: DocumentOut, session: Session) -> None:
    texts = session.texts
    st.markdown(escape(texts.delete_explained.format(title=document.title)))
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(texts.cancel, key="cancel-delete"):
            st.rerun()
        confirmed = st.button(texts.delete_confirm, key="confirm-delete", type="primary")
    if not confirmed:
        return
    try:
        session.client.delete(document.id)
    except ApiError as error:
        st.error(escape(error_line(error, texts)), icon=":material/error:")
        return
    st.session_state[_DELETED] = document.title
    st.rerun()
