"""The vectors of revisions: those that the index has already, and new ones for the rest."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import ceil

from ingest.chunk import passage
from ingest.reports import ProgressReport
from ingest.write import Revision, RevisionWriter
from models.encoder import Encoder
from stores.index import DenseVector
from stores.records import Chunk


class Embedder:
    """Encodes what is new in revisions.

    An index holds vectors of one encoder and its weights only. So a passage that stands word for
    word in the revision that is replaced has its vector there, and no second copy of vectors, which
    can be turned back into text, is ever kept.

    Parameters
    ----------
    batch_chunks
        Chunks that are encoded in one call.
    """

    def __init__(self, *, writer: RevisionWriter, encoder: Encoder, batch_chunks: int) -> None:
        self._writer = writer
        self._encoder = encoder
        self._batch_chunks = batch_chunks

    def embed(self, revisions: Sequence[Revision], progress: ProgressReport) -> list[Revision]:
        """Return the revisions with their vectors; the same passage is encoded once.

        Raises
        ------
        IndexUnavailable
            The index, which has the vectors that are there, is away.
        """
        first = revisions[0].document.uri
        progress.embedding(first, chunks=sum(len(revision.chunks) for revision in revisions))
        vectors = self._known(revisions)
        counts = Counter(p for revision in revisions for p in _passages(revision.chunks))
        progress.embedded(first, chunks=sum(counts[p] for p in vectors))
        for batch in self._batches([p for p in counts if p not in vectors]):
            vectors |= zip(batch, self._encoder.encode_passages(batch), strict=True)
            progress.embedded(first, chunks=sum(counts[p] for p in batch))
        return [
            replace(revision, vectors=tuple(vectors[p] for p in _passages(revision.chunks)))
            for revision in revisions
        ]

    def _known(self, revisions: Sequence[Revision]) -> dict[str, DenseVector]:
        known: dict[str, DenseVector] = {}
        for revision in revisions:
            wanted = frozenset(_passages(revision.chunks))
            kept = [c for c in revision.former if passage(c.context, c.text) in wanted]
            known |= self._writer.vectors(revision.document.tenant, kept)
        return known

    def _batches(self, passages: list[str]) -> Iterator[list[str]]:
        """Yield batches of about the same length, as near to the wished one as may be."""
        if not passages:
            return
        size = ceil(len(passages) / max(1, round(len(passages) / self._batch_chunks)))
        for start in range(0, len(passages), size):
            yield passages[start : start + size]


def _passages(chunks: Sequence[Chunk]) -> list[str]:
    return [passage(chunk.context, chunk.text) for chunk in chunks]
