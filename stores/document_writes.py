"""Changing the rows of documents; every change raises the version of the tenant's content."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select, update

from stores import schema
from stores.errors import RevisionConflict
from stores.names import check_tag
from stores.records import Block, Chunk, Document
from stores.rows import block_row, chunk_row, document_row
from stores.versions import raise_version

_documents = schema.documents.c
_tags = schema.document_tags.c
_DESCRIPTION = (
    "series",
    "effective_from",
    "effective_to",
    "published",
    "doc_type",
    "given",
    "described_by",
    "updated_at",
)


def write_revision(
    connection: Connection,
    document: Document,
    blocks: Sequence[Block],
    chunks: Sequence[Chunk],
    *,
    words: str,
) -> None:
    """Put a revision in the place of the one before; raises `RevisionConflict`."""
    _check_is_newer(connection, document)
    raise_version(connection, document.tenant)
    # Groups, tags, blocks and chunks go with it.
    connection.execute(delete(schema.documents).where(_documents.id == document.id))
    connection.execute(insert(schema.documents), [{**document_row(document), "words": words}])
    rows_of = {
        schema.document_groups: (
            {"document_id": document.id, "name": name} for name in document.groups
        ),
        schema.document_tags: _tag_rows(document),
        schema.blocks: (
            block_row(block, document_id=document.id, ordinal=ordinal)
            for ordinal, block in enumerate(blocks)
        ),
        schema.chunks: (chunk_row(chunk) for chunk in chunks),
    }
    for table, rows in rows_of.items():
        _insert_rows(connection, table, rows)


def write_description(connection: Connection, document: Document) -> None:
    """Change what describes a document in its revision; raises `RevisionConflict`."""
    described = document_row(document)
    changed = {name: described[name] for name in _DESCRIPTION}
    query = update(schema.documents).where(
        _documents.id == document.id, _documents.revision == document.revision
    )
    if connection.execute(query.values(changed)).rowcount == 0:
        raise RevisionConflict(
            f"{document.uri} is not at revision {document.revision} any more: "
            "another ingest was faster; ingest it again"
        )
    raise_version(connection, document.tenant)
    connection.execute(delete(schema.document_tags).where(_tags.document_id == document.id))
    _insert_rows(connection, schema.document_tags, _tag_rows(document))


def _check_is_newer(connection: Connection, document: Document) -> None:
    current = connection.scalar(select(_documents.revision).where(_documents.id == document.id))
    if current is not None and current >= document.revision:
        raise RevisionConflict(
            f"{document.uri} is at revision {current} already, revision {document.revision} was "
            "not committed: another ingest was faster; ingest it again"
        )


def _tag_rows(document: Document) -> list[dict[str, Any]]:
    return [{"document_id": document.id, "name": check_tag(name)} for name in document.tags]


def _insert_rows(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    found = [*rows]
    if found:
        connection.execute(insert(table), found)
