"""The records of erasures: what was removed, what was searched, and what was found."""

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from stores.proof import NeedleKind


class ErasureState(StrEnum):
    """How far an erasure is, and what its search has shown.

    A document that is `pending` is not seen any more, but its bytes may still be there.
    """

    PENDING = "pending"
    PROVEN = "proven"
    NOT_SEARCHABLE = "not_searchable"
    FOUND = "found"


@dataclass(frozen=True, slots=True)
class Removed:
    """What was removed with a document, or made empty, in numbers.

    Attributes
    ----------
    points
        Of the index.
    originals
        Files with its bytes; 0 if another document has the same bytes and needs them.
    traces
        Of answers that held its text.
    exchanges
        Questions with their answers in conversations, made empty where they held its text.
    summaries
        Of conversations, made empty.
    jobs
        Of its ingest.
    """

    points: int = 0
    chunks: int = 0
    blocks: int = 0
    originals: int = 0
    traces: int = 0
    exchanges: int = 0
    summaries: int = 0
    jobs: int = 0


@dataclass(frozen=True, slots=True)
class Searched:
    """What the files were searched for, and how much was read.

    Attributes
    ----------
    text, original, vectors
        Numbers of pieces of the text, of the original's bytes, and of vectors as float32.
    shared
        Of these, pieces that were found and count for nothing, because documents of the tenant
        that are still there hold them, too.
    index_rewritten
        False: the index is on a server, whose files could not be searched.
    """

    files: int
    size_bytes: int
    text: int
    original: int
    vectors: int
    shared: int
    index_rewritten: bool


@dataclass(frozen=True, slots=True)
class Find:
    """Pieces of one kind that are still in a file, `place`, a path below the data folder."""

    place: str
    kind: NeedleKind
    pieces: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The erasure of one document. It holds ids and numbers, and no text of the document.

    Attributes
    ----------
    document_id
        Made of the tenant's name and the document's uri, so that who knows these can check it.
    user
        Who asked for it: `Principal.user`.
    groups
        Who might read the document, and may ask again while the erasure is pending.
    kept_until
        When the receipt itself is erased.
    finished_at
        None while it is pending.
    reason
        Why it is pending, in one line; "" if it was not tried yet, or is finished.
    removed
        None until the document was removed from the catalog.
    searched
        None until it is finished.
    finds
        What is left, empty unless the state is `found`.
    """

    id: UUID
    tenant: str
    document_id: UUID
    user: str
    groups: tuple[str, ...]
    asked_at: datetime
    kept_until: datetime
    finished_at: datetime | None = None
    state: ErasureState = ErasureState.PENDING
    reason: str = ""
    removed: Removed | None = None
    searched: Searched | None = None
    finds: tuple[Find, ...] = ()


def receipt_row(receipt: Receipt) -> dict[str, Any]:
    """Return the row of `receipts`."""
    return asdict(receipt)


def as_receipt(row: Row[Any]) -> Receipt:
    """Return the receipt of a row of `receipts`."""
    fields = dict(row._mapping)
    removed, searched = fields["removed"], fields["searched"]
    return Receipt(
        **{
            **fields,
            "groups": tuple(fields["groups"]),
            "state": ErasureState(fields["state"]),
            "removed": None if removed is None else Removed(**removed),
            "searched": None if searched is None else Searched(**searched),
            "finds": tuple(
                Find(each["place"], NeedleKind(each["kind"]), each["pieces"])
                for each in fields["finds"]
            ),
        }
    )
