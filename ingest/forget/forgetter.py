"""The erasure of documents, from its beginning to its receipt."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from uuid import UUID

from ingest.forget.locks import WritingLocks
from ingest.forget.notes import Note, Notes
from ingest.forget.prover import Proof, Prover
from ingest.forget.quotations import Quotations
from stores.catalog import Catalog
from stores.errors import IndexUnavailable, StoreError, UnknownDocument
from stores.files import FileStore
from stores.index import IndexStore
from stores.jobs import Job
from stores.proof import needles_of
from stores.receipt_records import ErasureState, Receipt
from stores.records import Document


class Forgetter:
    """Erases documents from all stores, and proves it.

    Parameters
    ----------
    receipt_days
        How long receipts are kept.
    """

    def __init__(  # noqa: PLR0913  (its collaborators)
        self,
        *,
        catalog: Catalog,
        files: FileStore,
        uploads: FileStore,
        indexes: IndexStore,
        prover: Prover,
        notes: Notes,
        writing: WritingLocks,
        receipt_days: int,
    ) -> None:
        self._catalog = catalog
        self._files = files
        self._uploads = uploads
        self._indexes = indexes
        self._prover = prover
        self._notes = notes
        self._writing = writing
        self._days = receipt_days

    def forget(self, tenant: str, document_ids: Sequence[UUID], *, user: str) -> list[Receipt]:
        """Erase documents, and return their receipts in the same order; raises as `begin` does.

        Raises
        ------
        StoreError
            What was begun is pending; `finish` goes on with it.
        """
        begun = self.begin(tenant, document_ids, user=user)
        self.finish(tenant)
        return self._catalog.receipts.read(receipt.id for receipt in begun)

    def begin(self, tenant: str, document_ids: Sequence[UUID], *, user: str) -> list[Receipt]:
        """Take documents out of the catalog, so that nobody sees them; the rest is `finish`'s.

        A document whose erasure is pending already keeps its receipt. Searching for what is in a
        document needs the index, so that nothing is begun while that is away.

        Raises
        ------
        UnknownDocument
            The tenant has no such document; nothing was begun.
        StoreError
            A store is away or full; what was begun is pending, and nothing if it is the index.
        """
        with self._writing.of(tenant):
            pending = {
                each.document_id: each
                for each in self._catalog.receipts.pending()
                if each.tenant == tenant
            }
            documents = [
                self._find(tenant, each)
                for each in dict.fromkeys(document_ids)
                if each not in pending
            ]
            notes = [self._note(document) for document in documents]
            receipts = self._catalog.receipts.begin(documents, user=user, days=self._days)
            for receipt, note in zip(receipts, notes, strict=True):
                pending[receipt.document_id] = self._remove(receipt, note)
        return [pending[each] for each in document_ids]

    def finish(self, tenant: str | None = None) -> list[Receipt]:
        """Go on with what is pending, of one tenant or of all; the index is written anew once.

        Returns
        -------
        list of Receipt
            Of what was finished now.

        Raises
        ------
        StoreError
            A store is away or full; what is not finished says so in its receipt.
        """
        pending = self._catalog.receipts.pending()
        wanted = sorted((r for r in pending if tenant in {None, r.tenant}), key=lambda r: r.tenant)
        finished: list[Receipt] = []
        failures: list[Exception] = []
        for owner, receipts in groupby(wanted, key=lambda receipt: receipt.tenant):
            try:
                finished += self._finish(owner, list(receipts))
            except (StoreError, OSError) as error:
                failures.append(error)  # the other tenants' go on
        if failures:
            raise failures[0]
        return finished

    def _find(self, tenant: str, document_id: UUID) -> Document:
        found = self._catalog.documents.by_id(tenant, document_id)
        if found is None:
            raise UnknownDocument(
                f"no document {document_id} in {tenant}: `zhiku documents` lists those there are"
            )
        return found

    def _note(self, document: Document) -> Note:
        texts = [text for _, text in self._catalog.documents.texts(of=document.id)]
        original = self._files.path(document.tenant, document.sha256)
        needles = needles_of(
            texts=texts,
            vectors=self._indexes.vectors(document.tenant, document.id),
            original=original.read_bytes() if original.exists() else None,
        )
        return Note(document.sha256, needles)

    def _remove(self, receipt: Receipt, note: Note) -> Receipt:
        """Take the document out of the catalog; its note is on disk before."""
        self._notes.write(receipt, note)
        points = self._indexes.open(receipt.tenant).count(receipt.document_id)
        quotations = Quotations(self._catalog.documents, receipt.document_id)
        jobs = self._catalog.jobs.of_document(receipt.tenant, receipt.document_id)
        removed = self._catalog.receipts.remove_document(
            receipt, points=points, quotes=quotations.are_in
        )
        self._discard_uploads(jobs)
        return removed

    def _discard_uploads(self, jobs: Iterable[Job]) -> None:
        """Delete the files kept of failed jobs, unless another job needs the same bytes."""
        needed = {(job.tenant, job.sha256) for job in self._catalog.jobs.unfinished()}
        for job in jobs:
            if (job.tenant, job.sha256) not in needed:
                self._uploads.delete(job.tenant, job.sha256)

    def _finish(self, tenant: str, receipts: list[Receipt]) -> list[Receipt]:
        try:
            with self._writing.of(tenant):
                receipts = [self._removed(receipt) for receipt in receipts]
                self._unindex(tenant, receipts)
                receipts = [self._discard_original(receipt) for receipt in receipts]
            rewritten = self._indexes.rewrite(tenant)
            needles = {each.id: self._notes.read(each).needles for each in receipts}
            proofs = self._prover.prove(tenant, needles, index_rewritten=rewritten)
        except (StoreError, OSError) as error:
            self._catalog.receipts.postpone([each.id for each in receipts], reason=str(error))
            raise
        finished = [
            self._catalog.receipts.finish(_proven(receipt, proofs[receipt.id]))
            for receipt in receipts
        ]
        with self._writing.of(tenant):
            left = self._catalog.receipts.pending()
            self._notes.keep_only(tenant, [each.id for each in left])
        return finished

    def _removed(self, receipt: Receipt) -> Receipt:
        """Take the document out of the catalog if a crash came before it."""
        if receipt.removed is not None:
            return receipt
        document = self._catalog.documents.by_id(receipt.tenant, receipt.document_id)
        note = self._notes.read(receipt) if document is None else self._note(document)
        return self._remove(receipt, note)

    def _unindex(self, tenant: str, receipts: Iterable[Receipt]) -> None:
        """Delete the points, and make sure of it; not those of a document that came back since."""
        index = self._indexes.open(tenant)
        for receipt in receipts:
            current = self._catalog.documents.by_id(tenant, receipt.document_id)
            kept = None if current is None else current.revision
            index.delete(receipt.document_id, keep_revision=kept)
            left = index.count(receipt.document_id)
            if current is None and left:
                raise IndexUnavailable(
                    f"the index still has {left} points of the document {receipt.document_id} "
                    "after they were deleted: it is tried again"
                )
        index.flush()

    def _discard_original(self, receipt: Receipt) -> Receipt:
        """Delete the original, unless another document has the same bytes."""
        sha256 = self._notes.read(receipt).sha256
        documents = self._catalog.documents.tenant_documents(receipt.tenant)
        self._files.discard_parts(receipt.tenant)
        if receipt.removed is None or not sha256 or sha256 in {each.sha256 for each in documents}:
            return receipt
        if not self._files.path(receipt.tenant, sha256).exists():
            return receipt
        self._files.delete(receipt.tenant, sha256)
        return self._catalog.receipts.update(
            replace(receipt, removed=replace(receipt.removed, originals=1))
        )


def _proven(receipt: Receipt, proof: Proof) -> Receipt:
    if proof.finds:
        state = ErasureState.FOUND
    elif proof.searched.index_rewritten:
        state = ErasureState.PROVEN
    else:
        state = ErasureState.NOT_SEARCHABLE
    return replace(receipt, state=state, searched=proof.searched, finds=proof.finds)
