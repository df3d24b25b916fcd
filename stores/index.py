"""The vector index: what every engine must do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from stores.access import AccessFilter

DenseVector = NDArray[np.float32]
SparseVector = Mapping[int, float]
"""Term id (unsigned 32 bit) to weight."""


@dataclass(frozen=True, slots=True)
class IndexIdentity:
    """What the vectors of an index were made with; vectors of two identities never mix.

    Attributes
    ----------
    encoder
        Name of the encoder.
    weights_sha256
        Of the encoder's weights, in hex.
    dimension
        Length of a dense vector.
    terms_version
        Of the lexical terms and their weighting.
    """

    encoder: str
    weights_sha256: str
    dimension: int
    terms_version: int

    @property
    def name(self) -> str:
        """Return a name that is usable as a folder or collection name."""
        encoder = "".join(c if c.isalnum() or c in "-_" else "-" for c in self.encoder)
        return f"{encoder}-{self.weights_sha256[:12]}-{self.dimension}-t{self.terms_version}"


@dataclass(frozen=True, slots=True)
class IndexPoint:
    """A chunk as the index sees it: vectors, and ids to filter by, but no text.

    `dense` is None to write the terms alone: of a point that is there, everything else stays.
    """

    chunk_id: UUID
    document_id: UUID
    revision: int
    groups: tuple[str, ...]
    dense: DenseVector | None
    sparse: SparseVector


@dataclass(frozen=True, slots=True)
class Hit:
    """A found point.

    Attributes
    ----------
    score
        The cosine (dense) or the BM25 score (sparse); higher is better.
    terms
        Ids of the passage's terms: the keys of its sparse vector.
    """

    chunk_id: UUID
    document_id: UUID
    revision: int
    score: float
    terms: frozenset[int]


class VectorIndex(Protocol):
    """The points of one tenant."""

    def upsert(self, points: Sequence[IndexPoint]) -> None:
        """Write points; a point with the same chunk id is replaced.

        Raises
        ------
        IndexUnavailable
            Of a point that is not there, only the terms were given.
        """

    def search(
        self, query: DenseVector | SparseVector, access: AccessFilter, *, limit: int
    ) -> list[Hit]:
        """Return at most `limit` visible points, best first.

        An array asks the dense vectors, a mapping the sparse ones; an empty mapping finds nothing.
        """

    def delete(self, document_id: UUID, *, keep_revision: int | None = None) -> None:
        """Delete the points of a document, but those of `keep_revision`."""

    def count(self, document_id: UUID | None = None) -> int:
        """Return the exact number of points, of one document or of all."""

    def revisions(self) -> Mapping[tuple[UUID, int], int]:
        """Return how many points there are of each revision of each document, by both.

        Reads all points: for upkeep, not for questions.
        """

    def vectors(self, chunk_ids: Sequence[UUID]) -> dict[UUID, DenseVector]:
        """Return the dense vectors of those of the points that are there, each of length 1.

        They are those that were written, not the shortened ones that a search begins with. No
        access check: for ingest only.
        """

    def flush(self) -> None:
        """Return once everything written is on disk."""


class IndexStore(Protocol):
    """The indexes of all tenants, made with one identity.

    All methods, and those of the indexes it opens, raise `IndexUnavailable` when the engine cannot
    be reached, `StorageFull` when the disk is full.
    """

    def open(self, tenant: str) -> VectorIndex:
        """Return the tenant's index, created if it does not exist.

        Raises
        ------
        IndexLocked
            Another process has it open.
        """

    def check(self) -> None:
        """Return if the engine answers, within two seconds."""

    def vectors(self, tenant: str, document_id: UUID | None = None) -> Iterator[DenseVector]:
        """Yield the dense vectors of a document, or of all of the tenant's, as they are kept."""

    def rewrite(self, tenant: str) -> bool:
        """Write the tenant's index anew from its points, so that nothing of deleted ones is left.

        What was deleted otherwise stays in the engine's segments and in its log. Points may be
        searched, written and deleted meanwhile. Returns False, with nothing done, where the files
        are those of a server and out of reach.
        """

    def close(self) -> None:
        """Flush and let go of everything."""
