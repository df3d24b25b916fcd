"""Passages with their scores, as cards."""

import streamlit as st

from app.api.schemas import AnswerOut, EvidenceOut
from app.ui.labels import caption, headings, scores, shortened
from app.ui.markup import badge, escape
from app.ui.session import Session
from app.ui.sources import open_source

_QUOTE_COLUMNS = 360
_TITLE_COLUMNS = 60


def draw_evidence_list(answer: AnswerOut, session: Session, *, name: str) -> None:
    """Draw all evidence of an answer and what the answer was made with."""
    cited = {found.number for found in answer.citations}
    for found in answer.evidence:
        draw_evidence(found, session, name=name, cited=found.number in cited)
    made = session.texts.made_with.format(
        model=answer.provenance.get("model", "–"), prompt=answer.provenance.get("prompt", "–")
    )
    st.caption(escape(made))


def draw_evidence(found: EvidenceOut, session: Session, *, name: str, cited: bool) -> None:
    """Draw one passage; its number is coloured if the answer cites it."""
    texts = session.texts
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            number = badge(str(found.number), colour="primary" if cited else "gray")
            title = escape(caption(found, texts, width=_TITLE_COLUMNS))
            st.markdown(f"{number} **{title}**", width="stretch")
            if st.button(texts.open_source, key=f"{name}-{found.number}", type="tertiary"):
                open_source(found, session)
        if headings(found):
            st.caption(escape(headings(found)))
        st.markdown(escape(shortened(" ".join(found.quote.split()), _QUOTE_COLUMNS)))
        st.caption(escape(scores(found, texts)))
