"""One question with what became of it, and how the events of an answer change it."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Unpack
from uuid import UUID

from app.api.requests import EVERYTHING, Asking, FiltersIn
from app.api.schemas import (
    AnswerOut,
    EvidenceEvent,
    EvidenceOut,
    JobOut,
    SentenceEvent,
    TokenEvent,
)
from app.client import AnswerEvent, ZhikuClient

_POLL_SECONDS = 0.3


class Phase(StrEnum):
    """How far a turn is; the last four do not change any more."""

    STARTING = "starting"
    UPLOADING = "uploading"
    INDEXING = "indexing"
    SEARCHING = "searching"
    READING = "reading"
    WRITING = "writing"
    ANSWERED = "answered"
    FILED = "filed"
    FAILED = "failed"
    STOPPED = "stopped"


_ENDS = frozenset({Phase.ANSWERED, Phase.FILED, Phase.FAILED, Phase.STOPPED})


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a question."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class UploadStarted:
    """A file is being sent."""

    name: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The question is being sent, to the conversation that keeps it on the server."""

    conversation: UUID


@dataclass(frozen=True, slots=True)
class Ended:
    """The turn is over without an answer; `error` is the line to show, if there is one."""

    phase: Phase
    error: str = ""


Event = UploadStarted | JobOut | Asked | AnswerEvent | Ended


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and its answer so far.

    Attributes
    ----------
    number
        1-based position among those of the tab; they have different ones.
    files
        Names of the files that came with the question.
    jobs
        Their ingest, as far as it began.
    uploading
        The file that is being sent or indexed.
    written
        What the model wrote so far; `answer` replaces it.
    checked
        The sentences of it that were checked.
    error
        The line to show if the turn failed; empty if only a file was refused.
    filters
        The documents that were asked.
    conversation
        That keeps it on the server; None before the question was sent.
    """

    number: int
    question: str
    files: tuple[str, ...] = ()
    phase: Phase = Phase.STARTING
    jobs: tuple[JobOut, ...] = ()
    uploading: str = ""
    evidence: tuple[EvidenceOut, ...] = ()
    written: str = ""
    checked: tuple[SentenceEvent, ...] = ()
    answer: AnswerOut | None = None
    error: str = ""
    filters: FiltersIn = EVERYTHING
    conversation: UUID | None = None

    @property
    def checked_end(self) -> int:
        """Return how many characters of `written` are checked."""
        return self.checked[-1].end if self.checked else 0

    @property
    def finished(self) -> bool:
        """Tell whether nothing more will happen."""
        return self.phase in _ENDS

    def after(self, event: Event) -> "Turn":  # noqa: PLR0911  (one line an event)
        """Return the turn as it is once `event` happened; a finished turn stays as it is."""
        if self.finished:
            return self
        match event:
            case UploadStarted(name):
                return replace(self, phase=Phase.UPLOADING, uploading=name)
            case JobOut():
                others = tuple(job for job in self.jobs if job.id != event.id)
                return replace(self, phase=Phase.INDEXING, jobs=(*others, event))
            case Asked(conversation):
                return replace(self, phase=Phase.SEARCHING, conversation=conversation)
            case EvidenceEvent():
                return replace(self, phase=Phase.READING, evidence=event.evidence)
            case TokenEvent():
                return replace(self, phase=Phase.WRITING, written=self.written + event.text)
            case SentenceEvent():
                return replace(self, checked=(*self.checked, event))
            case AnswerOut():
                return replace(
                    self, phase=Phase.ANSWERED, answer=event, written="", evidence=event.evidence
                )
            case Ended(phase, error):
                return replace(self, phase=phase, error=error)


def carry_out(
    client: ZhikuClient,
    question: str,
    attachments: Sequence[Attachment] = (),
    *,
    conversation: UUID | None = None,
    **asking: Unpack[Asking],
) -> Iterator[Event]:
    """Upload the files, wait until they are searchable, then ask; yield all that happens.

    Without a conversation the question begins one. A question about a file that was refused is
    not asked: the answer would come from others.
    """
    refused = False
    for attachment in attachments:
        yield UploadStarted(attachment.name)
        job = client.upload(attachment.name, attachment.data)
        yield job
        while not job.finished:
            time.sleep(_POLL_SECONDS)
            job = client.job(job.id)
            yield job
        refused = refused or job.state in {"failed", "quarantined"}
    if refused:
        yield Ended(Phase.FAILED)
    elif question:
        kept_in = conversation or client.begin_conversation().id
        yield Asked(kept_in)
        yield from client.chat(question, conversation_id=kept_in, **asking)
    else:
        yield Ended(Phase.FILED)
