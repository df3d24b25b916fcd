"""The drawer that shows a source: its document, its page, and the quote marked on it."""

from collections.abc import Sequence

import streamlit as st

from app.api.schemas import BlockOut, DocumentOut, SourceOut
from app.client import ApiError
from app.ui.highlight import Interval, intervals, mark, mark_lines, parse_table, table_markdown
from app.ui.labels import caption, file_icon, headings, key_sentence, place, where
from app.ui.markup import badge, bulleted, escape
from app.ui.session import Session, error_line
from app.ui.texts import Texts
from stores.records import BlockKind

_BLOCKS_AROUND = 4
_UNKNOWN = "document_unknown"


def source_chips(sources: Sequence[SourceOut], session: Session, *, name: str) -> None:
    """Draw a numbered button for each source; a click opens it."""
    with st.container(horizontal=True, gap="xsmall"):
        for found in sources:
            label = f"**{found.number}** {escape(caption(found, session.texts, width=36))}"
            if st.button(label, key=f"{name}-{found.number}", help=escape(found.title)):
                open_source(found, session)


def open_source(found: SourceOut, session: Session) -> None:
    """Open the drawer on a passage."""
    title = session.texts.source.format(number=found.number)
    drawer = st.dialog(title, width="medium", position="right", icon=":material/menu_book:")
    drawer(_draw_source)(found, session)


def _draw_source(found: SourceOut, session: Session) -> None:
    texts = session.texts
    _draw_heading(found, texts)
    try:
        document = session.client.document(found.document_id)
        page = _choose_page(found, texts)
        blocks = session.client.blocks(found.document_id, page=page)
    except ApiError as error:
        unknown = error.code == _UNKNOWN
        line = texts.source_removed if unknown else error_line(error, texts)
        st.warning(escape(line), icon=":material/link_off:")
        return
    _draw_document(found, document, blocks, session)


def _draw_heading(found: SourceOut, texts: Texts) -> None:
    st.markdown(f"{file_icon(found.uri)} **{escape(found.title)}**")
    stands = where(found, texts)
    above = headings(found)
    parts = [badge(stands, colour="primary")] if stands else []
    parts += [f":gray[{escape(above)}]"] if above else []
    if parts:
        st.markdown(" ".join(parts))
    if found.highlight:
        st.markdown(f"> {escape(key_sentence(found.highlight))}")


def _choose_page(found: SourceOut, texts: Texts) -> int | None:
    """Return the page to show; let the user choose if the quote runs over several."""
    if not found.pages:
        return None
    if len(found.pages) == 1:
        return found.pages[0]
    return st.segmented_control(
        texts.go_to_page,
        found.pages,
        default=found.pages[0],
        required=True,
        format_func=lambda page: place((page,), found.uri, texts),
        key=f"page-{found.chunk_id}",
        label_visibility="collapsed",
    )


def _draw_document(
    found: SourceOut, document: DocumentOut, blocks: Sequence[BlockOut], session: Session
) -> None:
    texts = session.texts
    same = document.revision == found.revision
    if same:
        st.caption(f":orange-background[{escape(texts.quote_marked)}]")
    else:
        st.warning(escape(texts.source_changed), icon=":material/update:")
    marked = {b.ordinal: intervals(found.spans, b.ordinal) for b in blocks} if same else {}
    _tell_of_scan([block for block in blocks if marked.get(block.ordinal)], texts)
    shown = _around_quote(blocks, marked) if not found.pages else list(blocks)
    with st.container(border=True):
        if not shown:
            st.caption(texts.page_empty)
        _draw_blocks(shown, marked, texts, cut=len(shown) < len(blocks))


def _tell_of_scan(quoted: Sequence[BlockOut], texts: Texts) -> None:
    """Say that a quote was recognised, and how surely at least."""
    confidences = [block.recognised for block in quoted if block.recognised is not None]
    if confidences:
        least = f"{min(confidences):.0%}".removesuffix("%")
        st.caption(escape(texts.read_from_scan.format(confidence=least)))


def _around_quote(blocks: Sequence[BlockOut], marked: dict[int, list[Interval]]) -> list[BlockOut]:
    """Return the blocks near the quote; of a document without pages, that is what fits a view."""
    hits = [index for index, block in enumerate(blocks) if marked.get(block.ordinal)]
    first = max(min(hits, default=0) - _BLOCKS_AROUND, 0)
    last = max(hits, default=2 * _BLOCKS_AROUND) + _BLOCKS_AROUND
    return list(blocks[first : last + 1])


def _draw_blocks(
    blocks: Sequence[BlockOut], marked: dict[int, list[Interval]], texts: Texts, *, cut: bool
) -> None:
    if cut:
        st.caption(texts.passages_left_out)
    for block in blocks:
        _draw_block(block, marked.get(block.ordinal, []), texts)
    if cut:
        st.caption(texts.passages_left_out)


def _draw_block(block: BlockOut, marked: list[Interval], texts: Texts) -> None:
    match block.kind:
        case BlockKind.HEADING:
            st.markdown(f"**{mark(block.text, marked)}**")
        case BlockKind.TABLE:
            table = parse_table(block.text, marked)
            st.markdown(table_markdown(table, marked))
            if table.left_out:
                st.caption(escape(texts.rows_left_out.format(count=table.left_out)))
        case BlockKind.CODE:
            if marked:
                st.caption(f":orange-background[{escape(texts.quote_marked)}]")
            st.code(block.text, language=None, wrap_lines=True)
        case BlockKind.TEXT | BlockKind.LIST:
            st.markdown(mark_lines(bulleted(block.text), marked))
