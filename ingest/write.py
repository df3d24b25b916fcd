"""Writing revisions of documents into the stores, so that a crash at any point does no harm."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import stamina

from ingest.chunk import passage
from models.company_words import CompanyWords
from stores.documents import Documents
from stores.errors import CatalogUnavailable, IndexUnavailable, RevisionConflict
from stores.files import FileStore
from stores.index import DenseVector, IndexPoint, IndexStore, SparseVector
from stores.records import Block, Chunk, Document, chunk_id
from stores.signatures import Signature

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
    former
        The chunks of the revision that is replaced.
    words
        The company's words when it was cut: its terms have them, and the catalog keeps which.
    weights
        Of the terms of each chunk, in order.
    signature
        What near-duplicates of it are found by.
    vectors
        One for each chunk, in order, once they are encoded.
    unread
        What of the file could not be read, each in a few words.
    """

    document: Document
    blocks: tuple[Block, ...]
    chunks: tuple[Chunk, ...]
    data: bytes
    replaced: Document | None
    former: tuple[Chunk, ...]
    words: CompanyWords
    weights: tuple[SparseVector, ...]
    signature: Signature
    vectors: tuple[DenseVector, ...] = ()
    unread: tuple[str, ...] = ()


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

    def chunks(self, document: Document) -> tuple[Chunk, ...]:
        """Return the chunks of a current revision, in order."""
        return tuple(self._persist(lambda: self._documents.chunks(document)))

    def vectors(self, tenant: str, chunks: Iterable[Chunk]) -> dict[str, DenseVector]:
        """Return the vectors of those chunks that the index has, by their passages."""
        passages = {chunk.id: passage(chunk.context, chunk.text) for chunk in chunks}
        if not passages:
            return {}
        found = self._persist(lambda: self._indexes.open(tenant).vectors([*passages]))
        return {passages[chunk_id]: vector for chunk_id, vector in found.items()}

    def stage(self, revisions: Sequence[Revision]) -> None:
        """Bring originals and points of revisions to disk, where no reader sees them yet.

        Several at once, because the index takes about 0.1 s to make sure that it is on disk.
        """
        points = [_points(revision) for revision in revisions]

        def index_all() -> None:
            for revision, own in zip(revisions, points, strict=True):
                self._index(revision, own)
            for tenant in {revision.document.tenant for revision in revisions}:
                self._indexes.open(tenant).flush()

        for revision in revisions:
            self._files.put(revision.document.tenant, revision.data)
        self._persist(index_all)

    def commit(self, revision: Revision) -> str | None:
        """Make a staged revision the current one.

        Returns
        -------
        str or None
            What is left to do, if the index went away after the commit.

        Raises
        ------
        StoreError
            A store is away, full or locked; the revision before is still the current one.
        """
        for _ in range(_MAX_CONFLICTS):
            try:
                self._commit(revision)
            except RevisionConflict:
                revision = self._rebased(revision)
                self.stage([revision])
            else:
                return self._delete_replaced(revision)
        raise RevisionConflict(
            f"{revision.document.uri} is written by others all the time; ingest it again later"
        )

    def describe(self, document: Document) -> None:
        """Change what describes a document in its current revision; raises as `commit` does."""
        self._persist(lambda: self._documents.describe(document))

    def discard_originals(self, tenant: str, hashes: Iterable[str]) -> None:
        """Delete those originals that no document of the tenant has any more."""
        unused = set(hashes)
        if unused:
            documents = self._persist(lambda: self._documents.tenant_documents(tenant))
            unused -= {document.sha256 for document in documents}
        for sha256 in unused:
            self._files.delete(tenant, sha256)

    def _index(self, revision: Revision, points: Sequence[IndexPoint]) -> None:
        """Write the points beside those of the current revision.

        First those go that a run which broke off left under the same revision number: with other
        bytes it may have had more chunks, and the rest would come alive with the commit.
        """
        kept = None if revision.replaced is None else revision.replaced.revision
        index = self._indexes.open(revision.document.tenant)
        index.delete(revision.document.id, keep_revision=kept)
        index.upsert(points)

    def _commit(self, revision: Revision) -> None:
        self._persist(
            lambda: self._documents.commit(
                revision.document,
                revision.blocks,
                revision.chunks,
                words=revision.words.fingerprint,
                signature=revision.signature,
            )
        )

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

    def _delete_replaced(self, revision: Revision) -> str | None:
        """Delete the points of older revisions; they are not seen, so this can wait."""
        document = revision.document

        def delete() -> None:
            index = self._indexes.open(document.tenant)
            index.delete(document.id, keep_revision=document.revision)

        try:
            if revision.replaced is not None:
                self._persist(delete)
        except IndexUnavailable as error:
            return f"points of the old revision remain until the next run ({error})"
        return None

    def _persist(self, step: Callable[[], _Result]) -> _Result:
        """Do a step that can be repeated, and again while the store is away."""
        return self._caller(step)


def _points(revision: Revision) -> list[IndexPoint]:
    return [
        IndexPoint(
            chunk_id=chunk.id,
            document_id=chunk.document_id,
            revision=chunk.revision,
            groups=revision.document.groups,
            dense=dense,
            sparse=sparse,
        )
        for chunk, dense, sparse in zip(
            revision.chunks, revision.vectors, revision.weights, strict=True
        )
    ]
