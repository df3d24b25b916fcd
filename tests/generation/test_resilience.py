import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress

import pytest

from generation.errors import ModelRefused, ModelUnavailable, PromptTooLong
from generation.llm import Message, Usage
from generation.resilience import Patience, ResilientModel
from tests.contracts.llm import HELLO, LanguageModelContract, ask, never
from tests.fakes.llm import ScriptedLLM

AWAY = ModelUnavailable("connection refused")


class Time:
    """A clock that goes on while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class FlakyLLM(ScriptedLLM):
    """Gives each call the next of its scripts, the last one for all that follow."""

    def __init__(self, *scripts: Sequence[str | Exception], name: str = "primary") -> None:
        super().__init__()
        self.scripts = list(scripts)
        self._name = name

    @property
    def name(self) -> str:
        return self._name

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        cancelled: Callable[[], bool],
        response_schema: Mapping[str, object] | None = None,
    ) -> Iterator[str | Usage]:
        self.pieces = tuple(self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0])
        return super().stream(
            messages, max_tokens=max_tokens, cancelled=cancelled, response_schema=response_schema
        )


class SilentLLM(ScriptedLLM):
    """Thinks for ever, a tenth of a second at a time, until it is told to stop."""

    def __init__(self, time: Time) -> None:
        super().__init__()
        self._time = time
        self.stopped = 0

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        cancelled: Callable[[], bool],
        response_schema: Mapping[str, object] | None = None,
    ) -> Iterator[str | Usage]:
        self.prompts.append(tuple(messages))
        while not cancelled():
            self._time.now += 0.1
        self.stopped += 1
        yield from ()


@pytest.fixture
def time() -> Time:
    return Time()


def resilient(
    primary: ScriptedLLM, time: Time, *, backup: ScriptedLLM | None = None, retries: int = 2
) -> ResilientModel:
    patience = Patience(deadline_seconds=30, retries=retries, retry_seconds=10)
    return ResilientModel(
        primary,
        backup=backup,
        patience=patience,
        clock=time,
        sleep=time.sleep,
        chance=lambda: 0.0,
    )


def text(items: Sequence[str | Usage]) -> str:
    return "".join(item for item in items if isinstance(item, str))


class TestAroundOneModel(LanguageModelContract):
    @pytest.fixture
    def llm(self, time: Time) -> ResilientModel:
        return resilient(ScriptedLLM(["Hello", " there", "."]), time)


class TestTheBackupAnswers(LanguageModelContract):
    @pytest.fixture
    def llm(self, time: Time) -> ResilientModel:
        backup = ScriptedLLM(["Hello", " there", "."])
        return resilient(ScriptedLLM(available=False), time, backup=backup)


def test_a_model_that_was_away_is_asked_again(time: Time) -> None:
    primary = FlakyLLM([AWAY], [AWAY], ["Hello"])
    assert text(ask(resilient(primary, time))) == "Hello"
    assert len(primary.prompts) == 3
    assert time.now == pytest.approx(0.2 + 0.4)


def test_after_the_retries_it_counts_as_away(time: Time) -> None:
    primary = FlakyLLM([AWAY])
    with pytest.raises(ModelUnavailable, match="refused"):
        ask(resilient(primary, time, retries=1))
    assert len(primary.prompts) == 2


def test_the_budget_ends_the_retries(time: Time) -> None:
    primary = FlakyLLM([AWAY])
    patience = Patience(deadline_seconds=30, retries=10, retry_seconds=1)
    llm = ResilientModel(
        primary, patience=patience, clock=time, sleep=time.sleep, chance=lambda: 0.0
    )
    with pytest.raises(ModelUnavailable):
        ask(llm)
    assert time.now <= 1
    assert len(primary.prompts) == 3, "at 0, 0.2 and 0.6 s"


def test_a_pause_is_up_to_half_shorter_by_chance(time: Time) -> None:
    primary = FlakyLLM([AWAY], ["Hello"])
    patience = Patience(deadline_seconds=30, retries=1, retry_seconds=1)
    chances = iter([0.5])
    llm = ResilientModel(
        primary, patience=patience, clock=time, sleep=time.sleep, chance=lambda: next(chances)
    )
    assert text(ask(llm)) == "Hello"
    assert time.now == pytest.approx(0.2 * 0.75)


def test_the_time_that_a_server_names_is_waited_for(time: Time) -> None:
    primary = FlakyLLM([ModelUnavailable("503", retry_after_seconds=4)], ["Hello"])
    assert text(ask(resilient(primary, time))) == "Hello"
    assert time.now == pytest.approx(4.2)


def test_nobody_asks_before_the_time_that_a_server_names(time: Time) -> None:
    primary = FlakyLLM([ModelUnavailable("503", retry_after_seconds=20)], ["Hello"])
    llm = resilient(primary, time)
    with pytest.raises(ModelUnavailable, match="503"):
        ask(llm)
    time.now += 19
    with pytest.raises(ModelUnavailable, match="is not asked"):
        ask(llm)
    with pytest.raises(ModelUnavailable, match="is not asked"):
        llm.likeliest(HELLO, cancelled=never)
    assert (len(primary.prompts), len(primary.judged)) == (1, 0)
    time.now += 1
    assert text(ask(llm)) == "Hello"


def test_no_server_can_send_us_away_for_a_day(time: Time) -> None:
    primary = FlakyLLM([ModelUnavailable("503", retry_after_seconds=86_400)], ["Hello"])
    llm = resilient(primary, time)
    with pytest.raises(ModelUnavailable):
        ask(llm)
    time.now += 60
    assert text(ask(llm)) == "Hello"


def test_a_model_that_fails_every_other_time_is_not_asked_twice_for_everything(time: Time) -> None:
    scripts: list[Sequence[str | Exception]] = [[AWAY], ["Hello"]]
    primary = FlakyLLM(*(scripts * 200))
    llm = resilient(primary, time)
    for _ in range(100):
        with suppress(ModelUnavailable):
            ask(llm)
    assert 105 <= len(primary.prompts) <= 120


def test_what_has_begun_is_not_begun_again(time: Time) -> None:
    primary, backup = FlakyLLM(["Hel", AWAY]), ScriptedLLM()
    stream = resilient(primary, time, backup=backup).stream(HELLO, max_tokens=9, cancelled=never)
    assert next(stream) == "Hel"
    with pytest.raises(ModelUnavailable, match="refused"):
        next(stream)
    assert (len(primary.prompts), len(backup.prompts)) == (1, 0)


def test_a_prompt_that_is_too_long_is_nobody_s_fault(time: Time) -> None:
    primary, backup = FlakyLLM([PromptTooLong("9000")]), ScriptedLLM()
    llm = resilient(primary, time, backup=backup)
    for _ in range(4):
        with pytest.raises(PromptTooLong):
            ask(llm)
    assert (len(primary.prompts), len(backup.prompts)) == (4, 0)


def test_a_refusal_is_not_repeated_and_leaves_the_circuit_closed(time: Time) -> None:
    primary, backup = FlakyLLM([ModelRefused("wrong key")]), ScriptedLLM()
    llm = resilient(primary, time, backup=backup)
    for _ in range(4):
        ask(llm)
    assert (len(primary.prompts), len(backup.prompts)) == (4, 4)
    with pytest.raises(ModelRefused, match="wrong key"):
        ask(resilient(primary, time))


def test_the_usage_names_the_model_that_wrote(time: Time) -> None:
    backup = FlakyLLM(["Hi"], name="backup")
    llm = resilient(FlakyLLM(["Hello"], [AWAY]), time, backup=backup)
    models = [items[-1].model for items in (ask(llm), ask(llm)) if isinstance(items[-1], Usage)]
    assert models == ["primary", "backup"]
    assert llm.name == "primary"


def test_an_open_circuit_goes_to_the_backup_at_once(time: Time) -> None:
    primary, backup = FlakyLLM([AWAY]), FlakyLLM(["Hi"], name="backup")
    llm = resilient(primary, time, backup=backup)
    assert text(ask(llm)) == "Hi"
    asked, before = len(primary.prompts), time.now
    assert asked == 3
    assert text(ask(llm)) == "Hi"
    assert (len(primary.prompts), time.now) == (asked, before)


def test_an_open_circuit_without_a_backup_fails_at_once_and_closes_again(time: Time) -> None:
    primary = FlakyLLM([AWAY], [AWAY], [AWAY], ["Hello"])
    llm = resilient(primary, time)
    with pytest.raises(ModelUnavailable, match="refused"):
        ask(llm)
    before = time.now
    with pytest.raises(ModelUnavailable, match="is not asked"):
        ask(llm)
    assert (len(primary.prompts), time.now) == (3, before)
    time.now += 5
    assert text(ask(llm)) == "Hello"


def test_both_away_tells_of_the_backup(time: Time) -> None:
    backup = FlakyLLM([ModelUnavailable("backup refused")], name="backup")
    with pytest.raises(ModelUnavailable, match="backup refused"):
        ask(resilient(FlakyLLM([AWAY]), time, backup=backup))
    assert len(backup.prompts) == 1


def test_a_silent_model_is_stopped_at_the_deadline(time: Time) -> None:
    primary, backup = SilentLLM(time), ScriptedLLM(["Hi"])
    assert text(ask(resilient(primary, time, backup=backup))) == "Hi"
    assert (len(primary.prompts), primary.stopped) == (1, 1)
    assert time.now == pytest.approx(30, abs=0.2)


def test_a_silent_model_without_a_backup_is_told(time: Time) -> None:
    with pytest.raises(ModelUnavailable, match=r"nothing within 30 s.*llm\.deadline_seconds"):
        ask(resilient(SilentLLM(time), time))


def test_what_has_begun_has_no_deadline(time: Time) -> None:
    stream = resilient(ScriptedLLM(["a", "b"]), time).stream(HELLO, max_tokens=9, cancelled=never)
    next(stream)
    time.now += 1000
    assert [item for item in stream if isinstance(item, str)] == ["b"]


def test_a_cancel_ends_the_wait_between_attempts(time: Time) -> None:
    primary = FlakyLLM([AWAY])
    llm = resilient(primary, time)
    items = llm.stream(HELLO, max_tokens=9, cancelled=lambda: len(time.slept) >= 2)
    assert list(items) == []
    assert len(primary.prompts) == 1
    assert time.now == pytest.approx(0.1)


def test_a_cancel_reaches_a_silent_model(time: Time) -> None:
    primary, backup = SilentLLM(time), ScriptedLLM()
    llm = resilient(primary, time, backup=backup)
    assert list(llm.stream(HELLO, max_tokens=9, cancelled=lambda: time.now > 1)) == []
    assert primary.stopped == 1
    assert backup.prompts == []


def test_cancels_hide_no_failures_from_the_circuit(time: Time) -> None:
    primary = SilentLLM(time)
    llm = resilient(primary, time, retries=0)
    for _ in range(3):
        left = time.now + 1
        list(llm.stream(HELLO, max_tokens=9, cancelled=lambda: time.now > left))  # noqa: B023
        with pytest.raises(ModelUnavailable, match="nothing within"):
            ask(llm)
    with pytest.raises(ModelUnavailable, match="is not asked"):
        ask(llm)


def test_the_schema_reaches_the_model(time: Time) -> None:
    primary, schema = ScriptedLLM(["{}"]), {"type": "object"}
    llm = resilient(primary, time)
    list(llm.stream(HELLO, max_tokens=9, cancelled=never, response_schema=schema))
    assert primary.schemas == [schema]


def test_it_is_ready_with_either_model(time: Time) -> None:
    primary, backup = ScriptedLLM(available=False), ScriptedLLM()
    llm = resilient(primary, time, backup=backup)
    llm.check()
    backup.available = False
    with pytest.raises(ModelUnavailable):
        llm.check()
    with pytest.raises(ModelUnavailable):
        resilient(primary, time).check()


def test_a_model_that_hangs_does_not_hold_up_the_check_of_the_other(time: Time) -> None:
    class HangingLLM(ScriptedLLM):
        def __init__(self) -> None:
            super().__init__()
            self.release = threading.Event()
            self.released: bool | None = None

        def check(self) -> None:
            self.released = self.release.wait(10)

    primary = HangingLLM()
    resilient(primary, time, backup=ScriptedLLM()).check()
    assert primary.released is None
    primary.release.set()


def test_both_are_closed(time: Time) -> None:
    primary, backup = ScriptedLLM(), ScriptedLLM()
    resilient(primary, time, backup=backup).close()
    assert (primary.available, backup.available) == (False, False)
