"""Records to fill a catalog with."""

from datetime import UTC, datetime
from uuid import UUID

from stores.catalog import Catalog
from stores.receipt_records import Receipt
from stores.records import (
    Block,
    BlockKind,
    Chunk,
    Document,
    Span,
    chunk_id,
    document_id,
)

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def make_document(
    uri: str = "file:///leave.md",
    *,
    tenant: str = "acme",
    revision: int = 1,
    groups: tuple[str, ...] = ("everyone",),
    updated_at: datetime = NOW,
) -> Document:
    return Document(
        id=document_id(tenant, uri),
        tenant=tenant,
        uri=uri,
        revision=revision,
        title="休假制度",
        media_type="text/markdown",
        lang="zh",
        sha256=f"{revision:064x}",
        size_bytes=1234,
        groups=groups,
        updated_at=updated_at,
    )


def make_blocks(document: Document, *, count: int = 3) -> list[Block]:
    return [
        Block(
            kind=BlockKind.TEXT,
            text=f"{document.uri} revision {document.revision} block {ordinal}",
            page=1 + ordinal // 2,
            heading_path=("休假", "年假"),
        )
        for ordinal in range(count)
    ]


def make_chunks(document: Document, *, count: int = 3) -> list[Chunk]:
    return [
        Chunk(
            id=chunk_id(document.id, document.revision, ordinal),
            document_id=document.id,
            revision=document.revision,
            ordinal=ordinal,
            text=f"{document.uri} revision {document.revision} chunk {ordinal}",
            context=f"{document.title} › 年假",
            heading_path=("休假", "年假"),
            pages=(1, 2),
            spans=(Span(block=ordinal, start=0, end=12), Span(ordinal + 1, 3, 5, rows=(2, 7))),
            tokens=40,
        )
        for ordinal in range(count)
    ]


def remove_document(catalog: Catalog, tenant: str, document_id: UUID) -> Receipt:
    """Take a document out of the catalog, as an erasure begins."""
    document = catalog.documents.by_id(tenant, document_id)
    assert document is not None
    (receipt,) = catalog.receipts.begin([document], user="test", days=1)
    return catalog.receipts.remove_document(receipt, points=0, quotes=lambda _text: False)
