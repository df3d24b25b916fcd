"""A chunk as the index keeps it."""

from ingest.chunk import passage
from models.bm25 import document_weights
from models.company_words import CompanyWords
from models.terms import terms
from stores.index import DenseVector, IndexPoint
from stores.records import Chunk


def whole_point(
    chunk: Chunk, words: CompanyWords, *, groups: tuple[str, ...], dense: DenseVector
) -> IndexPoint:
    """Return the point of a chunk that `groups` may read."""
    return IndexPoint(
        chunk_id=chunk.id,
        document_id=chunk.document_id,
        revision=chunk.revision,
        groups=groups,
        dense=dense,
        sparse=_weights(chunk, words),
    )


def point_of_terms(chunk: Chunk, words: CompanyWords) -> IndexPoint:
    """Return what makes the terms of a point anew; everything else of it stays."""
    return IndexPoint(
        chunk_id=chunk.id,
        document_id=chunk.document_id,
        revision=chunk.revision,
        groups=(),
        dense=None,
        sparse=_weights(chunk, words),
    )


def _weights(chunk: Chunk, words: CompanyWords) -> dict[int, float]:
    return document_weights(terms(passage(chunk.context, chunk.text), words))
