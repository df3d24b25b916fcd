"""Rows of the catalog from records, and records from rows."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from stores.records import (
    Block,
    BlockKind,
    Chunk,
    DocType,
    Document,
    Given,
    HiddenKind,
    HiddenText,
    Recognised,
    Span,
)


def as_document(row: Row[Any]) -> Document:
    """Return the document of a row of `documents`, its groups and its tags joined by commas."""
    return Document(
        id=row.id,
        tenant=row.tenant,
        uri=row.uri,
        revision=row.revision,
        title=row.title,
        media_type=row.media_type,
        lang=row.lang,
        sha256=row.sha256,
        size_bytes=row.size_bytes,
        groups=tuple(sorted(row.groups.split(","))),
        updated_at=row.updated_at,
        series=row.series,
        effective_from=row.effective_from,
        effective_to=row.effective_to,
        published=row.published,
        doc_type=DocType(row.doc_type),
        tags=tuple(sorted(row.tags.split(","))) if row.tags else (),
        given=as_given(row.given),
        described_by=row.described_by,
        hidden=tuple(HiddenText(HiddenKind(kind), count) for kind, count in row.hidden.items()),
    )


def as_given(fields: Mapping[str, Any]) -> Given:
    """Return what was said, from what `given_fields` made of it."""
    days = {
        name: date.fromisoformat(fields[name])
        for name in ("effective_from", "effective_to", "published")
        if name in fields
    }
    return Given(
        series=fields.get("series"),
        doc_type=DocType(fields["doc_type"]) if "doc_type" in fields else None,
        tags=tuple(fields.get("tags", ())),
        **days,
    )


def given_fields(given: Given) -> dict[str, Any]:
    """Return what was said in the words of JSON, without what was not said."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in asdict(given).items()
        if value
    }


def as_block(row: Row[Any]) -> Block:
    """Return the block of a row of `blocks`."""
    return Block(
        kind=BlockKind(row.kind),
        text=row.text,
        page=row.page,
        heading_path=tuple(row.heading_path),
        recognised=_as_recognised(row.recognised),
    )


def _as_recognised(values: Sequence[float] | None) -> Recognised | None:
    if values is None:
        return None
    confidence, left, top, right, bottom = values
    return Recognised(confidence, (left, top, right, bottom))


def as_chunk(row: Row[Any]) -> Chunk:
    """Return the chunk of a row of `chunks`."""
    return Chunk(
        id=row.id,
        document_id=row.document_id,
        revision=row.revision,
        ordinal=row.ordinal,
        text=row.text,
        context=row.context,
        heading_path=tuple(row.heading_path),
        pages=tuple(row.pages),
        spans=tuple(_span(*values) for values in row.spans),
        tokens=row.tokens,
    )


def _span(block: int, start: int, end: int, *rows: int) -> Span:
    return Span(block, start, end, (rows[0], rows[1]) if rows else None)


def document_row(document: Document) -> dict[str, Any]:
    """Return the row of `documents`; the groups and the tags have rows of their own."""
    return {
        "id": document.id,
        "tenant": document.tenant,
        "uri": document.uri,
        "revision": document.revision,
        "title": document.title,
        "media_type": document.media_type,
        "lang": document.lang,
        "sha256": document.sha256,
        "size_bytes": document.size_bytes,
        "updated_at": document.updated_at,
        "series": document.series,
        "effective_from": document.effective_from,
        "effective_to": document.effective_to,
        "published": document.published,
        "doc_type": document.doc_type.value,
        "given": given_fields(document.given),
        "described_by": document.described_by,
        "hidden": {found.kind.value: found.characters for found in document.hidden},
    }


def block_row(block: Block, *, document_id: UUID, ordinal: int) -> dict[str, Any]:
    """Return the row of `blocks`."""
    return {
        "document_id": document_id,
        "ordinal": ordinal,
        "kind": block.kind.value,
        "text": block.text,
        "page": block.page,
        "heading_path": block.heading_path,
        "recognised": block.recognised and (block.recognised.confidence, *block.recognised.box),
    }


def chunk_row(chunk: Chunk) -> dict[str, Any]:
    """Return the row of `chunks`."""
    return {
        "id": chunk.id,
        "document_id": chunk.document_id,
        "revision": chunk.revision,
        "ordinal": chunk.ordinal,
        "text": chunk.text,
        "context": chunk.context,
        "heading_path": chunk.heading_path,
        "pages": chunk.pages,
        "spans": [(s.block, s.start, s.end, *(s.rows or ())) for s in chunk.spans],
        "tokens": chunk.tokens,
    }
