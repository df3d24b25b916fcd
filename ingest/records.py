"""The records of ingest: what goes in, what a parser makes of it, and what became of it."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from stores.records import Block


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes of one document and where they came from.

    Attributes
    ----------
    uri
        Unique within the tenant (`file:///…`, `upload://name`).
    filename
        With its suffix; what the format is guessed from where the content does not tell.
    """

    uri: str
    filename: str
    data: bytes


@dataclass(frozen=True, slots=True)
class FailedSource:
    """A document that could not even be read; its outcome is `failed` with this reason."""

    uri: str
    reason: str


class IngestStatus(StrEnum):
    """What became of a document."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one document's way.

    Attributes
    ----------
    document_id
        None if the document failed and was not known before.
    chunks
        How many were written; 0 for everything but `added` and `updated`.
    reason
        One line for a failure, or for a success with something left to do.
    retryable
        True for a failure that is no fault of the document: the same bytes may succeed later.
    """

    uri: str
    status: IngestStatus
    document_id: UUID | None
    chunks: int
    reason: str | None
    retryable: bool = False


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """What a parser makes of a file: its blocks in reading order, at least one."""

    title: str
    media_type: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class IngestProgress:
    """How far a run is.

    Attributes
    ----------
    stage
        `parsing`, `encoding` or `writing`.
    uri
        The document at work; of the first one where several are encoded together.
    documents_done
        Documents that have their outcome.
    documents_total
        None where the sources are a stream of unknown length.
    chunks_done
        Chunks encoded since the run began.
    """

    stage: str
    uri: str
    documents_done: int
    documents_total: int | None
    chunks_done: int
