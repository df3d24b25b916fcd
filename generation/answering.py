"""Answering: what the answerer does, and what stands around it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from generation.records import AnswerEvent, Policy
from generation.structured import Form
from retrieval.records import Query


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a question is to be answered.

    Attributes
    ----------
    explain
        The answer says how the search came to its evidence.
    policy
        For sentences that could not be verified; None: as the settings say.
    form
        What the answer fills in; None: it is text.
    """

    explain: bool = False
    policy: Policy | None = None
    form: Form | None = None


PLAINLY: Final = Manner()


class Answering(Protocol):
    """Answers questions. Safe to call from several threads."""

    def answer(
        self, query: Query, *, cancelled: Callable[[], bool], manner: Manner = PLAINLY
    ) -> Iterator[AnswerEvent]:
        """Yield the events of an answer, `AnswerDone` last; see `answerer.Answerer.answer`."""
