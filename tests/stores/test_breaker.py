import pytest

from stores.breaker import Breaker, CallAbandoned, CircuitOpen


class Away(Exception):
    pass


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(Away, failures=3, pause_seconds=5.0, clock=clock)


def _fail(breaker: Breaker, error: type[Exception] = Away) -> None:
    with pytest.raises(error), breaker.call():
        raise error


def _succeed(breaker: Breaker) -> bool:
    with breaker.call():
        return True


def _is_open(breaker: Breaker) -> bool:
    try:
        _fail(breaker)
    except CircuitOpen:
        return True
    return False


def test_it_opens_after_failures_in_a_row(breaker: Breaker) -> None:
    _fail(breaker)
    _fail(breaker)
    assert _succeed(breaker)
    for _ in range(3):
        _fail(breaker)
    with pytest.raises(CircuitOpen), breaker.call():
        pytest.fail("a call was let through")


def test_an_answer_that_is_an_error_is_no_failure(breaker: Breaker) -> None:
    for _ in range(10):
        _fail(breaker, ValueError)
    assert _succeed(breaker)


def test_after_a_pause_one_call_is_let_through(breaker: Breaker, clock: Clock) -> None:
    for _ in range(3):
        _fail(breaker)
    clock.now += 4.9
    assert _is_open(breaker)
    clock.now += 0.1
    with breaker.call():
        # While the probe is under way nobody else is let through.
        assert _is_open(breaker)
    assert _succeed(breaker)


def test_a_probe_that_fails_keeps_it_open_for_another_pause(breaker: Breaker, clock: Clock) -> None:
    for _ in range(3):
        _fail(breaker)
    clock.now += 5.0
    _fail(breaker)
    clock.now += 4.9
    assert _is_open(breaker)
    clock.now += 0.1
    assert _succeed(breaker)
    assert _succeed(breaker)


def test_a_probe_that_never_ends_does_not_close_it_for_ever(breaker: Breaker, clock: Clock) -> None:
    for _ in range(3):
        _fail(breaker)
    clock.now += 5.0
    with breaker.call():
        clock.now += 5.0
        assert _succeed(breaker)
    assert _succeed(breaker)


def test_a_call_that_was_left_says_nothing(breaker: Breaker) -> None:
    _fail(breaker)
    _fail(breaker)
    _fail(breaker, CallAbandoned)
    _fail(breaker)
    assert _is_open(breaker)
