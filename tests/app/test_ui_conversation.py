"""The conversation that a tab shows: leaving it while an answer is written, and coming back."""

import threading
from collections.abc import Iterator

from app.api.schemas import TokenEvent
from app.ui.conversation import Conversation
from app.ui.running import RunningTurn
from app.ui.turn import Asked, Ended, Event, Phase, Turn
from tests.app.ui_scripted import ANSWER, conversation, exchange, identifier

LEAVE, PARKING = identifier("leave"), identifier("parking")


class SlowAnswer:
    """An answer in the conversation `leave` that waits for `go_on`."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.closed = threading.Event()
        self.running = RunningTurn(Turn(1, "How much leave?"), self._events(), broken_off="-")

    def _events(self) -> Iterator[Event]:
        try:
            yield Asked(LEAVE)
            yield TokenEvent(text="Fifteen")
            self.go_on.wait(10)
            yield ANSWER
        finally:
            self.closed.set()

    def until_written(self) -> None:
        while not self.running.turn.written:
            self.running.advance(seconds=5)

    def until_over(self) -> None:
        self.go_on.set()
        assert self.closed.wait(10)


def asked() -> tuple[Conversation, SlowAnswer]:
    """Return a conversation in which an answer is being written."""
    shown, slow = Conversation(), SlowAnswer()
    shown.running = slow.running
    slow.until_written()
    shown.catch_up()
    assert shown.id == LEAVE
    return shown, slow


def test_an_answer_goes_on_where_it_was_left_and_is_seen_again() -> None:
    shown, slow = asked()
    shown.leave()
    assert (shown.id, shown.running, shown.turns, shown.shown_title) == (None, None, [], "")
    shown.open(PARKING)
    assert shown.running is None
    shown.open(LEAVE)
    assert shown.running is slow.running
    assert shown.first_question == "How much leave?"
    slow.until_over()
    while not slow.running.turn.finished:
        slow.running.advance(seconds=5)
    shown.finish(slow.running.turn)
    assert [each.answer for each in shown.turns] == [ANSWER]
    assert shown.next_number == 2


def test_an_answer_that_ended_meanwhile_is_left_to_the_server() -> None:
    shown, slow = asked()
    shown.open(PARKING)
    slow.until_over()
    while slow.running.going_on:
        threading.Event().wait(0.01)
    shown.open(LEAVE)
    assert shown.running is None
    shown.open(PARKING)
    assert shown.elsewhere == {}


def test_what_is_erased_stops() -> None:
    shown, slow = asked()
    shown.open(PARKING)
    shown.forget(LEAVE)
    assert slow.running.turn.phase is Phase.STOPPED
    assert (shown.id, shown.elsewhere) == (PARKING, {})
    slow.go_on.set()
    assert slow.closed.wait(10)


def test_what_the_server_keeps_takes_the_place_of_its_answers_but_not_of_failures() -> None:
    failed = Turn(2, "And managers?").after(Ended(Phase.FAILED, "away"))
    shown = Conversation(id=LEAVE, problem="not shown")
    shown.turns = [Turn(1, "How much leave?").after(ANSWER), failed]
    found = conversation("leave", exchange("How much leave?"))
    shown.take(found.model_copy(update={"turns": 7}))
    assert (shown.problem, shown.before, shown.earlier) == ("", 6, found.exchanges)
    assert shown.turns == [failed]
    assert shown.next_number == 3
