"""The records of ingest: what goes in, what a parser makes of it, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

from stores.records import NOTHING_GIVEN, Block, DocType, Given, HiddenText


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line of text that was recognised in a picture.

    The edges are those of the page turned upright and level, from its upper left corner: in points
    for a PDF, in pixels of the file for a picture. `confidence` is in [0, 1].
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    confidence: float


@dataclass(frozen=True, slots=True)
class PageReading:
    """What was recognised on a page; its size is in the unit of its lines."""

    width: float
    height: float
    lines: tuple[ReadLine, ...]


Readings = Mapping[int, PageReading]
"""Readings by their page, from 1."""
NO_READINGS: Final[Readings] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page as pixels: rows from the top, three bytes a pixel (red, green, blue).

    `scale` is what a pixel is in the unit of `ReadLine`.
    """

    width: int
    height: int
    scale: float
    pixels: bytes


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes of one document and where they came from.

    Attributes
    ----------
    uri
        Unique within the tenant (`file:///…`, `upload://name`).
    filename
        With its suffix; what the format is guessed from where the content does not tell.
    given
        What who loads it says of it; fields that are left out keep what was said before.
    sidecar
        The text of the file beside it that describes it, read anew every time; "" for none.
    readings
        What was recognised on those pages that have no text of their own.
    page
        The one page, from 1, that is asked for; None for all.
    """

    uri: str
    filename: str
    data: bytes
    given: Given = NOTHING_GIVEN
    sidecar: str = ""
    readings: Readings = field(default_factory=dict)
    page: int | None = None


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
    QUARANTINED = "quarantined"


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
        One line for a failure, or for a success that someone should know more about: something is
        left to do, or the file has text that its readers do not see.
    retryable
        True for a failure that is no fault of the document: the same bytes may succeed later.
    """

    uri: str
    status: IngestStatus
    document_id: UUID | None
    chunks: int
    reason: str | None
    retryable: bool = False

    @property
    def is_in(self) -> bool:
        """Tell whether the stores hold the document as it was asked for."""
        return self.status not in {IngestStatus.FAILED, IngestStatus.QUARANTINED}


@dataclass(frozen=True, slots=True)
class FileProperties:
    """What a file says of itself beside its text.

    Attributes
    ----------
    subject
        What the file says that it is about; with dates, as in the beginning of the text.
    keywords
        Lists of keywords as they are written, separated in any way.
    fields
        Named values of front matter, meta tags or headers; names in lower case.
    written
        The day on which a program says that it wrote the file.
    """

    subject: str = ""
    keywords: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    written: date | None = None


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """What a parser makes of a file.

    Attributes
    ----------
    blocks
        In reading order; at least one, unless there are scans.
    hidden
        Counts the text that stands in the file and that its readers do not see; it is not part of
        the blocks.
    scans
        The pages, from 1, that are pictures of text and are still to be read.
    unread
        What was left out because it could not be read, each in a few words.
    """

    title: str
    media_type: str
    blocks: tuple[Block, ...]
    properties: FileProperties = field(default_factory=FileProperties)
    hidden: tuple[HiddenText, ...] = ()
    scans: tuple[int, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Metadata:
    """What describes a document; the fields mean what those of `stores.records.Document` mean."""

    series: str
    effective_from: date | None
    effective_to: date | None
    published: date | None
    doc_type: DocType
    tags: tuple[str, ...]


class IngestStage(StrEnum):
    """What is being done with a document."""

    PARSING = "parsing"
    EMBEDDING = "embedding"
    INDEXING = "indexing"


@dataclass(frozen=True, slots=True)
class IngestProgress:
    """How far a run is.

    Attributes
    ----------
    uri
        The document at work; of the first one where several are encoded together.
    documents_done
        Documents that have their outcome.
    documents_total
        None where the sources are a stream of unknown length.
    chunks_done
        Chunks that have their vectors since the run began, new ones and those that were there.
    chunks_total
        Chunks of the documents that are cut so far and were changed.
    pages_done, pages_total
        Pages of the document at work that are recognised, of those that are scanned; both 0 where
        none are.
    """

    stage: IngestStage
    uri: str
    documents_done: int
    documents_total: int | None
    chunks_done: int
    chunks_total: int
    pages_done: int = 0
    pages_total: int = 0
