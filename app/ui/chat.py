"""The conversation: what was asked before, and watching the answer come."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.client import ApiError
from app.ui.earlier import draw_earlier, draw_problem
from app.ui.filter_texts import FILTER_TEXTS
from app.ui.filters import filter_line
from app.ui.labels import file_icon, shortened
from app.ui.markup import escape
from app.ui.messages import draw_question, reply_places
from app.ui.opening import write_address
from app.ui.outcome import draw_jobs, draw_outcome, draw_written
from app.ui.running import RunningTurn
from app.ui.session import Session, error_line
from app.ui.texts import Texts
from app.ui.turn import Phase, Turn

_STEP_SECONDS = 0.2
_RECENT = 3


def draw_chat(session: Session) -> None:
    """Draw the conversation; watch the running turn, if there is one, to its end."""
    conversation = session.conversation
    draw_problem(session)
    greeting = st.empty()
    if conversation.id is None and not conversation.turns and conversation.running is None:
        with greeting.container():
            _draw_greeting(session)
    draw_earlier(session)
    for turn in conversation.turns:
        _draw_question(turn, session)
        _, outcome = reply_places()
        with outcome:
            draw_outcome(turn, session)
    if conversation.running is not None:
        _watch(conversation.running, session)


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
    files = " ".join(f"{file_icon(name)} {escape(name)}" for name in turn.files)
    below = filter_line(turn.filters, FILTER_TEXTS[session.lang])
    draw_question(turn.question, above=files, below=escape(below))


def _watch(running: RunningTurn, session: Session) -> None:
    """Draw the turn as it goes on, and as it is once it ended."""
    _draw_question(running.turn, session)
    live, outcome = reply_places()
    with live.container():
        status, body = st.empty(), st.empty()
        st.button(
            session.texts.stop,
            key="stop",
            icon=":material/stop_circle:",
            type="tertiary",
            on_click=session.conversation.stop,
        )
        _follow(running, session, status, body)
    live.empty()
    session.conversation.finish(running.turn)
    write_address(session)
    with outcome:
        draw_outcome(running.turn, session)


def _follow(
    running: RunningTurn, session: Session, status: DeltaGenerator, body: DeltaGenerator
) -> None:
    texts, turn = session.texts, running.turn
    while not turn.finished:
        session.conversation.know(turn)
        write_address(session)
        if turn.phase is Phase.WRITING:
            status.empty()
        else:
            waited = texts.seconds.format(count=running.elapsed_seconds)
            status.markdown(f":shimmer[{escape(_doing(turn, texts))}] :small[:gray[{waited}]]")
        with body.container():
            draw_jobs(turn.jobs, texts)
            draw_written(turn, texts)
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
