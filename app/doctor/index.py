"""Checks of the index against the catalog: a point for each chunk, and none besides."""

from collections.abc import Iterator, Mapping
from uuid import UUID

from app.doctor.records import Check, Level
from ingest.reindex import Reindexing
from stores.catalog import Catalog
from stores.index import IndexStore
from stores.records import Document

Counts = Mapping[tuple[UUID, int], int]


class IndexDoctor:
    """Compares the index with the catalog, and makes the one like the other."""

    def __init__(self, catalog: Catalog, indexes: IndexStore, reindexing: Reindexing) -> None:
        self._catalog = catalog
        self._indexes = indexes
        self._reindexing = reindexing

    def orphans(self) -> Iterator[str]:
        """Yield a line for each revision that has points and is not current."""
        for tenant, document, revision, points in self._orphaned():
            yield f"{tenant}: {points} points of document {document}, revision {revision}"

    def incomplete(self) -> Iterator[str]:
        """Yield a line for each document that has other than one point for each chunk."""
        for document, points, chunks in self._incomplete():
            yield f"{document.uri}: {points} points for {chunks} passages"

    def delete_orphans(self) -> int:
        """Delete points of what is not current, and return how many."""
        current = {each.id: each.revision for each in self._catalog.inspection.documents()}
        deleted = 0
        for tenant, document, _, points in list(self._orphaned()):
            index = self._indexes.open(tenant)
            index.delete(document, keep_revision=current.get(document))
            index.flush()
            deleted += points
        return deleted

    def restore(self) -> int:
        """Encode documents again that lack points, and return how many."""
        incomplete = [document for document, _, _ in self._incomplete()]
        for document in incomplete:
            self._reindexing.restore(document)
        return len(incomplete)

    def _orphaned(self) -> Iterator[tuple[str, UUID, int, int]]:
        for tenant, chunks, points in self._tenants():
            for (document, revision), count in sorted(points.items()):
                if (document, revision) not in chunks:
                    yield tenant, document, revision, count

    def _incomplete(self) -> Iterator[tuple[Document, int, int]]:
        documents = {each.id: each for each in self._catalog.inspection.documents()}
        for _, chunks, points in self._tenants():
            for key, count in chunks.items():
                if points.get(key, 0) != count:
                    yield documents[key[0]], points.get(key, 0), count

    def _tenants(self) -> Iterator[tuple[str, Counts, Counts]]:
        """Yield each tenant with its chunks and its points, counted by document and revision."""
        for tenant in self._catalog.inspection.tenants():
            chunks = self._catalog.inspection.chunk_counts(tenant)
            yield tenant, chunks, self._indexes.open(tenant).revisions()


def orphans_check(doctor: IndexDoctor | None, *, skipped: str) -> Check:
    """Look for points that no search may show; without a doctor, `skipped` says why not."""
    return Check(
        name="points_orphaned",
        level=Level.FAULT,
        title="points in the index of documents or revisions that are gone",
        advice="no search shows them; `zhiku doctor --fix` deletes them",
        find=doctor.orphans if doctor else tuple,
        fix=doctor.delete_orphans if doctor else None,
        skipped=skipped,
    )


def missing_check(doctor: IndexDoctor | None, *, skipped: str) -> Check:
    """Look for passages that no search finds; without a doctor, `skipped` says why not."""
    return Check(
        name="points_missing",
        level=Level.FAULT,
        title="documents without a point for each of their passages",
        advice="searches do not find all of them; `zhiku doctor --fix` encodes them again",
        find=doctor.incomplete if doctor else tuple,
        fix=doctor.restore if doctor else None,
        skipped=skipped,
    )


def length_check(catalog: Catalog, *, max_tokens: int | None, skipped: str) -> Check:
    """Look for passages beyond the encoder's window; without one, `skipped` says why not."""

    def find() -> Iterator[str]:
        for owned in catalog.inspection.chunks():
            if max_tokens is not None and owned.chunk.tokens > max_tokens:
                yield f"{owned.uri}, chunk {owned.chunk.ordinal + 1}: {owned.chunk.tokens} tokens"

    return Check(
        name="chunks_too_long",
        level=Level.FAULT,
        title="passages longer than the encoder reads",
        advice="the documents were loaded for another encoder: load them again",
        find=find,
        skipped=skipped,
    )
