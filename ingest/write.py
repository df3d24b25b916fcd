"""Writing one revision of a document into the stores, so that a crash at any point does no harm."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar
from uuid import UUID

import stamina

from ingest.chunk import passage
from models.bm25 import document_weights
from models.terms import terms
from stores.documents import Documents
from stores.errors import CatalogUnavailable, IndexUnavailable, RevisionConflict
from stores.files import FileStore
from stores.index import DenseVector, IndexPoint, IndexStore, SparseVector, VectorIndex
from stores.records import Block, Chunk, Document, chunk_id

_FIRST_WAIT_SECONDS = 0.1
_LONGEST_WAIT_SECONDS = 5.0
_MAX_CONFLICTS = 5

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision that is parsed and cut, and not yet written.

    Attributes
    ----------
    document
        As it will be in the catalog.
    replaced
        The revision that was current when this one was made; None for a new document.
    """

    document: Document
    blocks: tuple[Block, ...]
    chunks: tuple[Chunk, ...]
    data: bytes
    replaced: Document | None


class RevisionWriter:
    """Writes revisions; `ingest.pipeline` says why its order of steps is safe.

    Parameters
    ----------
    retry_seconds
        How long a store that is away is asked again before it counts as gone.
    """

    def __init__(
        self,
        *,
        documents: Documents,
        files: FileStore,
        indexes: IndexStore,
        retry_seconds: float,
    ) -> None:
        self._documents = documents
        self._files = files
        self._indexes = indexes
        self._caller = stamina.RetryingCaller(
            attempts=None,
            timeout=retry_seconds,
            wait_initial=_FIRST_WAIT_SECONDS,
            wait_max=_LONGEST_WAIT_SECONDS,
        ).on((IndexUnavailable, CatalogUnavailable))

    def find(self, tenant: str, uri: str) -> Document | None:
        """Return the current revision of a document."""
        return self._persist(lambda: self._documents.find(tenant, uri))

    def is_indexed(self, document: Document) -> bool:
        """Tell whether the index has points of a document; others than the current ones go.

        They are left where a run broke off after its commit. None at all are there if the index
        was lost, or is another one because the encoder changed.
        """

        def check() -> bool:
            index = self._indexes.open(document.tenant)
            index.delete(document.id, keep_revision=document.revision)
            return index.count(document.id) > 0

        return self._persist(check)

    def write(self, revision: Revision, vectors: Sequence[DenseVector]) -> str | None:
        """Write a revision and make it current.

        Returns
        -------
        str or None
            What is left to do, if the index went away after the commit.

        Raises
        ------
        StoreError
            A store is away, full or locked; the revision before is still the current one.
        """
        self._files.put(revision.document.tenant, revision.data)
        sparse = [document_weights(terms(passage(c.context, c.text))) for c in revision.chunks]
        for _ in range(_MAX_CONFLICTS):
            try:
                self._commit(revision, vectors, sparse)
                break
            except RevisionConflict:
                revision = self._rebased(revision)
        else:
            raise RevisionConflict(
                f"{revision.document.uri} is written by others all the time; ingest it again later"
            )
        return self._tidy(revision)

    def remove(self, tenant: str, document_id: UUID) -> Document:
        """Remove a document from all stores; what fails before the catalog can be done again."""

        def unindex() -> None:
            index = self._indexes.open(tenant)
            index.delete(document_id)
            index.flush()

        self._persist(unindex)
        removed = self._persist(lambda: self._documents.remove(tenant, document_id))
        self._discard_file(removed)
        return removed

    def _commit(
        self,
        revision: Revision,
        vectors: Sequence[DenseVector],
        sparse: Sequence[SparseVector],
    ) -> None:
        points = _points(revision, vectors, sparse)
        self._persist(lambda: self._index(revision, points))
        self._persist(
            lambda: self._documents.commit(revision.document, revision.blocks, revision.chunks)
        )

    def _index(self, revision: Revision, points: Sequence[IndexPoint]) -> None:
        """Write the points beside those of the current revision.

        First those go that a run which broke off left under the same revision number: with other
        bytes it may have had more chunks, and the rest would come alive with the commit.
        """
        index = self._indexes.open(revision.document.tenant)
        _delete_all_but(index, revision.document.id, revision.replaced)
        index.upsert(points)
        index.flush()

    def _rebased(self, revision: Revision) -> Revision:
        """Return the revision as the successor of the one that another writer committed."""
        document = revision.document
        current = self.find(document.tenant, document.uri)
        number = 1 if current is None else current.revision + 1
        return replace(
            revision,
            document=replace(document, revision=number),
            chunks=tuple(
                replace(c, id=chunk_id(document.id, number, c.ordinal), revision=number)
                for c in revision.chunks
            ),
            replaced=current,
        )

    def _tidy(self, revision: Revision) -> str | None:
        document = revision.document
        if revision.replaced is not None and revision.replaced.sha256 != document.sha256:
            self._discard_file(revision.replaced)
        if revision.replaced is None:
            return None

        def delete_replaced() -> None:
            self._indexes.open(document.tenant).delete(document.id, keep_revision=document.revision)

        try:
            self._persist(delete_replaced)
        except IndexUnavailable as error:
            return f"points of the old revision remain until the next run ({error})"
        return None

    def _discard_file(self, document: Document) -> None:
        """Delete an original, unless another document of the tenant has the same bytes."""
        others = self._persist(lambda: self._documents.tenant_documents(document.tenant))
        if all(other.sha256 != document.sha256 for other in others):
            self._files.delete(document.tenant, document.sha256)

    def _persist(self, step: Callable[[], _Result]) -> _Result:
        """Do a step that can be repeated, and again while the store is away."""
        return self._caller(step)


def _delete_all_but(index: VectorIndex, document_id: UUID, kept: Document | None) -> None:
    index.delete(document_id, keep_revision=None if kept is None else kept.revision)


def _points(
    revision: Revision, vectors: Sequence[DenseVector], sparse: Sequence[SparseVector]
) -> list[IndexPoint]:
    return [
        IndexPoint(
            chunk_id=chunk.id,
            document_id=chunk.document_id,
            revision=chunk.revision,
            groups=revision.document.groups,
            dense=dense,
            sparse=weights,
        )
        for chunk, dense, weights in zip(revision.chunks, vectors, sparse, strict=True)
    ]
