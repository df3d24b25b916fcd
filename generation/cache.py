"""Answers that were written before, kept in memory for the same question asked again.

In memory, not in the catalog: nothing has to be written as text and read back, a restart forgets
it, and no text of a removed document stays on disk.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from threading import Lock

from generation.answering import PLAINLY, Answering, Manner
from generation.records import Answer, AnswerDone, AnswerEvent, Policy
from retrieval.records import Query
from stores.access import AccessFilter, Principal, access_filter

Provenance = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheSettings:
    """How much is kept, and how long.

    Attributes
    ----------
    entries, size_bytes
        The most that is kept: answers, and the size of their texts, evidence, prompts and keys.
    seconds
        Age at which an answer is forgotten.
    """

    entries: int
    size_bytes: int
    seconds: float


@dataclass(frozen=True, slots=True)
class CacheKey:
    """All that an answer depends on; two questions with the same key have the same answer.

    Attributes
    ----------
    access
        What the asker may see, as every read is restricted by it.
    version
        Of the tenant's content.
    made_with
        Model, prompt, encoder, index and configuration.
    query
        The question as it was asked with its day, filters, history and whatever else a query has;
        who asks is left out of it.
    policy
        For sentences that could not be verified.
    """

    access: AccessFilter
    version: str
    made_with: tuple[tuple[str, str], ...]
    query: Query
    policy: Policy | None


@dataclass(frozen=True, slots=True)
class _Kept:
    events: tuple[AnswerEvent, ...]
    size_bytes: int
    forgotten_at: float


class AnswerCache:
    """The answers that are kept, the least recently used let go of first. Safe from many threads.

    Parameters
    ----------
    clock
        Tells seconds; only differences count.
    """

    def __init__(self, settings: CacheSettings, *, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = Lock()
        self._kept: OrderedDict[CacheKey, _Kept] = OrderedDict()
        self._size_bytes = 0

    def get(self, key: CacheKey) -> tuple[AnswerEvent, ...] | None:
        """Return the events of the answer; what the tenant's content has outlived is forgotten."""
        with self._lock:
            for other in [each for each in self._kept if self._is_outlived(each, key)]:
                self._forget(other)
            kept = self._kept.get(key)
            if kept is None:
                return None
            self._kept.move_to_end(key)
            return kept.events

    def put(self, key: CacheKey, events: tuple[AnswerEvent, ...]) -> None:
        """Keep the events of an answer, unless it alone is more than may be kept."""
        # What is printed of the records is every text in them, and little else.
        size_bytes = len(repr((key, events)).encode())
        if size_bytes > self._settings.size_bytes:
            return
        with self._lock:
            if key in self._kept:
                self._forget(key)
            forgotten_at = self._clock() + self._settings.seconds
            self._kept[key] = _Kept(events, size_bytes, forgotten_at)
            self._size_bytes += size_bytes
            while (
                len(self._kept) > self._settings.entries
                or self._size_bytes > self._settings.size_bytes
            ):
                self._forget(next(iter(self._kept)))

    def _is_outlived(self, known: CacheKey, asked: CacheKey) -> bool:
        if known.access.tenant == asked.access.tenant and known.version != asked.version:
            return True
        return self._kept[known].forgotten_at <= self._clock()

    def _forget(self, key: CacheKey) -> None:
        self._size_bytes -= self._kept.pop(key).size_bytes


class CachingAnswerer:
    """Gives an answer again that was written for the same question under the same circumstances.

    Nothing is checked less than for an answer that is written: the key holds what the asker may see
    and the version of the content, so that after a change of either nothing is found. Kept are
    whole answers and refusals that were made with what the key says, and none that is degraded.

    Parameters
    ----------
    versions
        Tells the version of a tenant's content.
    made_with
        Tells what an answer is made with now: the provenance that it will have.
    today
        The day a question is asked on if it does not say.
    """

    def __init__(
        self,
        answerer: Answering,
        *,
        cache: AnswerCache,
        versions: Callable[[str], str],
        made_with: Callable[[], Provenance],
        today: Callable[[], date],
    ) -> None:
        self._answerer = answerer
        self._cache = cache
        self._versions = versions
        self._made_with = made_with
        self._today = today

    def answer(
        self, query: Query, *, cancelled: Callable[[], bool], manner: Manner = PLAINLY
    ) -> Iterator[AnswerEvent]:
        """Yield the events of the answer, `AnswerDone` with `cached` if they were kept.

        An answer that is to be explained, or fills in a form, is always made anew. Raises what the
        answerer and the catalog raise.
        """
        if manner.explain or manner.form is not None:
            yield from self._answerer.answer(query, cancelled=cancelled, manner=manner)
            return
        # The day is fixed here: midnight may pass while the answer is written.
        query = replace(query, asked_on=query.asked_on or self._today())
        key = self._key(query, manner.policy)
        kept = self._cache.get(key)
        if kept is None:
            yield from self._write(query, key, manner, cancelled=cancelled)
        else:
            yield from _again(kept, cancelled=cancelled)

    def _key(self, query: Query, policy: Policy | None) -> CacheKey:
        access = access_filter(query.principal)
        nobody = Principal(access.tenant, "", frozenset(), frozenset())
        return CacheKey(
            access=access,
            # Read before the search: what changes in between is stored under the old version.
            version=self._versions(access.tenant),
            made_with=_sorted(self._made_with()),
            query=replace(query, principal=nobody),
            policy=policy,
        )

    def _write(
        self, query: Query, key: CacheKey, manner: Manner, *, cancelled: Callable[[], bool]
    ) -> Iterator[AnswerEvent]:
        events: list[AnswerEvent] = []
        for event in self._answerer.answer(query, cancelled=cancelled, manner=manner):
            events.append(event)
            if isinstance(event, AnswerDone) and _may_be_kept(event.answer, key):
                self._cache.put(key, tuple(events))
            yield event


def _may_be_kept(answer: Answer, key: CacheKey) -> bool:
    model_failed = answer.understood is not None and answer.understood.model_failed
    as_said = _sorted(answer.provenance) == key.made_with
    return as_said and not answer.degraded and not model_failed


def _again(
    events: tuple[AnswerEvent, ...], *, cancelled: Callable[[], bool]
) -> Iterator[AnswerEvent]:
    for event in events:
        if cancelled():
            return
        if isinstance(event, AnswerDone):
            yield replace(event, answer=replace(event.answer, cached=True))
        else:
            yield event


def _sorted(provenance: Provenance) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(provenance.items()))
