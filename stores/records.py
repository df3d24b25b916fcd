"""The records that the catalog keeps: documents, their blocks and their chunks."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid5

_NAMESPACE = UUID("5f1d3c5e-8d0b-5c0a-9b51-2a8f6f4f7a10")


class BlockKind(StrEnum):
    """What a block of a parsed document is."""

    HEADING = "heading"
    TEXT = "text"
    TABLE = "table"
    LIST = "list"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Recognised:
    """How a block was recognised in a scan or a picture.

    Attributes
    ----------
    confidence
        Mean over its characters, in [0, 1].
    box
        Left, top, right and bottom edge on the page, turned upright and level: in points for a PDF,
        in pixels for a picture.
    """

    confidence: float
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, table, list or code listing, in reading order.

    Attributes
    ----------
    kind
        What the block is.
    text
        Its text; a table is GitHub-flavoured Markdown with its header row first.
    page
        1-based page (PDF), slide (PPTX) or sheet (XLSX); None where the format has none.
    heading_path
        The headings above the block, outermost first; a heading's own text is not part of it.
    recognised
        How it was recognised; None for text that the file has as text.
    rows
        The 1-based rows of the sheet that the rows of a table are, its header first; empty where
        there is no sheet. The catalog keeps them in the spans of the chunks, not in the blocks.
    """

    kind: BlockKind
    text: str
    page: int | None = None
    heading_path: tuple[str, ...] = ()
    recognised: Recognised | None = None
    rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a block: `Block.text[start:end]` of the block with ordinal `block` (0-based).

    `rows` are the first and the last 1-based row of the sheet that it stands in; None without one.
    """

    block: int
    start: int
    end: int
    rows: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """A retrievable piece of one revision of a document.

    Attributes
    ----------
    id
        `chunk_id(document_id, revision, ordinal)`.
    ordinal
        0-based position within the revision.
    text
        What is shown as evidence and quoted.
    context
        Title › headings, put before the text for embedding and BM25, never shown as evidence.
    pages
        The 1-based pages that the text stands on, ascending; empty where the format has none.
    spans
        Where the text stands in the blocks of the revision, in order.
    tokens
        Length of context and text together, in the encoder's tokens.
    """

    id: UUID
    document_id: UUID
    revision: int
    ordinal: int
    text: str
    context: str
    heading_path: tuple[str, ...]
    pages: tuple[int, ...]
    spans: tuple[Span, ...]
    tokens: int


class DocType(StrEnum):
    """What kind of document it is, as its readers would say."""

    POLICY = "policy"
    PROCEDURE = "procedure"
    CONTRACT = "contract"
    SPECIFICATION = "specification"
    MANUAL = "manual"
    FAQ = "faq"
    REPORT = "report"
    MINUTES = "minutes"
    MAIL = "mail"
    ANNOUNCEMENT = "announcement"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Given:
    """What people say of a document themselves; None and () where they say nothing.

    The fields mean what those of `Document` mean.
    """

    series: str | None = None
    effective_from: date | None = None
    effective_to: date | None = None
    published: date | None = None
    doc_type: DocType | None = None
    tags: tuple[str, ...] = ()


NOTHING_GIVEN = Given()
"""Nobody said anything."""


class HiddenKind(StrEnum):
    """How text is in a file and is not seen by those who read it."""

    VANISHED = "vanished"
    WHITE = "white"
    TINY = "tiny"
    INVISIBLE = "invisible"
    OFF_PAGE = "off_page"
    CSS = "css"
    ZERO_WIDTH = "zero_width"
    BIDI = "bidi"
    TAGS = "tags"


@dataclass(frozen=True, slots=True)
class HiddenText:
    """How many characters of a file are hidden in one way."""

    kind: HiddenKind
    characters: int


@dataclass(frozen=True, slots=True)
class Document:
    """One document in its current revision.

    Attributes
    ----------
    uri
        Where it came from; unique within the tenant (`file:///…`, `upload://name`).
    revision
        1 for the first bytes, one more for each replacement.
    media_type
        IANA media type.
    lang
        `zh` or `en`, by the script of most of its text.
    sha256
        Of the original bytes, in hex.
    groups
        Groups that may read it, sorted, at least one.
    series
        Documents of a tenant with the same series are editions of each other; "" is none.
    effective_from
        First day in force; None where no day is known.
    effective_to
        Last day in force, inclusive; None where no day is known.
    published
        The day that the document gives for itself, or else its file.
    tags
        Sorted and lower case, each as `names.check_tag` has it.
    given
        What was said of it when it was loaded, kept for the next time it is.
    described_by
        Names what its description was made with; "" for one that was never described.
    hidden
        Text of the file that its readers do not see; left out, and counted as a warning.
    """

    id: UUID
    tenant: str
    uri: str
    revision: int
    title: str
    media_type: str
    lang: str
    sha256: str
    size_bytes: int
    groups: tuple[str, ...]
    updated_at: datetime
    series: str = ""
    effective_from: date | None = None
    effective_to: date | None = None
    published: date | None = None
    doc_type: DocType = DocType.OTHER
    tags: tuple[str, ...] = ()
    given: Given = NOTHING_GIVEN
    described_by: str = ""
    hidden: tuple[HiddenText, ...] = ()


def document_id(tenant: str, uri: str) -> UUID:
    """Return the id that a document keeps over all its revisions."""
    return uuid5(_NAMESPACE, f"{tenant}\n{uri}")


def chunk_id(document: UUID, revision: int, ordinal: int) -> UUID:
    """Return the id of a chunk; writing the same revision again overwrites the same points."""
    return uuid5(document, f"{revision}:{ordinal}")
