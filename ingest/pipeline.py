"""The way of a document: check, parse, chunk, encode, write.

Why a crash at any point loses nothing and shows nothing torn. A reader counts a point of the index
only if the catalog has its document in the same revision, so the one transaction of the catalog's
`commit` is the moment at which a document changes. Before it, the original file and the points of
the new revision are on disk (`flush`), and no reader sees them; after it, they are all there, and
the points of the old revision are no longer seen. A run that breaks off before the commit leaves
the old revision current and unseen points behind, which the next attempt at the document deletes,
since it takes the same revision number. One that breaks off after it leaves unseen points of the
old revision, which the next run deletes when it finds the document unchanged; the old original may
stay on disk, where nothing refers to it. Every step can be repeated with the same result, so one
that fails while a store is away is simply done again.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sized
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil
from uuid import UUID

from ingest.chunk import chunk_blocks, passage
from ingest.errors import FileTooLarge, IngestError
from ingest.parse import parse
from ingest.records import (
    FailedSource,
    IngestProgress,
    IngestStatus,
    Outcome,
    ParsedDocument,
    Source,
)
from ingest.sources import size_message
from ingest.write import Revision, RevisionWriter
from models.encoder import Encoder, TokenCounter
from models.language import detect_language
from stores.documents import Documents
from stores.errors import IndexUnavailable, RevisionConflict
from stores.files import FileStore
from stores.index import DenseVector, IndexStore
from stores.records import Document, document_id

RESERVED_TOKENS = 16
"""Room in the window for the encoder's prefix and special tokens: `count_tokens` has no part of
them."""
_LANGUAGE_SAMPLE = 20_000
_MAX_REASON = 500

ProgressCallback = Callable[[IngestProgress], None]


@dataclass(frozen=True, slots=True)
class PipelineSettings:
    """How documents are cut and written.

    Attributes
    ----------
    target_tokens
        Length of a chunk to aim at.
    batch_chunks
        Chunks that are encoded in one call, across documents.
    max_file_bytes
        Larger documents fail.
    retry_seconds
        How long a store that is away is asked again before the document fails.
    """

    target_tokens: int
    batch_chunks: int
    max_file_bytes: int
    retry_seconds: float


class Pipeline:
    """Brings documents into the stores and out of them."""

    def __init__(
        self,
        *,
        documents: Documents,
        files: FileStore,
        indexes: IndexStore,
        encoder: Encoder,
        count_tokens: TokenCounter,
        clock: Callable[[], datetime],
        settings: PipelineSettings,
    ) -> None:
        self._writer = RevisionWriter(
            documents=documents,
            files=files,
            indexes=indexes,
            retry_seconds=settings.retry_seconds,
        )
        self._encoder = encoder
        self._count_tokens = count_tokens
        self._clock = clock
        self._settings = settings

    def run(
        self,
        sources: Iterable[Source | FailedSource],
        *,
        tenant: str,
        groups: Iterable[str],
        on_progress: ProgressCallback,
    ) -> Iterator[Outcome]:
        """Bring in documents, and yield what became of each once it is certain.

        A document that cannot be parsed fails alone; while the index stays away, documents fail
        batch by batch. Outcomes come in batches, those of skipped and unreadable documents first.

        Raises
        ------
        StorageFull, CatalogUnavailable, IndexLocked
            No further document can be written. What was yielded is safe, and a later run does the
            rest.
        ValueError
            `groups` is empty: nobody could read the documents.
        """
        readers = tuple(sorted(set(groups)))
        if not readers:
            raise ValueError("groups is empty; name at least one group that may read the documents")
        progress = _Progress(on_progress, sources)
        replaced: set[str] = set()
        try:
            for batch in self._batches(sources, tenant=tenant, groups=readers, progress=progress):
                if isinstance(batch, Outcome):
                    yield progress.done(batch)
                    continue
                replaced |= {r.replaced.sha256 for r in batch if r.replaced is not None}
                for outcome in self._write(batch, progress):
                    yield progress.done(outcome)
        finally:
            self._writer.discard_originals(tenant, replaced)

    def _batches(
        self,
        sources: Iterable[Source | FailedSource],
        *,
        tenant: str,
        groups: tuple[str, ...],
        progress: "_Progress",
    ) -> Iterator[list[Revision] | Outcome]:
        """Yield revisions to be encoded and written together, and outcomes without any."""
        waiting: list[Revision] = []
        for source in sources:
            if any(revision.document.uri == source.uri for revision in waiting):
                yield waiting
                waiting = []
            progress.report("parsing", source.uri)
            prepared = self._prepare(source, tenant=tenant, groups=groups)
            if isinstance(prepared, Outcome):
                yield prepared
                continue
            waiting.append(prepared)
            if sum(len(revision.chunks) for revision in waiting) >= self._settings.batch_chunks:
                yield waiting
                waiting = []
        if waiting:
            yield waiting

    def remove(self, tenant: str, document_id: UUID) -> Outcome:
        """Remove a document from all stores.

        Raises
        ------
        UnknownDocument
            The tenant has no such document.
        StoreError
            A store is away or full; remove it again later.
        """
        removed = self._writer.remove(tenant, document_id)
        return Outcome(removed.uri, IngestStatus.REMOVED, removed.id, 0, None)

    def _prepare(
        self, source: Source | FailedSource, *, tenant: str, groups: tuple[str, ...]
    ) -> Revision | Outcome:
        """Return the parsed and cut revision, or the outcome if the document is done with it."""
        try:
            current = self._writer.find(tenant, source.uri)
            if isinstance(source, FailedSource):
                return _failed(source.uri, current, source.reason)
            sha256 = hashlib.sha256(source.data).hexdigest()
            is_same = current is not None and (current.sha256, current.groups) == (sha256, groups)
            if current is not None and is_same and self._writer.is_indexed(current):
                return Outcome(source.uri, IngestStatus.UNCHANGED, current.id, 0, None)
        except IndexUnavailable as error:
            return _failed(source.uri, current, str(error), retryable=error.retryable)
        parsed = self._parse(source)
        if isinstance(parsed, str):
            return _failed(source.uri, current, parsed)
        document = self._document(source, parsed, tenant=tenant, groups=groups)
        revision = 1 if current is None else current.revision + 1
        return self._cut(source, parsed, replace(document, revision=revision), current)

    def _parse(self, source: Source) -> ParsedDocument | str:
        """Return the parsed document, or the reason why it cannot be parsed."""
        try:
            self._check_size(source)
            return parse(source)
        except IngestError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 - parsers of foreign files may raise anything
            return (
                f"{source.filename}: cannot be parsed ({type(error).__name__}: {error}); "
                "open it and save it again, or convert it to another format"
            )

    def _check_size(self, source: Source) -> None:
        size, limit = len(source.data), self._settings.max_file_bytes
        if size > limit:
            raise FileTooLarge(size_message(source.filename, size, max_bytes=limit))

    def _document(
        self, source: Source, parsed: ParsedDocument, *, tenant: str, groups: tuple[str, ...]
    ) -> Document:
        sample = "\n".join(block.text[:_LANGUAGE_SAMPLE] for block in parsed.blocks[:1000])
        return Document(
            id=document_id(tenant, source.uri),
            tenant=tenant,
            uri=source.uri,
            revision=1,
            title=parsed.title,
            media_type=parsed.media_type,
            lang=detect_language(sample[:_LANGUAGE_SAMPLE]),
            sha256=hashlib.sha256(source.data).hexdigest(),
            size_bytes=len(source.data),
            groups=groups,
            updated_at=self._clock(),
        )

    def _cut(
        self, source: Source, parsed: ParsedDocument, document: Document, current: Document | None
    ) -> Revision:
        chunks = chunk_blocks(
            parsed.title,
            parsed.blocks,
            document_id=document.id,
            revision=document.revision,
            count_tokens=self._count_tokens,
            target_tokens=self._settings.target_tokens,
            max_tokens=self._encoder.max_tokens - RESERVED_TOKENS,
        )
        return Revision(document, parsed.blocks, tuple(chunks), source.data, current)

    def _write(self, revisions: list[Revision], progress: "_Progress") -> Iterator[Outcome]:
        """Encode and stage several documents together, then commit one after the other."""
        vectors = self._encode(revisions, progress)
        encoded = [
            replace(revision, vectors=tuple(next(vectors) for _ in revision.chunks))
            for revision in revisions
        ]
        progress.report("writing", revisions[0].document.uri)
        try:
            self._writer.stage(encoded)
        except IndexUnavailable as error:
            for revision in revisions:
                yield _failed(
                    revision.document.uri,
                    revision.replaced,
                    str(error),
                    retryable=error.retryable,
                )
            return
        for revision in encoded:
            yield self._commit(revision)

    def _encode(self, revisions: list[Revision], progress: "_Progress") -> Iterator[DenseVector]:
        passages = [passage(c.context, c.text) for r in revisions for c in r.chunks]
        batches = max(1, round(len(passages) / self._settings.batch_chunks))
        size = ceil(len(passages) / batches)
        for start in range(0, len(passages), size):
            progress.report("encoding", revisions[0].document.uri)
            batch = passages[start : start + size]
            vectors = self._encoder.encode_passages(batch)
            progress.encoded(len(batch))
            progress.report("encoding", revisions[0].document.uri)
            yield from vectors

    def _commit(self, revision: Revision) -> Outcome:
        document = revision.document
        try:
            left = self._writer.commit(revision)
        except (IndexUnavailable, RevisionConflict) as error:
            return _failed(document.uri, revision.replaced, str(error), retryable=error.retryable)
        status = IngestStatus.ADDED if revision.replaced is None else IngestStatus.UPDATED
        return Outcome(document.uri, status, document.id, len(revision.chunks), left)


class _Progress:
    """Counts, and tells the caller."""

    def __init__(self, callback: ProgressCallback, sources: Iterable[object]) -> None:
        self._callback = callback
        self._total = len(sources) if isinstance(sources, Sized) else None
        self._documents = 0
        self._chunks = 0

    def report(self, stage: str, uri: str) -> None:
        self._callback(IngestProgress(stage, uri, self._documents, self._total, self._chunks))

    def encoded(self, chunks: int) -> None:
        self._chunks += chunks

    def done(self, outcome: Outcome) -> Outcome:
        self._documents += 1
        return outcome


def _failed(uri: str, current: Document | None, reason: str, *, retryable: bool = False) -> Outcome:
    """Return a failure; a revision that was there before stays."""
    line = " ".join(reason.split())[:_MAX_REASON]
    known = None if current is None else current.id
    return Outcome(uri, IngestStatus.FAILED, known, 0, line, retryable=retryable)
