"""A pipeline on real stores, and stores that fail on command."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from ingest.forget.locks import WritingLocks
from ingest.lexicon import LexiconReader
from ingest.pipeline import Pipeline, PipelineSettings
from ingest.records import FailedSource, IngestProgress, Outcome, Source
from ingest.sandbox.parser import SandboxedParser
from models.bm25 import query_weights
from models.terms import terms
from stores.access import AccessFilter
from stores.documents import Documents
from stores.errors import IndexUnavailable
from stores.files import FileStore
from stores.index import DenseVector, Hit, IndexPoint, IndexStore, SparseVector, VectorIndex
from stores.lexicon import Lexicons
from stores.records import Block, Chunk, Document
from stores.signatures import Signature
from tests.fakes.encoder import FakeEncoder
from tests.ingest.parsers import shared_parser

TENANT = "acme"
GROUPS = ("everyone",)
ACCESS = AccessFilter(tenant=TENANT, groups=GROUPS)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
SETTINGS = PipelineSettings(
    target_tokens=40, batch_chunks=4, max_file_bytes=100_000, retry_seconds=0.4
)


class CountingEncoder(FakeEncoder):
    """Remembers how many passages each call had."""

    def __init__(self) -> None:
        self.calls: list[int] = []

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.calls.append(len(texts))
        return super().encode_passages(texts)


Failures = dict[str, list[Exception | Callable[[], object]]]
"""By the name of a method: what happens at its next calls before they are passed on."""


@dataclass
class Scripted:
    """Raises, or calls, what stands next in the script of a method.

    The points of a document in `refused` are never taken.
    """

    script: Failures = field(default_factory=dict)
    refused: set[UUID] = field(default_factory=set)

    def before(self, method: str) -> None:
        steps = self.script.get(method, [])
        step = steps.pop(0) if steps else None
        if isinstance(step, Exception):
            raise step
        if step is not None:
            step()


class ScriptedIndex:
    """A real index that fails on command."""

    def __init__(self, index: VectorIndex, scripted: Scripted) -> None:
        self._index = index
        self._scripted = scripted

    def upsert(self, points: Sequence[IndexPoint]) -> None:
        self._scripted.before("upsert")
        if not self._scripted.refused.isdisjoint(point.document_id for point in points):
            raise IndexUnavailable("the index is away")
        self._index.upsert(points)

    def search(
        self, query: DenseVector | SparseVector, access: AccessFilter, *, limit: int
    ) -> list[Hit]:
        return self._index.search(query, access, limit=limit)

    def delete(self, document_id: UUID, *, keep_revision: int | None = None) -> None:
        self._scripted.before("delete")
        self._index.delete(document_id, keep_revision=keep_revision)

    def count(self, document_id: UUID | None = None) -> int:
        return self._index.count(document_id)

    def revisions(self) -> Mapping[tuple[UUID, int], int]:
        return self._index.revisions()

    def vectors(self, chunk_ids: Sequence[UUID]) -> dict[UUID, DenseVector]:
        self._scripted.before("vectors")
        return self._index.vectors(chunk_ids)

    def flush(self) -> None:
        self._scripted.before("flush")
        self._index.flush()


class ScriptedIndexes:
    """Real indexes that fail on command."""

    def __init__(self, indexes: IndexStore, scripted: Scripted) -> None:
        self._indexes = indexes
        self._scripted = scripted

    def open(self, tenant: str) -> VectorIndex:
        self._scripted.before("open")
        return ScriptedIndex(self._indexes.open(tenant), self._scripted)

    def check(self) -> None:
        self._indexes.check()

    def vectors(self, tenant: str, document_id: UUID | None = None) -> Iterator[DenseVector]:
        self._scripted.before("vectors")
        return self._indexes.vectors(tenant, document_id)

    def rewrite(self, tenant: str) -> bool:
        self._scripted.before("rewrite")
        return self._indexes.rewrite(tenant)

    def close(self) -> None:
        self._indexes.close()


class ScriptedDocuments(Documents):
    """The real catalog that fails on command."""

    def __init__(self, documents: Documents, scripted: Scripted) -> None:
        super().__init__(documents._database)
        self._scripted = scripted

    def commit(
        self,
        document: Document,
        blocks: Sequence[Block],
        chunks: Sequence[Chunk],
        *,
        words: str = "",
        signature: Signature | None = None,
    ) -> None:
        self._scripted.before("commit")
        super().commit(document, blocks, chunks, words=words, signature=signature)


class World:
    """A pipeline with its stores, and what a reader finds in them."""

    def __init__(
        self,
        documents: Documents,
        indexes: IndexStore,
        folder: Path,
        *,
        parser: SandboxedParser | None = None,
    ) -> None:
        self.scripted = Scripted()
        self.encoder = CountingEncoder()
        self.progress: list[IngestProgress] = []
        self.files = FileStore(folder)
        self.documents = documents
        self.index = indexes.open(TENANT)
        self.pipeline = Pipeline(
            documents=ScriptedDocuments(documents, self.scripted),
            files=self.files,
            indexes=ScriptedIndexes(indexes, self.scripted),
            lexicon=LexiconReader(Lexicons(documents._database)),
            parser=parser or shared_parser(),
            encoder=self.encoder,
            writing=WritingLocks(folder.with_name("locks")),
            clock=lambda: NOW,
            settings=SETTINGS,
        )

    def run(self, *sources: Source | FailedSource, groups: Iterable[str] = GROUPS) -> list[Outcome]:
        return list(
            self.pipeline.run(
                sources, tenant=TENANT, groups=groups, on_progress=self.progress.append
            )
        )

    def read(self, question: str, *, access: AccessFilter = ACCESS) -> set[str]:
        """Return the texts that a reader finds by words: hits that the catalog confirms."""
        hits = self.index.search(query_weights(terms(question)), access, limit=50)
        found = self.documents.visible_chunks([hit.chunk_id for hit in hits], access)
        return {chunk.chunk.text for chunk in found.values()}

    def originals(self, folder: Path) -> set[str]:
        return {path.read_text() for path in folder.rglob("*") if path.is_file()}
