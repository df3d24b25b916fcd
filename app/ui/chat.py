"""The conversation: asking, watching the answer come, and what was answered."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.widgets.chat import ChatInputValue

from app.api.requests import FiltersIn
from app.api.schemas import AnswerOut, JobOut
from app.client import ApiError
from app.ui.answers import marked_text
from app.ui.evidence import draw_evidence, draw_evidence_list
from app.ui.filter_texts import FILTER_TEXTS
from app.ui.filters import filter_line
from app.ui.labels import conflict_line, file_icon, shortened, understood_line
from app.ui.markup import answer_markdown, badge, escape, escape_lines
from app.ui.running import RunningTurn
from app.ui.session import Session, error_line
from app.ui.sources import source_chips
from app.ui.texts import Texts
from app.ui.turn import Attachment, Phase, Turn, carry_out, history_of
from generation.records import Support

_USER = ":material/person:"
_ASSISTANT = str(Path(__file__).parent / "theme" / "icon.svg")
_CHECKED: Final = ":green[:material/check_circle:]"
_STEP_SECONDS = 0.2
_RECENT = 3


def draw_chat(session: Session, submitted: ChatInputValue | None, filters: FiltersIn) -> None:
    """Draw the conversation; watch the running turn, if there is one, to its end."""
    conversation = session.conversation
    if submitted is not None:
        conversation.stop()
        conversation.running = _start(session, submitted, filters)
    greeting = st.empty()
    if not conversation.turns and conversation.running is None:
        with greeting.container():
            _draw_greeting(session)
    for turn in conversation.turns:
        _draw_question(turn, session)
        _draw_reply(turn, session)
    if conversation.running is not None:
        _watch(conversation.running, session)


def _start(session: Session, submitted: ChatInputValue, filters: FiltersIn) -> RunningTurn:
    attachments = [Attachment(file.name, file.getvalue()) for file in submitted.files]
    question = submitted.text.strip()
    turn = Turn(
        number=len(session.conversation.turns) + 1,
        question=question,
        files=tuple(attachment.name for attachment in attachments),
        filters=filters,
    )
    events = carry_out(
        session.client,
        question,
        attachments,
        history=history_of(session.conversation.turns),
        filters=filters,
    )
    return RunningTurn(turn, events, broken_off=session.texts.broken_off)


def _ask_again(turn: Turn, session: Session) -> None:
    """Ask the question of a turn once more, its days taken for nothing but words."""
    again = Turn(
        number=len(session.conversation.turns) + 1, question=turn.question, filters=turn.filters
    )
    events = carry_out(session.client, turn.question, filters=turn.filters, interpret=False)
    session.conversation.stop()
    session.conversation.running = RunningTurn(again, events, broken_off=session.texts.broken_off)


def _draw_greeting(session: Session) -> None:
    texts = session.texts
    try:
        recent = session.client.documents(limit=_RECENT)
    except ApiError as error:
        st.error(escape(error_line(error, texts)), icon=":material/cloud_off:")
        return
    st.space("large")
    st.markdown(f"## {texts.greeting}", anchors=False)
    st.markdown(f":gray[{texts.greeting_documents if recent else texts.greeting_empty}]")
    st.space("small")
    hints = (
        (":material/forum:", texts.hint_ask_title, texts.hint_ask),
        (":material/attach_file:", texts.hint_file_title, texts.hint_file),
        (":material/find_in_page:", texts.hint_source_title, texts.hint_source),
    )
    for column, (icon, title, explained) in zip(st.columns(3), hints, strict=True):
        with column.container(border=True, height="stretch"):
            st.markdown(f":primary[{icon}] **{title}**")
            st.caption(explained)
    if recent:
        titles = "  \n".join(f"{file_icon(d.uri)} {escape(shortened(d.title, 60))}" for d in recent)
        st.caption(f"{texts.recently_added}  \n{titles}")


def _draw_question(turn: Turn, session: Session) -> None:
    with st.chat_message("user", avatar=_USER):
        if turn.files:
            names = " ".join(f"{file_icon(name)} {escape(name)}" for name in turn.files)
            st.caption(names)
        if turn.question:
            st.markdown(escape_lines(turn.question))
        line = filter_line(turn.filters, FILTER_TEXTS[session.lang])
        if line:
            st.caption(escape(line))


def _draw_reply(turn: Turn, session: Session) -> None:
    _, outcome = _reply_places()
    with outcome:
        _draw_outcome(turn, session)


def _reply_places() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Return where a turn is drawn while it runs, and where once it ended.

    They are the same two in every run of the script. What stands elsewhere than in the run before
    stays on the screen, pale, until the run ends; and a block that is replaced by one of another
    kind within a batch of messages breaks the page in the browser.
    """
    with st.chat_message("assistant", avatar=_ASSISTANT):
        return st.empty(), st.container()


def _watch(running: RunningTurn, session: Session) -> None:
    """Draw the turn as it goes on, and as it is once it ended."""
    _draw_question(running.turn, session)
    live, outcome = _reply_places()
    with live.container():
        status, body = st.empty(), st.empty()
        st.button(
            session.texts.stop,
            key="stop",
            icon=":material/stop_circle:",
            type="tertiary",
            on_click=session.conversation.stop,
        )
        _follow(running, session.texts, status, body)
    live.empty()
    session.conversation.finish(running.turn)
    with outcome:
        _draw_outcome(running.turn, session)


def _follow(
    running: RunningTurn, texts: Texts, status: DeltaGenerator, body: DeltaGenerator
) -> None:
    turn = running.turn
    while not turn.finished:
        if turn.phase is Phase.WRITING:
            status.empty()
        else:
            waited = texts.seconds.format(count=running.elapsed_seconds)
            status.markdown(f":shimmer[{escape(_doing(turn, texts))}] :small[:gray[{waited}]]")
        with body.container():
            _draw_jobs(turn.jobs, texts)
            _draw_written(turn, texts)
        turn = running.advance(seconds=_STEP_SECONDS)


def _doing(turn: Turn, texts: Texts) -> str:
    match turn.phase:
        case Phase.UPLOADING:
            return texts.uploading.format(name=turn.uploading)
        case Phase.INDEXING:
            job = turn.jobs[-1]
            progress = f" {job.done}/{job.total}" if job.total else ""
            return texts.indexing.format(name=turn.uploading) + progress
        case Phase.READING:
            return texts.reading.format(count=len(turn.evidence))
        case _:
            return texts.searching


def _draw_outcome(turn: Turn, session: Session) -> None:
    texts = session.texts
    _draw_jobs(turn.jobs, texts)
    if turn.answer is not None and turn.answer.understood is not None:
        st.caption(f":material/forum: {escape(understood_line(turn.answer.understood, texts))}")
    if turn.answer is not None and turn.answer.refusal:
        _draw_refusal(turn, turn.answer, session)
    elif turn.answer is not None:
        _draw_answer(turn, turn.answer, session)
    else:
        _draw_written(turn, texts)
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
            on_click=_ask_again,
            args=(turn, session),
        )


def _draw_written(turn: Turn, texts: Texts) -> None:
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


def _draw_jobs(jobs: Sequence[JobOut], texts: Texts) -> None:
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


def _draw_answer(turn: Turn, answer: AnswerOut, session: Session) -> None:
    texts = session.texts
    marked = marked_text(answer)
    st.markdown(
        answer_markdown(
            marked.text,
            numbers={found.number for found in answer.citations},
            labels={end: _support_label(each, texts) for end, each in marked.support.items()},
        )
    )
    if answer.citations:
        st.caption(texts.sources)
        source_chips(answer.citations, session, name=f"chip-{turn.number}")
    for conflict in answer.conflicts:
        line = escape(conflict_line(conflict, texts))
        if conflict.is_in_force:
            st.warning(line, icon=":material/compare_arrows:")
        else:
            st.caption(f":material/history: {line}")
    if answer.sentences:
        st.caption(f"{_CHECKED} {texts.support_explained}")
    with st.expander(
        texts.all_evidence.format(count=len(answer.evidence)), icon=":material/fact_check:"
    ):
        draw_evidence_list(answer, session, name=f"evidence-{turn.number}")


def _draw_refusal(turn: Turn, answer: AnswerOut, session: Session) -> None:
    texts = session.texts
    with st.container(border=True):
        st.markdown(f"##### :orange[:material/search_off:] {texts.refused}", anchors=False)
        st.markdown(escape_lines(answer.text))
    if not answer.evidence:
        st.caption(texts.nothing_nearby)
        return
    st.caption(texts.nearby)
    for found in answer.evidence[:_RECENT]:
        draw_evidence(found, session, name=f"nearby-{turn.number}", cited=False)
