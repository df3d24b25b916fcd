"""The bodies of erasures; the API and its client share them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from stores.proof import NeedleKind
from stores.receipt_records import ErasureState

_EXAMPLE_DOCUMENT = "2f6f1a52-7c0e-5d7e-9a53-0b9f6a5f3c11"
_EXAMPLE_RECEIPT = "c1b6a3f0-1d57-4a6e-9f0b-6f1f3f1c2a77"
MAX_FORGOTTEN = 1000


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True, frozen=True)


class RemovedOut(_Out):
    """What was removed with the document, or made empty."""

    points: int = Field(description="of the index", examples=[42])
    chunks: int = Field(examples=[42])
    blocks: int = Field(examples=[120])
    originals: int = Field(
        description="0: another document has the same bytes and needs them", examples=[1]
    )
    traces: int = Field(description="of answers that held its text", examples=[3])
    exchanges: int = Field(
        description="in conversations, of which the question alone was left", examples=[2]
    )
    summaries: int = Field(description="of conversations", examples=[0])
    jobs: int = Field(description="of its ingest", examples=[1])


class SearchedOut(_Out):
    """What the files were searched for, and how much was read."""

    files: int = Field(examples=[61])
    size_bytes: int = Field(examples=[104_857_600])
    text: int = Field(description="pieces of its text", examples=[812])
    original: int = Field(description="pieces of its file", examples=[64])
    vectors: int = Field(description="pieces of its vectors", examples=[168])
    shared: int = Field(
        description="pieces that documents which are still there hold, too, and that therefore "
        "prove nothing",
        examples=[4],
    )
    index_rewritten: bool = Field(
        description="false: the index is on a server, whose files were not searched"
    )


class FindOut(_Out):
    """What is still in a file."""

    place: str = Field(description="below the data folder", examples=["logs/api.log"])
    kind: NeedleKind
    pieces: int = Field(examples=[2])


class ReceiptOut(_Out):
    """The erasure of a document. It holds numbers, and no text of the document."""

    id: UUID = Field(examples=[_EXAMPLE_RECEIPT])
    document_id: UUID = Field(examples=[_EXAMPLE_DOCUMENT])
    user: str = Field(description="id of the key that asked for it", examples=["key-id"])
    asked_at: datetime
    finished_at: datetime | None
    kept_until: datetime = Field(description="when the receipt itself is erased")
    state: ErasureState = Field(
        description="`pending`: nobody sees the document any more, its bytes may still be there; "
        "`proven`: nothing is left in any file; `not_searchable`: nothing is left in any file "
        "here, and the index says that it has no point of it, but its server's files cannot be "
        "searched; `found`: something is left, see `finds`"
    )
    reason: str = Field(description="what a pending erasure waits for; empty if it goes on")
    removed: RemovedOut | None
    searched: SearchedOut | None = Field(description="null while it is pending")
    finds: tuple[FindOut, ...]

    @property
    def finished(self) -> bool:
        """Tell whether the state will not change any more."""
        return self.state is not ErasureState.PENDING


class ReceiptsOut(_Out):
    """Several erasures."""

    receipts: tuple[ReceiptOut, ...]


class ForgetIn(BaseModel):
    """Documents to erase together."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    document_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=MAX_FORGOTTEN)]
