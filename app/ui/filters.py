"""Which documents a question is asked of: the choice in the sidebar."""

import time
from collections.abc import Callable, Container, Iterator, Sequence
from datetime import date
from typing import TypeVar
from uuid import UUID

import streamlit as st

from app.api.requests import MAX_DOCUMENTS, MAX_LIMIT, MAX_TAGS, FiltersIn
from app.api.schemas import DocumentOut
from app.client import ApiError
from app.ui.filter_texts import FILTER_TEXTS, FilterTexts
from app.ui.labels import shortened
from app.ui.session import Session

_FROM, _TO = "filter-from", "filter-to"
_TITLE, _IDS = "filter-title", "filter-ids"
_LISTED_SECONDS = 60.0
_MOST_DOCUMENTS = 200
_TITLE_CHARACTERS = 48
_SOUGHT_CHARACTERS = 200
_Option = TypeVar("_Option", bound=str)


def draw_filters(session: Session) -> FiltersIn:
    """Draw the choices and return what is chosen; what no document has cannot be chosen."""
    texts = FILTER_TEXTS[session.lang]
    known = _documents(session)
    titles = {str(each.id): each.title for each in known}
    tags = sorted({tag for each in known for tag in each.tags})
    with st.expander(texts.filters, icon=":material/filter_alt:"):
        chosen = {
            "types": _choice(
                "filter-types",
                texts.filter_type,
                sorted({each.doc_type for each in known}),
                texts.kind,
            ),
            "tags": _choice("filter-tags", texts.filter_tag, tags, str, most=MAX_TAGS),
            "langs": _choice(
                "filter-langs", texts.filter_lang, sorted({each.lang for each in known}), texts.lang
            ),
            **_days(texts),
        }
        st.text_input(texts.find_document, key=_TITLE, max_chars=_SOUGHT_CHARACTERS)
        chosen["documents"] = _choice(
            _IDS,
            texts.filter_document,
            list(titles),
            lambda key: shortened(titles[key], _TITLE_CHARACTERS),
            most=MAX_DOCUMENTS,
        )
    return FiltersIn.model_validate(chosen)


def filter_line(filters: FiltersIn, texts: FilterTexts) -> str:
    """Return one line that says which documents are searched; empty for all."""
    parts = [texts.kind(kind) for kind in filters.types]
    parts += [*filters.tags, *map(texts.lang, filters.langs)]
    if filters.published_from is not None:
        parts.append(f"{texts.filter_from} {filters.published_from}")
    if filters.published_to is not None:
        parts.append(f"{texts.filter_to} {filters.published_to}")
    if filters.documents:
        parts.append(f"{texts.filter_document} × {len(filters.documents)}")
    return texts.filtered.format(filters=" · ".join(parts)) if parts else ""


def _choice(
    key: str,
    label: str,
    options: Sequence[_Option],
    name: Callable[[_Option], str],
    *,
    most: int | None = None,
) -> list[_Option]:
    # What was chosen may be gone since: another key, a document that was deleted.
    kept = [option for option in st.session_state.get(key, ()) if option in options]
    st.session_state[key] = kept
    return st.multiselect(label, options, format_func=name, max_selections=most, key=key)


def _days(texts: FilterTexts) -> dict[str, date | None]:
    """Return the first and the last day; the last cannot be chosen before the first."""
    first = st.date_input(texts.filter_from, value=None, key=_FROM)
    chosen = st.session_state.get(_TO)
    if first is not None and chosen is not None and chosen < first:
        st.session_state[_TO] = None
    last = st.date_input(texts.filter_to, value=None, min_value=first, key=_TO)
    return {"published_from": first, "published_to": last}


def _documents(session: Session) -> Sequence[DocumentOut]:
    """Return the documents to choose of, as of a minute ago at the latest.

    They are the newest, those with the words looked for in their title, and what is chosen already.
    """
    conversation = session.conversation
    title = str(st.session_state.get(_TITLE, "")).strip()
    fresh = time.monotonic() - conversation.listed_at < _LISTED_SECONDS
    if fresh and conversation.listed_title == title:
        return conversation.listed
    try:
        found = {each.id: each for each in _first_documents(session)}
        if title:
            found |= {each.id: each for each in _first_documents(session, title=title)}
        found |= {each.id: each for each in _chosen_before(session, found)}
    except ApiError:
        return ()  # the page says so where it lists documents or asks
    conversation.listed, conversation.listed_at = tuple(found.values()), time.monotonic()
    conversation.listed_title = title
    return conversation.listed


def _first_documents(session: Session, *, title: str = "") -> Iterator[DocumentOut]:
    for offset in range(0, _MOST_DOCUMENTS, MAX_LIMIT):
        page = session.client.documents(limit=MAX_LIMIT, offset=offset, title=title)
        yield from page
        if len(page) < MAX_LIMIT:
            return


def _chosen_before(session: Session, found: Container[UUID]) -> Iterator[DocumentOut]:
    """Yield what was chosen and was not found now, unless it is gone."""
    for key in map(UUID, st.session_state.get(_IDS, ())):
        if key not in found:
            try:
                yield session.client.document(key)
            except ApiError as error:
                if error.code != "document_unknown":
                    raise
