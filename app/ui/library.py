"""The documents that a key may read: listing and deleting them."""

from collections.abc import Iterator

import streamlit as st

from app.api.requests import MAX_LIMIT
from app.api.schemas import DocumentOut
from app.client import ApiError
from app.ui.filter_texts import FILTER_TEXTS, FilterTexts
from app.ui.labels import file_icon, file_size
from app.ui.markup import escape
from app.ui.session import Session, error_line
from app.ui.texts import Texts
from stores.records import DocType

_PAGE = 25
_SHOWN = "library-shown"
_DELETED = "library-deleted"
_REFUSED = "library-refused"


def draw_library(session: Session) -> None:
    """Draw what can be added, and the list."""
    texts = session.texts
    st.markdown(f"## {texts.documents}", anchors=False)
    st.caption(f"{texts.upload_explained}  \n{texts.upload_formats}")
    _draw_outcome_of_delete(texts)
    _draw_documents(session)


def _draw_outcome_of_delete(texts: Texts) -> None:
    deleted = st.session_state.pop(_DELETED, None)
    if deleted is not None:
        st.toast(escape(texts.deleted.format(title=deleted)), icon=":material/delete:")
    refused = st.session_state.pop(_REFUSED, None)
    if refused is not None:
        st.error(escape(refused), icon=":material/error:")


def _draw_documents(session: Session) -> None:
    shown = st.session_state.setdefault(_SHOWN, _PAGE)
    try:
        documents = _first_documents(session, shown + 1)
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


def _first_documents(session: Session, count: int) -> list[DocumentOut]:
    documents: list[DocumentOut] = []
    for offset in range(0, count, MAX_LIMIT):
        documents += session.client.documents(limit=min(MAX_LIMIT, count - offset), offset=offset)
    return documents


def _draw_document(document: DocumentOut, session: Session) -> None:
    texts = session.texts
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        facts = (
            file_size(document.size_bytes),
            f"{document.updated_at:%Y-%m-%d}",
            texts.revision.format(number=document.revision),
            ", ".join(document.groups),
            *_description(document, FILTER_TEXTS[session.lang]),
        )
        st.markdown(
            f"{file_icon(document.uri)} **{escape(document.title)}**  \n"
            f":small[:gray[{escape(' · '.join(facts))}]]",
            width="stretch",
        )
        if st.button(
            texts.delete,
            key=f"delete-{document.id}",
            icon=":material/delete:",
            type="tertiary",
        ):
            st.dialog(texts.delete_question)(_confirm_delete)(document, session)


def _description(document: DocumentOut, texts: FilterTexts) -> Iterator[str]:
    """Yield what describes a document, as far as it is known."""
    if document.doc_type is not DocType.OTHER:
        yield texts.kind(document.doc_type)
    first, last = document.effective_from, document.effective_to
    if first is not None or last is not None:
        yield texts.in_force.format(period=f"{first or ''} – {last or ''}".strip())
    if document.published is not None:
        yield texts.dated.format(day=document.published)
    if document.hidden:
        yield texts.hidden_text.format(characters=sum(each.characters for each in document.hidden))
    yield from document.tags


def _confirm_delete(document: DocumentOut, session: Session) -> None:
    texts = session.texts
    st.markdown(escape(texts.delete_explained.format(title=document.title)))
    with st.container(horizontal=True, horizontal_alignment="right"):
        cancelled = st.button(texts.cancel, key="cancel-delete")
        confirmed = st.button(
            texts.delete_confirm,
            key="confirm-delete",
            type="primary",
            on_click=_delete,
            args=(document, session),
        )
    if cancelled or confirmed:
        st.rerun()


def _delete(document: DocumentOut, session: Session) -> None:
    """Delete a document; the page tells the outcome when it is drawn next."""
    try:
        session.client.delete(document.id)
    except ApiError as error:
        st.session_state[_REFUSED] = error_line(error, session.texts)
    else:
        st.session_state[_DELETED] = document.title
