"""Documents, their blocks and their chunks, in their current revision."""

import builtins
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, case, func, not_, select

from stores import schema
from stores.access import AccessFilter, DocumentSet
from stores.database import Database
from stores.document_queries import (
    documents_query,
    select_documents,
    visible,
    visible_chunks_query,
)
from stores.document_writes import write_description, write_revision
from stores.errors import UnknownDocument
from stores.filters import Filters, matches
from stores.names import check_name
from stores.records import Block, Chunk, Document
from stores.rows import as_block, as_chunk, as_document
from stores.signatures import Signature, write_signature

_documents = schema.documents.c
_groups = schema.document_groups.c
_blocks = schema.blocks.c
_chunks = schema.chunks.c


@dataclass(frozen=True, slots=True)
class FoundChunk:
    """A chunk with the document that it is a piece of."""

    chunk: Chunk
    document: Document


class Documents:
    """The documents of all tenants.

    Every read on behalf of a caller takes an `AccessFilter` and joins it in SQL, whatever the index
    has filtered before; a document that is forbidden is reported exactly as one that is not there.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, tenant: str, uri: str) -> Document | None:
        """Return the document that came from `uri`. No access check: for ingest only."""
        query = select_documents().where(_documents.tenant == tenant, _documents.uri == uri)
        with self._database.read() as connection:
            return next(iter(_load_documents(connection, query)), None)

    def tenant_documents(self, tenant: str, *, uri_prefix: str = "") -> builtins.list[Document]:
        """Return the documents whose `uri` starts with the prefix, by `uri`. For operators only.

        The prefix is compared exactly, case included; end a folder with its slash.
        """
        query = (
            select_documents()
            .where(
                _documents.tenant == tenant,
                # Not LIKE: SQLite's ignores case, and pruning goes by this list.
                func.substr(_documents.uri, 1, len(uri_prefix)) == uri_prefix,
            )
            .order_by(_documents.uri)
        )
        with self._database.read() as connection:
            return _load_documents(connection, query)

    def by_id(self, tenant: str, document_id: UUID) -> Document | None:
        """Return a document of the tenant. No access check: for ingest and operators only."""
        query = select_documents().where(_documents.id == document_id, _documents.tenant == tenant)
        with self._database.read() as connection:
            return next(iter(_load_documents(connection, query)), None)

    def texts(
        self, *, of: UUID | None = None, but: UUID | None = None
    ) -> Iterator[tuple[str, str]]:
        """Yield tenant and text of the titles and blocks: all there are, of one, or but of one.

        No access check: for the proof of an erasure only, which tells nobody what it reads.
        """
        titles = select(_documents.tenant, _documents.title)
        blocks = select(_documents.tenant, _blocks.text).join(
            schema.documents, _documents.id == _blocks.document_id
        )
        with self._database.read() as connection:
            for query in (titles, blocks):
                wanted = query if of is None else query.where(_documents.id == of)
                wanted = wanted if but is None else wanted.where(_documents.id != but)
                for row in connection.execute(wanted):
                    yield row[0], row[1]

    def groups(self, tenant: str) -> frozenset[str]:
        """Return every group that a document of the tenant has."""
        query = (
            select(_groups.name)
            .join(schema.documents, _documents.id == _groups.document_id)
            .where(_documents.tenant == tenant)
            .distinct()
        )
        with self._database.read() as connection:
            return frozenset(connection.scalars(query))

    def get(self, document_id: UUID, access: AccessFilter) -> Document:
        """Return a document; raises `UnknownDocument`."""
        with self._database.read() as connection:
            return _get(connection, document_id, access)

    def list(
        self, access: AccessFilter, *, limit: int, offset: int = 0, title: str = ""
    ) -> builtins.list[Document]:
        """Return the visible documents with `title` in their title, newest first."""
        query = (
            select_documents()
            .where(visible(access), _documents.title.icontains(title, autoescape=True))
            .order_by(_documents.updated_at.desc(), _documents.id)
            .limit(limit)
            .offset(offset)
        )
        with self._database.read() as connection:
            return _load_documents(connection, query)

    def commit(
        self,
        document: Document,
        blocks: Sequence[Block],
        chunks: Sequence[Chunk],
        *,
        words: str = "",
        signature: Signature | None = None,
    ) -> None:
        """Make a revision the current one and remove the rows of the one before, all at once.

        `words` is the fingerprint of the company's words that its points have; `signature` is what
        near-duplicates of it are found by.

        Raises
        ------
        RevisionConflict
            Another writer committed this revision, or a later one, in the meantime.
        """
        check_name("tenant", document.tenant)
        for group in document.groups:
            check_name("group", group)
        with self._database.write() as connection:
            write_revision(connection, document, blocks, chunks, words=words)
            if signature is not None:
                write_signature(connection, document.id, signature)

    def describe(self, document: Document) -> None:
        """Change what describes a document, in the revision that it has, all at once.

        Raises
        ------
        RevisionConflict
            Another writer replaced or removed this revision in the meantime.
        """
        with self._database.write() as connection:
            write_description(connection, document)

    def matching(self, tenant: str, filters: Filters) -> DocumentSet:
        """Return the tenant's documents that match, told by the fewer of those that do and do not.

        No access check: the set is for `access_filter`, which takes it from what may be seen. With
        the check this takes nearly twice as long.
        """
        condition = matches(filters)
        own = select(_documents.id).where(_documents.tenant == tenant)
        matching = func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
        counts = select(func.count(), matching).where(_documents.tenant == tenant)
        with self._database.read() as connection:
            documents, found = connection.execute(counts).one()
            others = 2 * found > documents
            chosen = own.where(not_(condition) if others else condition)
            return DocumentSet(frozenset(connection.scalars(chosen)), others=others)

    def visible_chunks(self, ids: Sequence[UUID], access: AccessFilter) -> dict[UUID, FoundChunk]:
        """Return those of the chunks that belong to a current revision and may be seen, by id."""
        with self._database.read() as connection:
            asked = {"ids": ids, "tenant": access.tenant, "groups": access.groups}
            rows = connection.execute(visible_chunks_query(), asked)
            # Here, not in SQL, which would have to take in all ids of the set.
            chunks = [as_chunk(row) for row in rows if row.document_id in access.documents]
            owners = {"ids": {chunk.document_id for chunk in chunks}}
            rows = connection.execute(documents_query(), owners)
            documents = {row.id: as_document(row) for row in rows}
        return {
            chunk.id: FoundChunk(chunk=chunk, document=documents[chunk.document_id])
            for chunk in chunks
        }

    def chunks(self, document: Document) -> builtins.list[Chunk]:
        """Return the chunks of a document in its revision, in order; none if another is current.

        No access check: for ingest only.
        """
        query = (
            select(schema.chunks)
            .where(_chunks.document_id == document.id, _chunks.revision == document.revision)
            .order_by(_chunks.ordinal)
        )
        with self._database.read() as connection:
            return [as_chunk(row) for row in connection.execute(query)]

    def pages(self, document_id: UUID, access: AccessFilter) -> builtins.list[int]:
        """Return the pages that have blocks, ascending; none where the format has no pages.

        Raises `UnknownDocument`.
        """
        query = (
            select(_blocks.page)
            .where(_blocks.document_id == document_id, _blocks.page.is_not(None))
            .distinct()
            .order_by(_blocks.page)
        )
        with self._database.read() as connection:
            _get(connection, document_id, access)
            return builtins.list(connection.scalars(query))

    def page_blocks(
        self, document_id: UUID, access: AccessFilter, *, page: int | None
    ) -> builtins.list[tuple[int, Block]]:
        """Return the blocks of a page, or with None all of them, each with its ordinal, in order.

        A page that the document does not have is empty. Raises `UnknownDocument`.
        """
        query = (
            select(schema.blocks)
            .where(_blocks.document_id == document_id)
            .order_by(_blocks.ordinal)
        )
        if page is not None:
            query = query.where(_blocks.page == page)
        with self._database.read() as connection:
            _get(connection, document_id, access)
            return [(row.ordinal, as_block(row)) for row in connection.execute(query)]


def _unknown(document_id: UUID) -> UnknownDocument:
    return UnknownDocument(f"no document {document_id}: it was removed, or is not yours to read")


def _get(connection: Connection, document_id: UUID, access: AccessFilter) -> Document:
    query = select_documents().where(_documents.id == document_id, visible(access))
    found = _load_documents(connection, query)
    if not found:
        raise _unknown(document_id)
    return found[0]


def _load_documents(connection: Connection, query: Select[Any]) -> list[Document]:
    return [as_document(row) for row in connection.execute(query).all()]
