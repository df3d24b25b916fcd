"""The way of a document: check, parse, chunk, encode, write.

Why a crash at any point loses nothing and shows nothing torn. A reader counts a point of the index
only if the catalog has its document in the same revision, so the one transaction of the catalog's
`commit` is the moment at which a document changes. Before it, the original file and the points of
the new revision are on disk (`flush`), and no reader sees them; after it, they are all there, and
the points of the old revision are no longer seen. A run that breaks off before the commit leaves
the old revision current and unseen points behind, which the next attempt at the document deletes,
since it takes the same revision number. One that breaks off after it leaves unseen points of the
old revision, which the next run deletes when it finds the document unchanged; the old original may
stay on disk, where nothing refers to it. What describes a document is in the catalog alone: where
only that changed, one transaction changes it in the revision that is there. Every step can be
repeated with the same result, so one that fails while a store is away is simply done again.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from ingest.ahead import one_ahead
from ingest.chunk import chunk_blocks, passage
from ingest.duplicates import sign
from ingest.embed import Embedder
from ingest.errors import FileTooLarge, IngestError, QuarantinedFile
from ingest.forget.locks import WritingLocks
from ingest.lexicon import LexiconReader
from ingest.metadata import extract
from ingest.metadata.described import described, description_key, with_earlier_statements
from ingest.records import (
    FailedSource,
    IngestStage,
    IngestStatus,
    Metadata,
    Outcome,
    ParsedDocument,
    Source,
)
from ingest.reports import ProgressCallback, ProgressReport, failed, noted, quarantined
from ingest.sandbox.parser import SandboxedParser
from ingest.sources import size_message
from ingest.write import Revision, RevisionWriter
from models.bm25 import document_weights
from models.encoder import CountingEncoder
from models.language import detect_language
from models.terms import terms
from stores.documents import Documents
from stores.errors import IndexUnavailable, RevisionConflict
from stores.files import FileStore
from stores.index import IndexStore
from stores.records import Document, document_id

RESERVED_TOKENS = 16
"""Room in the window for the encoder's prefix and special tokens: `count_tokens` has no part of
them."""
_LANGUAGE_SAMPLE = 20_000


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
    """Brings documents into the stores; `ingest.forget` takes them out."""

    def __init__(  # noqa: PLR0913  (its collaborators)
        self,
        *,
        documents: Documents,
        files: FileStore,
        indexes: IndexStore,
        lexicon: LexiconReader,
        parser: SandboxedParser,
        encoder: CountingEncoder,
        writing: WritingLocks,
        clock: Callable[[], datetime],
        settings: PipelineSettings,
    ) -> None:
        self._writer = RevisionWriter(
            documents=documents,
            files=files,
            indexes=indexes,
            retry_seconds=settings.retry_seconds,
        )
        self._embedder = Embedder(
            writer=self._writer, encoder=encoder, batch_chunks=settings.batch_chunks
        )
        self._lexicon = lexicon
        self._parser = parser
        self._encoder = encoder
        self._writing = writing
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
        progress = ProgressReport(on_progress, sources)
        replaced: set[str] = set()
        batches = self._batches(sources, tenant=tenant, groups=readers, progress=progress)
        try:
            for batch in one_ahead(batches):
                if isinstance(batch, Outcome):
                    yield progress.done(batch)
                elif batch:
                    replaced |= {r.replaced.sha256 for r in batch if r.replaced is not None}
                    for outcome in self._write(batch, progress):
                        yield progress.done(outcome)
        finally:
            with self._writing.of(tenant):
                self._writer.discard_originals(tenant, replaced)

    def _batches(
        self,
        sources: Iterable[Source | FailedSource],
        *,
        tenant: str,
        groups: tuple[str, ...],
        progress: ProgressReport,
    ) -> Iterator[list[Revision] | Outcome]:
        """Yield revisions to be encoded and written together, and outcomes without any.

        While a batch is written the next one is made. A document that is in either of them must see
        what was made of it before, so an empty batch comes first: by the time that the one after it
        is asked for, everything before is written.
        """
        waiting: list[Revision] = []
        in_hand: set[str] = set()
        for source in sources:
            if source.uri in in_hand:
                yield from ([*waiting], [])
                waiting, in_hand = [], set()
            progress.report(IngestStage.PARSING, source.uri)
            prepared = self._prepare(source, progress, tenant=tenant, groups=groups)
            if isinstance(prepared, Outcome):
                yield prepared
                continue
            waiting.append(prepared)
            in_hand.add(source.uri)
            if sum(len(revision.chunks) for revision in waiting) >= self._settings.batch_chunks:
                in_hand = {revision.document.uri for revision in waiting}
                yield waiting
                waiting = []
        if waiting:
            yield waiting

    def _prepare(
        self,
        source: Source | FailedSource,
        progress: ProgressReport,
        *,
        tenant: str,
        groups: tuple[str, ...],
    ) -> Revision | Outcome:
        """Return the parsed and cut revision, or the outcome if the document is done with it."""
        try:
            current = self._writer.find(tenant, source.uri)
            if isinstance(source, FailedSource):
                return failed(source.uri, current, source.reason)
            sha256 = hashlib.sha256(source.data).hexdigest()
            source = with_earlier_statements(source, current, sha256=sha256)
            is_same = current is not None and (current.sha256, current.groups) == (sha256, groups)
            if current is not None and is_same and self._writer.is_indexed(current):
                return self._describe_again(source, current, progress)
        except IndexUnavailable as error:
            return failed(source.uri, current, str(error), retryable=error.retryable)
        read = self._read(source, current, progress)
        if isinstance(read, Outcome):
            return read
        document = self._document(source, *read, tenant=tenant, groups=groups)
        revision = 1 if current is None else current.revision + 1
        return self._cut(source, read[0], replace(document, revision=revision), current)

    def _describe_again(
        self, source: Source, current: Document, progress: ProgressReport
    ) -> Outcome:
        """Describe a document whose bytes are the same, if other statements are made of it."""
        if current.described_by == description_key(source):
            return Outcome(source.uri, IngestStatus.UNCHANGED, current.id, 0, None)
        read = self._read(source, current, progress)
        if isinstance(read, Outcome):
            return read
        try:
            self._writer.describe(described(current, read[1], source, now=self._clock()))
        except RevisionConflict as error:
            return failed(source.uri, current, str(error), retryable=error.retryable)
        return Outcome(source.uri, IngestStatus.UPDATED, current.id, 0, None)

    def _read(
        self, source: Source, current: Document | None, progress: ProgressReport
    ) -> tuple[ParsedDocument, Metadata] | Outcome:
        """Return what a document holds and what describes it, or the outcome of one without."""
        try:
            self._check_size(source)
            parsed = self._parser.parse(source, progress.of_pages(source.uri))
            return parsed, extract(parsed, source, today=self._clock().date())
        except QuarantinedFile as error:
            return quarantined(source.uri, current, str(error))
        except IngestError as error:
            return failed(source.uri, current, str(error), retryable=error.retryable)
        except Exception as error:  # noqa: BLE001 - what is said in foreign files may raise anything
            reason = (
                f"{source.filename}: cannot be described ({type(error).__name__}: {error}); open "
                "it and save it again, or convert it to another format"
            )
            return failed(source.uri, current, reason)

    def _check_size(self, source: Source) -> None:
        size, limit = len(source.data), self._settings.max_file_bytes
        if size > limit:
            raise FileTooLarge(size_message(source.filename, size, max_bytes=limit))

    def _document(
        self,
        source: Source,
        parsed: ParsedDocument,
        metadata: Metadata,
        *,
        tenant: str,
        groups: tuple[str, ...],
    ) -> Document:
        now = self._clock()
        sample = "\n".join(block.text[:_LANGUAGE_SAMPLE] for block in parsed.blocks[:1000])
        document = Document(
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
            updated_at=now,
            hidden=parsed.hidden,
        )
        return described(document, metadata, source, now=now)

    def _cut(
        self, source: Source, parsed: ParsedDocument, document: Document, current: Document | None
    ) -> Revision:
        former = () if current is None else self._writer.chunks(current)
        chunks = chunk_blocks(
            parsed.title,
            parsed.blocks,
            document_id=document.id,
            revision=document.revision,
            count_tokens=self._encoder.count_tokens,
            target_tokens=self._settings.target_tokens,
            max_tokens=self._encoder.max_tokens - RESERVED_TOKENS,
            former=former,
        )
        words = self._lexicon.of(document.tenant).words
        weights = (document_weights(terms(passage(c.context, c.text), words)) for c in chunks)
        return Revision(
            document=document,
            blocks=parsed.blocks,
            chunks=tuple(chunks),
            data=source.data,
            replaced=current,
            former=former,
            words=words,
            weights=tuple(weights),
            signature=sign(parsed.blocks),
            unread=parsed.unread,
        )

    def _write(self, revisions: list[Revision], progress: ProgressReport) -> Iterator[Outcome]:
        """Encode and stage several documents together, then commit one after the other."""
        try:
            embedded = self._embedder.embed(revisions, progress)
        except IndexUnavailable as error:
            yield from _all_failed(revisions, error)
            return
        progress.report(IngestStage.INDEXING, revisions[0].document.uri)
        with self._writing.of(revisions[0].document.tenant):
            outcomes = list(self._write_embedded(embedded))
        yield from outcomes

    def _write_embedded(self, revisions: list[Revision]) -> Iterator[Outcome]:
        try:
            self._writer.stage(revisions)
        except IndexUnavailable as error:
            yield from _all_failed(revisions, error)
            return
        for revision in revisions:
            yield self._commit(revision)

    def _commit(self, revision: Revision) -> Outcome:
        document = revision.document
        try:
            left = self._writer.commit(revision)
        except (IndexUnavailable, RevisionConflict) as error:
            return failed(document.uri, revision.replaced, str(error), retryable=error.retryable)
        status = IngestStatus.ADDED if revision.replaced is None else IngestStatus.UPDATED
        reason = noted(document.hidden, revision.unread, left)
        return Outcome(document.uri, status, document.id, len(revision.chunks), reason)


def _all_failed(revisions: Iterable[Revision], error: IndexUnavailable) -> Iterator[Outcome]:
    for revision in revisions:
        uri, replaced = revision.document.uri, revision.replaced
        yield failed(uri, replaced, str(error), retryable=error.retryable)
