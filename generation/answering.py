"""Answering: what the answerer does, and what stands around it."""

from collections.abc import Callable, Iterator
from typing import Protocol

from generation.records import AnswerEvent
from retrieval.records import Query


class Answering(Protocol):
    """Answers questions. Safe to call from several threads."""

    def answer(
        self, query: Query, *, cancelled: Callable[[], bool], explain: bool = False
    ) -> Iterator[AnswerEvent]:
        """Yield the events of an answer, `AnswerDone` last; see `answerer.Answerer.answer`."""
