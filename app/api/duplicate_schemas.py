"""What `/v1/duplicates` answers."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.api.schemas import DocumentOut, DuplicateOut


class _Out(BaseModel):
    model_config = ConfigDict(frozen=True)


class DuplicateGroupOut(_Out):
    """Documents that are almost the same as the newest of them."""

    newest: DocumentOut
    copies: tuple[DuplicateOut, ...] = Field(description="the most alike first")


class DuplicatesOut(_Out):
    """Groups of documents that the key may read, the largest first; `pages` are left empty."""

    groups: tuple[DuplicateGroupOut, ...]
    total: int = Field(ge=0, description="of groups, on all pages", examples=[3])


class KeptOut(_Out):
    """The documents that stay; what the key may not read is not among them."""

    document_ids: tuple[UUID, ...]
