"""What became of a turn: its files, its answer with its sources, or why there is none."""

from collections.abc import Sequence
from math import floor
from typing import Final

import streamlit as st

from app.api.schemas import AnswerOut, JobOut, SentenceOut, SourceOut
from app.ui.answers import marked_text
from app.ui.asking import ask_again
from app.ui.evidence import draw_evidence, draw_evidence_list
from app.ui.filter_texts import FILTER_TEXTS
from app.ui.labels import conflict_line, understood_line
from app.ui.markup import answer_markdown, badge, escape, escape_lines
from app.ui.session import Session
from app.ui.sources import source_chips
from app.ui.texts import Texts
from app.ui.turn import Phase, Turn
from generation.records import Support

_CHECKED: Final = ":green[:material/check_circle:]"
_NEARBY = 3


def draw_outcome(turn: Turn, session: Session) -> None:
    """Draw a turn that has ended."""
    texts = session.texts
    draw_jobs(turn.jobs, texts)
    if turn.answer is not None and turn.answer.understood is not None:
        st.caption(f":material/forum: {escape(understood_line(turn.answer.understood, texts))}")
    if turn.answer is not None and turn.answer.refusal:
        _draw_refusal(turn, turn.answer, session)
    elif turn.answer is not None:
        _draw_answer(turn, turn.answer, session)
    else:
        draw_written(turn, texts)
    if turn.answer is not None:
        _draw_reading(turn, turn.answer, session)
    if turn.phase is Phase.STOPPED:
        st.caption(f":material/stop_circle: {texts.stopped}")
    if turn.phase is Phase.FILED:
        st.markdown(texts.ask_about_file)
    if turn.error:
        st.error(escape(turn.error), icon=":material/error:")


def _draw_reading(turn: Turn, answer: AnswerOut, session: Session) -> None:
    """Say which words of the question were read as days, and offer not to."""
    if answer.asked is None or not answer.asked.words:
        return
    texts = FILTER_TEXTS[session.lang]
    words = ", ".join(dict.fromkeys(answer.asked.words))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f":material/event: {escape(texts.read_days.format(words=words))}")
        st.button(
            texts.ask_without,
            key=f"ask-again-{turn.number}",
            type="tertiary",
            on_click=ask_again,
            args=(turn, session),
        )


def draw_written(turn: Turn, texts: Texts) -> None:
    """Draw what the model has written, before the answer is known."""
    if turn.written:
        numbers = {found.number for found in turn.evidence}
        labels = {
            len(turn.written[: each.end].rstrip()): _support_label(each.sentence.support, texts)
            for each in turn.checked
        }
        if turn.written[turn.checked_end :].strip():
            labels[len(turn.written.rstrip())] = badge(texts.pending)
        st.markdown(answer_markdown(turn.written, numbers=numbers, labels=labels))


def _support_label(support: Support, texts: Texts) -> str:
    match support:
        case Support.VERIFIED | Support.QUOTED:
            return _CHECKED
        case Support.UNVERIFIED:
            return badge(texts.unverified, colour="orange")
        case Support.UNCITED:
            return badge(texts.uncited, colour="red")


def draw_jobs(jobs: Sequence[JobOut], texts: Texts) -> None:
    """Draw what became of uploaded files."""
    for job in jobs:
        if job.state == "failed":
            line = texts.file_failed.format(name=job.filename, reason=job.reason or "")
            st.error(escape(line), icon=":material/error:")
        elif job.state == "quarantined":
            line = texts.file_quarantined.format(name=job.filename, reason=job.reason or "")
            st.error(escape(line), icon=":material/gpp_bad:")
        elif job.state == "done":
            text = texts.file_unchanged if job.outcome == "unchanged" else texts.file_added
            line = escape(text.format(name=job.filename))
            st.caption(f":green[:material/check_circle:] {line}")
            _draw_duplicates(job, texts)


def _draw_duplicates(job: JobOut, texts: Texts) -> None:
    """Draw what a file is almost the same as, but for what somebody decided to keep beside it."""
    for other in job.duplicates:
        if not other.kept:
            text = texts.file_same if other.exact else texts.file_alike
            alike = floor(100 * other.similarity)
            line = text.format(name=job.filename, title=other.title, percent=alike)
            st.caption(f":orange[:material/content_copy:] {escape(line)}")


def draw_checked(
    text: str,
    sentences: Sequence[SentenceOut],
    citations: Sequence[SourceOut],
    session: Session,
    *,
    name: str,
) -> None:
    """Draw the text of an answer with its labels, and below it a chip for each source."""
    marked = marked_text(text, sentences)
    labels = {end: _support_label(each, session.texts) for end, each in marked.support.items()}
    numbers = {found.number for found in citations}
    st.markdown(answer_markdown(marked.text, numbers=numbers, labels=labels))
    if citations:
        st.caption(session.texts.sources)
        source_chips(citations, session, name=name)


def draw_contradiction(title: str, quote: str, texts: Texts, *, is_in_force: bool) -> None:
    """Draw that another document, of this title, says otherwise."""
    line = escape(conflict_line(title, quote, texts, is_in_force=is_in_force))
    if is_in_force:
        st.warning(line, icon=":material/compare_arrows:")
    else:
        st.caption(f":material/history: {line}")


def draw_support_explained(texts: Texts) -> None:
    """Draw what the labels of sentences mean."""
    st.caption(f"{_CHECKED} {texts.support_explained}")


def draw_refusal_card(text: str, texts: Texts) -> None:
    """Draw that the documents do not answer, and what was said instead."""
    with st.container(border=True):
        st.markdown(f"##### :orange[:material/search_off:] {texts.refused}", anchors=False)
        st.markdown(escape_lines(text))


def _draw_answer(turn: Turn, answer: AnswerOut, session: Session) -> None:
    texts = session.texts
    draw_checked(
        answer.text, answer.sentences, answer.citations, session, name=f"chip-{turn.number}"
    )
    for conflict in answer.conflicts:
        draw_contradiction(
            conflict.other.title, conflict.quote, texts, is_in_force=conflict.is_in_force
        )
    if answer.sentences:
        draw_support_explained(texts)
    with st.expander(
        texts.all_evidence.format(count=len(answer.evidence)), icon=":material/fact_check:"
    ):
        draw_evidence_list(answer, session, name=f"evidence-{turn.number}")


def _draw_refusal(turn: Turn, answer: AnswerOut, session: Session) -> None:
    texts = session.texts
    draw_refusal_card(answer.text, texts)
    if not answer.evidence:
        st.caption(texts.nothing_nearby)
        return
    st.caption(texts.nearby)
    for found in answer.evidence[:_NEARBY]:
        draw_evidence(found, session, name=f"nearby-{turn.number}", cited=False)
