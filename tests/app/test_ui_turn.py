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
    history_of,
)
from tests.app.ui_scripted import ANSWER, FOUND, REFUSAL, ScriptedClient, job, refused

NOTES = Attachment("notes.md", b"# Notes")


def finished(running: RunningTurn) -> Turn:
    while not running.turn.finished:
        running.advance(seconds=5)
    return running.turn


def test_a_turn_goes_through_its_phases() -> None:
    events: list[tuple[Event, Phase]] = [
        (UploadStarted("notes.md"), Phase.UPLOADING),
        (job("running", done=1), Phase.INDEXING),
        (job("done", done=4), Phase.INDEXING),
        (Asked(), Phase.SEARCHING),
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
    client.jobs = [job("failed", reason="it is encrypted"), job("done", name="b.md", done=4)]
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
    turn = finished(RunningTurn(Turn(1, "What?"), iter([Asked()]), broken_off="broke off"))
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
    running = RunningTurn(Turn(1, "What?"), iter([Asked(), ANSWER]), broken_off="-")
    assert finished(running).answer == ANSWER


def test_the_api_is_told_the_last_answers_and_no_refusals() -> None:
    answered = [Turn(n, f"q{n}").after(ANSWER) for n in range(1, 8)]
    others = [
        Turn(8, "refused").after(REFUSAL),
        Turn(9, "stopped").after(Ended(Phase.STOPPED)),
        Turn(10, "").after(Ended(Phase.FILED)),
    ]
    told = history_of([*answered, *others])
    assert [turn.question for turn in told] == ["q4", "q5", "q6", "q7", "refused"]
    assert [turn.answer for turn in told] == [ANSWER.text] * 4 + [""]
