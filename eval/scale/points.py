"""From documents to a collection, and from a collection to a larger one."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eval.scale.collection import Collection, Floats, Terms
from eval.scale.readers import document_groups
from eval.stock.corpus import Entry
from models.bm25 import document_weights, query_weights
from models.encoder import CountingEncoder
from models.terms import terms

_SEED: Final = 9
_BATCH: Final = 256
_NOISE: Final = 0.75
"""Length of what is added to a unit vector: the copy's cosine with it is about 0.8."""
_REPLACED: Final = 0.2
"""Share of a copy's terms that are drawn anew, by how frequent they are."""


def real_collection(
    entries: Sequence[Entry], questions: Sequence[str], encoder: CountingEncoder, *, folder: Path
) -> Collection:
    """Return the chunks of documents as a collection, its vectors in `folder`."""
    chunks = [chunk for entry in entries for chunk in entry.chunks]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "vectors.f32").open("wb") as file:
        for start in range(0, len(chunks), _BATCH):
            encoder.encode_passages(chunks[start : start + _BATCH]).tofile(file)
    lengths = [len(entry.chunks) for entry in entries if entry.chunks]
    made = Collection(
        folder=folder,
        dimension=encoder.dimension,
        documents=np.repeat(np.arange(len(lengths)), lengths),
        terms=Terms.of([document_weights(terms(chunk)) for chunk in chunks]),
        groups=(),
        questions=np.stack([encoder.encode_query(text) for text in questions]),
        question_terms=tuple(query_weights(terms(text)) for text in questions),
    )
    return replace(made, groups=document_groups(made))


def grown(real: Collection, size: int, *, folder: Path) -> Collection:
    """Return a collection of `size` points: the real ones, then perturbed copies of them in turn.

    A copy's vector is `(v + noise) / |v + noise|`, the noise random and of length 0.75; a fifth of
    its terms is drawn anew from all terms of the collection. Its documents are others.
    """
    count = len(real.documents)
    folder.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(_SEED)
    rounds = [np.arange(min(count, size - start)) for start in range(0, size, count)]
    with (folder / "vectors.f32").open("wb") as file:
        for turn, rows in enumerate(rounds):
            for start in range(0, len(rows), _BATCH):
                part = real.vectors(start, min(start + _BATCH, len(rows)))
                (_perturbed(part, generator) if turn else part).tofile(file)
    ids = [
        _some_replaced(real.terms, rows, generator) if turn else _ids(real.terms, rows)
        for turn, rows in enumerate(rounds)
    ]
    lengths = np.diff(real.terms.starts)
    documents = int(real.documents[-1]) + 1
    made = replace(
        real,
        folder=folder,
        documents=np.concatenate(
            [real.documents[rows] + turn * documents for turn, rows in enumerate(rounds)]
        ),
        terms=Terms(
            starts=np.concatenate([[0], np.cumsum(np.concatenate([lengths[r] for r in rounds]))]),
            ids=np.concatenate(ids),
            weights=np.concatenate(
                [real.terms.weights[: real.terms.starts[len(r)]] for r in rounds]
            ),
        ),
        groups=(),
    )
    return replace(made, groups=document_groups(made))


def _perturbed(vectors: Floats, generator: np.random.Generator) -> Floats:
    noise = generator.standard_normal(vectors.shape, dtype=np.float32)
    noise *= _NOISE / np.sqrt(vectors.shape[1])
    moved = vectors + noise
    unit: Floats = moved / np.linalg.norm(moved, axis=1, keepdims=True)
    return unit


def _ids(found: Terms, rows: NDArray[np.int64]) -> NDArray[np.uint32]:
    return found.ids[: found.starts[len(rows)]]


def _some_replaced(
    found: Terms, rows: NDArray[np.int64], generator: np.random.Generator
) -> NDArray[np.uint32]:
    """Return the ids of the points with a share drawn anew; one that a point has already stays."""
    ids = _ids(found, rows).copy()
    changed = np.flatnonzero(generator.random(len(ids)) < _REPLACED)
    drawn = found.ids[generator.integers(0, len(found.ids), len(changed))]
    owner = np.searchsorted(found.starts, np.arange(len(ids)), side="right")
    taken = set(zip(owner.tolist(), ids.tolist(), strict=True))
    for place, term in zip(changed.tolist(), drawn.tolist(), strict=True):
        if (owner[place], term) not in taken:
            taken.add((int(owner[place]), term))
            ids[place] = term
    return ids
