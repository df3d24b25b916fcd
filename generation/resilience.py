"""A language model that is asked again, not asked for a while, or stood in for by another."""

import logging
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace

from generation.errors import ModelRefused, ModelUnavailable
from generation.llm import LanguageModel, Message, Usage
from generation.retry_budget import RetryBudget
from stores.breaker import Breaker, CallAbandoned, CircuitOpen

_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 2.0
_LONGEST_WISH_SECONDS = 60.0
_POLL_SECONDS = 0.05
_logger = logging.getLogger("zhiku.generation")

_Ask = Callable[[LanguageModel, Callable[[], bool]], Iterator[str | Usage]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a model is waited for.

    Attributes
    ----------
    deadline_seconds
        The longest wait for the first piece of an answer; then the model is stopped and counts as
        away. What was begun may take as long as it takes.
    retries
        How often a model that is away is asked again at most.
    retry_seconds
        Later than this after the first attempt no model is asked again.
    """

    deadline_seconds: float
    retries: int
    retry_seconds: float


class ResilientModel:
    """Asks a model until it begins to answer, and then a second one.

    An answer that has begun is never begun again. A model that was away three times in a row is not
    asked for five seconds, and none is before the time that its server names (`Retry-After`, at
    most a minute). One that refuses the request is not asked again, and does not count as away.
    Requests that are sent again are few beside all (`RetryBudget`). Waiting ends at once with a
    cancel, for which the retries of stamina, which sleep, are of no use; a pause is 0.2 s, doubled
    to 2 s at most, and up to half shorter by chance, so that many do not come back together.

    Parameters
    ----------
    primary
        What answers as long as it can.
    backup
        Asked once where the first is away; None: the answer fails.
    clock
        Seconds that only go up.
    sleep
        Takes seconds, at most 0.05 at a time.
    chance
        Gives numbers in [0, 1).
    """

    def __init__(
        self,
        primary: LanguageModel,
        *,
        backup: LanguageModel | None = None,
        patience: Patience,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._primary = _Guarded(primary, patience.deadline_seconds, clock)
        self._backup = (
            None if backup is None else _Guarded(backup, patience.deadline_seconds, clock)
        )
        self._patience = patience
        self._clock = clock
        self._sleep = sleep
        self._chance = chance
        self._retries = RetryBudget(clock=clock)

    @property
    def name(self) -> str:
        """The name of the first model; the `Usage` of an answer names the one that wrote it."""
        return self._primary.model.name

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        cancelled: Callable[[], bool],
        response_schema: Mapping[str, object] | None = None,
    ) -> Iterator[str | Usage]:
        """Yield the pieces of the model that answers, then its `Usage`; see `LanguageModel`."""

        def ask(model: LanguageModel, stopped: Callable[[], bool]) -> Iterator[str | Usage]:
            return model.stream(
                messages, max_tokens=max_tokens, cancelled=stopped, response_schema=response_schema
            )

        try:
            yield from self._persist(ask, cancelled)
        except ModelUnavailable as error:
            if self._backup is None or isinstance(error, _BrokeOff):
                raise
            _logger.warning("the backup %s is asked: %s", self._backup.model.name, error)
            yield from self._backup.attempt(ask, cancelled)

    def likeliest(
        self, messages: Sequence[Message], *, cancelled: Callable[[], bool]
    ) -> Mapping[str, float]:
        """Return what the first model says, or the backup where it is away; none is asked twice."""

        def ask(model: LanguageModel) -> Mapping[str, float]:
            return model.likeliest(messages, cancelled=cancelled)

        try:
            return self._primary.once(ask)
        except ModelUnavailable:
            if self._backup is None:
                raise
            return self._backup.once(ask)

    def check(self) -> None:
        """Return as soon as one of the models answers; raises what the last of them raises."""
        if self._backup is None:
            self._primary.model.check()
            return
        # Both at once: each may take the two seconds that whoever asks waits.
        threads = ThreadPoolExecutor(2, thread_name_prefix="check")
        checks = [threads.submit(each.model.check) for each in (self._primary, self._backup)]
        threads.shutdown(wait=False)
        finished = as_completed(checks)
        try:
            next(finished).result()
        except ModelUnavailable:
            next(finished).result()

    def close(self) -> None:
        """Let go of the models."""
        self._primary.model.close()
        if self._backup is not None:
            self._backup.model.close()

    def _persist(self, ask: _Ask, cancelled: Callable[[], bool]) -> Iterator[str | Usage]:
        """Ask the first model until it begins, refuses, is known to be away, or time is up."""
        end = self._clock() + self._patience.retry_seconds
        self._retries.add_request()
        for retry in range(self._patience.retries + 1):
            try:
                yield from self._primary.attempt(ask, cancelled)
            except ModelUnavailable as error:
                pause = self._pause(retry, error)
                last = retry == self._patience.retries or self._clock() + pause > end
                if last or not error.retryable or not self._retries.take():
                    raise
                _logger.info("asked again in %.1f s: %s", pause, error)
            else:
                return
            if self._is_left(pause, cancelled):
                return

    def _pause(self, retry: int, error: ModelUnavailable) -> float:
        pause = min(_FIRST_PAUSE_SECONDS * 2.0**retry, _LONGEST_PAUSE_SECONDS)
        pause *= 1 - self._chance() / 2
        return pause + (error.retry_after_seconds or 0.0)

    def _is_left(self, seconds: float, cancelled: Callable[[], bool]) -> bool:
        """Wait so long; return True as soon as it was cancelled."""
        end = self._clock() + seconds
        while not cancelled():
            left = end - self._clock()
            if left <= 0:
                return False
            self._sleep(min(_POLL_SECONDS, left))
        return True


class _BrokeOff(ModelUnavailable):
    """The model went away after a part of its answer was passed on: too late for another try."""

    retryable = False


class _KnownAway(ModelUnavailable):
    """The model was away a moment ago and was not asked."""

    retryable = False


class _Guarded:
    """A model with its breaker and its deadline."""

    def __init__(
        self, model: LanguageModel, deadline_seconds: float, clock: Callable[[], float]
    ) -> None:
        self.model = model
        self._deadline_seconds = deadline_seconds
        self._clock = clock
        self._breaker = Breaker(ModelUnavailable, clock=clock)
        self._left_alone_until = clock()

    def attempt(self, ask: _Ask, cancelled: Callable[[], bool]) -> Iterator[str | Usage]:
        """Ask once; a breaker that is open, and a first piece that does not come, raise."""
        refused: ModelRefused | None = None
        self._respect_wish()
        try:
            with self._breaker.call():
                try:
                    yield from self._answer(ask, cancelled)
                except ModelRefused as error:
                    # An answer of its server, as far as the breaker is concerned.
                    refused = error
        except CallAbandoned:
            return
        except CircuitOpen as error:
            raise self._known_away() from error
        except ModelUnavailable as error:
            self._note_wish(error)
            raise
        if refused is not None:
            raise refused

    def once(self, ask: Callable[[LanguageModel], Mapping[str, float]]) -> Mapping[str, float]:
        """Ask for something that comes whole; a breaker that is open raises."""
        self._respect_wish()
        try:
            with self._breaker.call():
                return ask(self.model)
        except CircuitOpen as error:
            raise self._known_away() from error
        except ModelUnavailable as error:
            self._note_wish(error)
            raise

    def _respect_wish(self) -> None:
        """Raise before the time that the server named."""
        if self._clock() < self._left_alone_until:
            raise self._known_away()

    def _note_wish(self, error: ModelUnavailable) -> None:
        if error.retry_after_seconds is not None:
            seconds = min(error.retry_after_seconds, _LONGEST_WISH_SECONDS)
            self._left_alone_until = self._clock() + seconds

    def _known_away(self) -> ModelUnavailable:
        return _KnownAway(
            f"the model {self.model.name} is away or overloaded and is not asked for a moment"
        )

    def _answer(self, ask: _Ask, cancelled: Callable[[], bool]) -> Iterator[str | Usage]:
        end = self._clock() + self._deadline_seconds
        begun = expired = False

        def stopped() -> bool:
            nonlocal expired
            expired = expired or (not begun and self._clock() >= end)
            return expired or cancelled()

        try:
            for item in ask(self.model, stopped):
                begun = True
                yield item if isinstance(item, str) else self._named(item)
        except ModelUnavailable as error:
            if begun:
                wish = error.retry_after_seconds
                raise _BrokeOff(str(error), retry_after_seconds=wish) from error
            raise
        if not begun and cancelled():
            raise CallAbandoned
        if expired and not begun:
            raise ModelUnavailable(
                f"the model {self.model.name} wrote nothing within {self._deadline_seconds:g} s; "
                "it is overloaded: ask again later, or raise `llm.deadline_seconds`"
            )

    def _named(self, usage: Usage) -> Usage:
        # Late: a server's default model is known only after its first answer.
        return replace(usage, model=usage.model or self.model.name)
