"""The summary of a document; the API and its client share it."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.api.schemas import UsageOut
from app.messages import Lang


class SummaryOut(BaseModel):
    """What a document says, in short."""

    model_config = ConfigDict(from_attributes=True, frozen=True)

    document_id: UUID
    revision: int = Field(description="that was read", examples=[1])
    text: str = Field(
        description="the summary, or a line that says that there is none",
        examples=["Members may borrow up to 4 books for 30 days."],
    )
    lang: Lang
    sentences: tuple[str, ...] = Field(description="empty: no summary came out that holds")
    dropped: int = Field(
        description="sentences left out, since the document does not hold their figures",
        examples=[0],
    )
    partial: bool = Field(
        description="true: the document is longer than `summary.max_read_tokens`, and only its "
        "beginning was read"
    )
    usage: UsageOut
    provenance: dict[str, str] = Field(description="prompt, models, index and configuration")
