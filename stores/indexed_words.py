"""Which documents have points whose terms were made with other words than the company's now."""

from uuid import UUID

from sqlalchemy import func, select, update

from stores import schema
from stores.database import Database
from stores.records import Chunk
from stores.rows import as_chunk
from stores.versions import raise_version

_documents = schema.documents.c
_chunks = schema.chunks.c


class IndexedWords:
    """What the catalog knows of the words in the index; a fingerprint stands for all of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count_behind(self, tenant: str, words: str) -> int:
        """Return how many documents were indexed with other words."""
        query = (
            select(func.count())
            .select_from(schema.documents)
            .where(_documents.tenant == tenant, _documents.words != words)
        )
        with self._database.read() as connection:
            return connection.scalar(query) or 0

    def behind(
        self, tenant: str, words: str, *, after: UUID | None, limit: int
    ) -> list[tuple[UUID, int]]:
        """Return (id, revision) of documents that were indexed with other words, by id."""
        query = (
            select(_documents.id, _documents.revision)
            .where(_documents.tenant == tenant, _documents.words != words)
            .order_by(_documents.id)
            .limit(limit)
        )
        if after is not None:
            query = query.where(_documents.id > after)
        with self._database.read() as connection:
            return [(row.id, row.revision) for row in connection.execute(query)]

    def chunks(self, document_id: UUID, revision: int) -> list[Chunk]:
        """Return the chunks of a revision, in order; none if it is no longer the current one."""
        query = (
            select(schema.chunks)
            .where(_chunks.document_id == document_id, _chunks.revision == revision)
            .order_by(_chunks.ordinal)
        )
        with self._database.read() as connection:
            return [as_chunk(row) for row in connection.execute(query)]

    def mark(self, document_id: UUID, revision: int, words: str) -> None:
        """Keep that the points of a revision have these words; of an older one, do nothing."""
        query = (
            update(schema.documents)
            .where(_documents.id == document_id, _documents.revision == revision)
            .values(words=words)
        )
        with self._database.write() as connection:
            tenant = connection.scalar(query.returning(_documents.tenant))
            if tenant is not None:
                raise_version(connection, tenant)
