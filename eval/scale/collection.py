"""Points on disk, as plain arrays that a process reads a part of at a time."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from stores.index import IndexPoint

_FLOAT_BYTES: Final = 4
_DOCUMENTS_FROM: Final = 1 << 64
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Terms:
    """Sparse vectors, one after the other.

    Attributes
    ----------
    starts
        Of shape (points + 1,): those of point i stand from `starts[i]` to `starts[i + 1]`.
    ids, weights
        Of shape (starts[-1],).
    """

    starts: NDArray[np.int64]
    ids: NDArray[np.uint32]
    weights: Floats

    @classmethod
    def of(cls, sparse: Sequence[Mapping[int, float]]) -> Self:
        """Put sparse vectors one after the other."""
        return cls(
            starts=np.cumsum([0, *(len(each) for each in sparse)], dtype=np.int64),
            ids=np.array([term for each in sparse for term in each], dtype=np.uint32),
            weights=np.array([w for each in sparse for w in each.values()], dtype=np.float32),
        )

    def row(self, number: int) -> dict[int, float]:
        """Return the sparse vector of a point."""
        part = slice(self.starts[number], self.starts[number + 1])
        return dict(zip(self.ids[part].tolist(), self.weights[part].tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Collection:
    """Points, who may read them, and the questions that are asked of them.

    Attributes
    ----------
    folder
        Holds `vectors.f32`, row after row; the rest is in memory.
    dimension
        Length of a vector.
    documents
        Of shape (points,): the number of each point's document, ascending from 0.
    groups
        Of each document.
    questions
        Of shape (questions, dimension).
    question_terms
        What the lexical search is asked.
    """

    folder: Path
    dimension: int
    documents: NDArray[np.int64]
    terms: Terms
    groups: tuple[tuple[str, ...], ...]
    questions: Floats
    question_terms: tuple[Mapping[int, float], ...]

    def vectors(self, start: int, stop: int) -> Floats:
        """Read the vectors of some points; not mapped, so that no memory stays taken."""
        values = np.fromfile(
            self.folder / "vectors.f32",
            dtype=np.float32,
            count=(stop - start) * self.dimension,
            offset=start * self.dimension * _FLOAT_BYTES,
        )
        return values.reshape(-1, self.dimension)

    def points(self, start: int, stop: int) -> list[IndexPoint]:
        """Return some points as the index takes them."""
        return [
            IndexPoint(
                chunk_id=UUID(int=row + 1),
                document_id=document_uuid(int(self.documents[row])),
                revision=1,
                groups=self.groups[self.documents[row]],
                dense=vector,
                sparse=self.terms.row(row),
            )
            for row, vector in enumerate(self.vectors(start, stop), start=start)
        ]


def document_uuid(number: int) -> UUID:
    """Return the id of a document."""
    return UUID(int=_DOCUMENTS_FROM + number)


def row_of(chunk_id: UUID) -> int:
    """Return the place of a point in its collection."""
    return chunk_id.int - 1


def write_collection(collection: Collection) -> None:
    """Write all but the vectors to the folder, for other processes."""
    folder, terms = collection.folder, collection.terms
    for name, values in (
        ("documents", collection.documents),
        ("starts", terms.starts),
        ("ids", terms.ids),
        ("weights", terms.weights),
        ("questions", collection.questions),
    ):
        np.save(folder / f"{name}.npy", values)
    words = {
        "groups": collection.groups,
        "question_terms": [list(each.items()) for each in collection.question_terms],
    }
    (folder / "words.json").write_text(json.dumps(words), encoding="utf-8")


def read_collection(folder: Path) -> Collection:
    """Read what `write_collection` wrote."""
    words = json.loads((folder / "words.json").read_text(encoding="utf-8"))
    questions = np.load(folder / "questions.npy")
    return Collection(
        folder=folder,
        dimension=questions.shape[1],
        documents=np.load(folder / "documents.npy"),
        terms=Terms(*(np.load(folder / f"{name}.npy") for name in ("starts", "ids", "weights"))),
        groups=tuple(tuple(each) for each in words["groups"]),
        questions=questions,
        question_terms=tuple(dict(each) for each in words["question_terms"]),
    )
