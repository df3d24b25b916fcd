"""Asking a question: in the open conversation, or in a new one that it begins."""

from collections.abc import Iterator

from streamlit.elements.widgets.chat import ChatInputValue

from app.api.requests import FiltersIn
from app.client import ApiError
from app.ui.conversation_texts import CONVERSATION_TEXTS
from app.ui.opening import UNKNOWN
from app.ui.running import RunningTurn
from app.ui.session import Session, error_line
from app.ui.turn import Attachment, Event, Turn, carry_out


def ask(session: Session, submitted: ChatInputValue, filters: FiltersIn) -> None:
    """Begin a turn with what the user sent off."""
    attachments = [Attachment(file.name, file.getvalue()) for file in submitted.files]
    question = submitted.text.strip()
    session.conversation.stop()
    if session.conversation.id is None:
        session.conversation.problem = ""
    turn = Turn(
        number=session.conversation.next_number,
        question=question,
        files=tuple(attachment.name for attachment in attachments),
        filters=filters,
    )
    events = carry_out(
        session.client,
        question,
        attachments,
        conversation=session.conversation.id,
        filters=filters,
    )
    _run(session, turn, events)


def ask_again(turn: Turn, session: Session) -> None:
    """Ask the question of a turn once more, its days taken for nothing but words."""
    session.conversation.stop()
    again = Turn(
        number=session.conversation.next_number, question=turn.question, filters=turn.filters
    )
    events = carry_out(
        session.client,
        turn.question,
        conversation=session.conversation.id,
        filters=turn.filters,
        interpret=False,
    )
    _run(session, again, events)


def _run(session: Session, turn: Turn, events: Iterator[Event]) -> None:
    texts = CONVERSATION_TEXTS[session.lang]

    def told(error: ApiError) -> str:
        if error.code == UNKNOWN:
            return texts.gone_meanwhile
        return error_line(error, session.texts)

    session.conversation.running = RunningTurn(
        turn, events, broken_off=session.texts.broken_off, told=told
    )
