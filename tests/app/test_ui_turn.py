import threading
from collections.abc import Iterator

from app.api.schemas import EvidenceEvent, TokenEvent
from app.ui.running import RunningTurn
from app.ui.turn import (
    Asked,
    Attachment,
    Ended,
    Event,
    Phase,
    Turn,
    UploadStarted,
    carry_out,
)
from tests.app.ui_scripted import ANSWER, FOUND, ScriptedClient, identifier, job, refused

NOTES = Attachment("notes.md", b"# Notes")
KEPT_IN = identifier("conversation")


def finished(running: RunningTurn) -> Turn:
    while not running.turn.finished:
        running.advance(seconds=5)
    return running.turn


def test_a_turn_goes_through_its_phases() -> None:
    events: list[tuple[Event, Phase]] = [
        (UploadStarted("notes.md"), Phase.UPLOADING),
        (job("embedding", done=1), Phase.INDEXING),
        (job("done", done=4), Phase.INDEXING),
        (Asked(KEPT_IN), Phase.SEARCHING),
        (EvidenceEvent(evidence=FOUND), Phase.READING),
        (TokenEvent(text="The "), Phase.WRITING),
        (TokenEvent(text="limit"), Phase.WRITING),
        (ANSWER, Phase.ANSWERED),
    ]
    turn = Turn(1, "What?")
    for event, phase in events:
        before, turn = turn, turn.after(event)
        assert turn.phase is phase
    assert before.written == "The limit"
    assert (turn.written, turn.answer, turn.evidence) == ("", ANSWER, FOUND)
    assert [kept.state for kept in turn.jobs] == ["done"]


def test_nothing_changes_a_finished_turn() -> None:
    stopped = Turn(1, "What?").after(Ended(Phase.STOPPED))
    assert stopped.after(ANSWER) is stopped


def test_files_are_searchable_before_the_question_is_asked() -> None:
    client = ScriptedClient()
    events = list(carry_out(client, "What?", [NOTES]))
    assert client.uploaded == {"notes.md": b"# Notes"}
    assert [type(event).__name__ for event in events[:5]] == [
        "UploadStarted", "JobOut", "JobOut", "JobOut", "Asked",
    ]  # fmt: skip
    assert events[-1] == ANSWER


def test_a_question_about_a_refused_file_is_not_asked() -> None:
    client = ScriptedClient()
    client.coming_jobs = [job("failed", reason="it is encrypted"), job("done", name="b.md", done=4)]
    events = list(carry_out(client, "What?", [NOTES, Attachment("b.md", b"b")]))
    assert client.asked == []
    assert set(client.uploaded) == {"notes.md", "b.md"}
    assert events[-1] == Ended(Phase.FAILED)


def test_files_alone_end_without_a_question() -> None:
    client = ScriptedClient()
    assert list(carry_out(client, "", [NOTES]))[-1] == Ended(Phase.FILED)
    assert client.asked == []


def test_an_error_of_the_api_ends_the_turn_with_its_line() -> None:
    client = ScriptedClient()
    client.answers["What?"] = refused("llm_unavailable")
    turn = finished(RunningTurn(Turn(1, "What?"), carry_out(client, "What?", []), broken_off="-"))
    assert turn.phase is Phase.FAILED
    assert turn.error.startswith("The language model is away")


def test_a_stream_that_ends_without_an_answer_is_an_error() -> None:
    turn = finished(RunningTurn(Turn(1, "What?"), iter([Asked(KEPT_IN)]), broken_off="broke off"))
    assert (turn.phase, turn.error) == (Phase.FAILED, "broke off")


def test_a_stop_keeps_what_was_written_and_closes_the_stream() -> None:
    closed, more = threading.Event(), threading.Event()

    def endless() -> Iterator[Event]:
        try:
            yield TokenEvent(text="half")
            while True:
                more.wait(5)
                yield TokenEvent(text=" more")
        finally:
            closed.set()

    running = RunningTurn(Turn(1, "What?"), endless(), broken_off="-")
    while not running.turn.written:
        running.advance(seconds=5)
    stopped = running.stop()
    more.set()
    assert closed.wait(5)
    assert (stopped.phase, stopped.written) == (Phase.STOPPED, "half")
    assert running.advance(seconds=0) is stopped


def test_events_that_came_before_the_end_of_the_thread_are_not_lost() -> None:
    running = RunningTurn(Turn(1, "What?"), iter([Asked(KEPT_IN), ANSWER]), broken_off="-")
    assert finished(running).answer == ANSWER


def test_the_first_question_begins_a_conversation_and_the_next_goes_on_with_it() -> None:
    client = ScriptedClient()
    (asked,) = (each for each in list(carry_out(client, "one")) if isinstance(each, Asked))
    list(carry_out(client, "two", conversation=asked.conversation))
    assert client.told == [asked.conversation] * 2
    assert [each.question for each in client.kept[asked.conversation].exchanges] == ["one", "two"]
    assert Turn(1, "one").after(asked).conversation == asked.conversation


def test_files_alone_begin_no_conversation() -> None:
    client = ScriptedClient()
    list(carry_out(client, "", [NOTES]))
    assert client.kept == {}


def test_an_error_is_told_as_the_page_says() -> None:
    client = ScriptedClient()
    client.refused_conversations = refused("catalog_unavailable")
    running = RunningTurn(
        Turn(1, "What?"), carry_out(client, "What?"), broken_off="-", told=lambda error: error.code
    )
    assert finished(running).error == "catalog_unavailable"


def test_a_stop_takes_over_what_has_happened_by_then() -> None:
    client, asked = ScriptedClient(), threading.Event()

    def events() -> Iterator[Event]:
        yield Asked(client.begin_conversation().id)
        asked.set()
        threading.Event().wait(5)

    running = RunningTurn(Turn(1, "What?"), events(), broken_off="-")
    assert asked.wait(5)
    assert running.stop().conversation in client.kept
