"""What upkeep reads of the catalog: everything, of all tenants, whoever may see it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, union

from stores import schema
from stores.database import Database
from stores.document_queries import select_documents
from stores.records import Chunk, Document
from stores.rows import as_chunk, as_document

_documents = schema.documents.c
_chunks = schema.chunks.c
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class OwnedChunk:
    """A chunk with the uri of its document."""

    uri: str
    chunk: Chunk


class Inspection:
    """Reads all that there is. For operators only: nothing is filtered."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def damages(self) -> list[str]:
        """Return what is damaged in the database, one line each."""
        return self._database.damages()

    def tenants(self) -> list[str]:
        """Return every tenant that has documents, keys or jobs."""
        tables = (schema.documents, schema.keys, schema.jobs)
        query = union(*(select(table.c.tenant) for table in tables))
        with self._database.read() as connection:
            return sorted(connection.scalars(query))

    def documents(self) -> list[Document]:
        """Return all documents, by tenant and uri."""
        query = select_documents().order_by(_documents.tenant, _documents.uri)
        with self._database.read() as connection:
            return [as_document(row) for row in connection.execute(query)]

    def chunk_counts(self, tenant: str) -> Mapping[tuple[UUID, int], int]:
        """Return how many chunks each document of a tenant has, by its id and revision."""
        query = (
            select(_documents.id, _documents.revision, func.count(_chunks.id).label("chunks"))
            .outerjoin(
                schema.chunks,
                (_chunks.document_id == _documents.id) & (_chunks.revision == _documents.revision),
            )
            .where(_documents.tenant == tenant)
            .group_by(_documents.id, _documents.revision)
        )
        with self._database.read() as connection:
            return {(row.id, row.revision): row.chunks for row in connection.execute(query)}

    def chunks(self) -> Iterator[OwnedChunk]:
        """Yield all chunks, in an order of the database's own."""
        query = select(_documents.uri, schema.chunks).join(
            schema.documents, _documents.id == _chunks.document_id
        )
        with self._database.read() as connection:
            for row in connection.execution_options(yield_per=_BATCH).execute(query):
                yield OwnedChunk(row.uri, as_chunk(row))
