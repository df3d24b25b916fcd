"""Vectors without what only tells their language.

A multilingual encoder puts texts of one language near each other whatever they say: in a collection
of both languages the answer in the other one comes after everything in the question's own. Most of
that is a constant, so it is taken off: `v' = (v - m) / |v - m|`, where m is the mean vector of the
texts in the language of v, questions and passages apart (Libovický, Rosa and Fraser, 2020, "On the
Language Neutrality of Pre-trained Multilingual Representations", section 3.1).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from models.encoder import CountingEncoder
from models.errors import ModelUnsupported
from models.language import detect_language

MEANS: Final = Path(__file__).parent / "language_means.json"
_SUFFIX: Final = "-centred"


@dataclass(frozen=True, slots=True)
class LanguageMeans:
    """Mean unit vectors by language, as `training/fit_language_means.py` finds them.

    Attributes
    ----------
    weights_sha256
        Of the encoder they belong to, in hex.
    questions, passages
        By `zh` and `en`, each of shape (dimension,).
    """

    weights_sha256: str
    questions: Mapping[str, NDArray[np.float32]]
    passages: Mapping[str, NDArray[np.float32]]

    @classmethod
    def load(cls, path: Path = MEANS) -> Self:
        """Read the numbers."""
        found = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            weights_sha256=found["weights_sha256"],
            questions=_vectors(found["questions"]),
            passages=_vectors(found["passages"]),
        )


def _vectors(found: Mapping[str, Sequence[float]]) -> dict[str, NDArray[np.float32]]:
    return {lang: np.array(values, dtype=np.float32) for lang, values in found.items()}


class CentredEncoder:
    """An encoder whose vectors are freed of the mean of their language.

    Its name differs from the encoder's own: vectors of the two are never compared.

    Raises
    ------
    ModelUnsupported
        The means belong to other weights.
    """

    def __init__(self, encoder: CountingEncoder, means: LanguageMeans) -> None:
        if means.weights_sha256 != encoder.weights_sha256:
            raise ModelUnsupported(
                f"the language means belong to weights {means.weights_sha256[:12]}, "
                f"{encoder.name} has {encoder.weights_sha256[:12]}: fit them again with "
                "`python -m training.fit_language_means`"
            )
        self._encoder = encoder
        self._means = means

    @property
    def name(self) -> str:
        """The model's name, marked."""
        return self._encoder.name + _SUFFIX

    @property
    def weights_sha256(self) -> str:
        """Hash of the encoder's weights, in hex."""
        return self._encoder.weights_sha256

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._encoder.dimension

    @property
    def max_tokens(self) -> int:
        """The longest input, special tokens and prefix included."""
        return self._encoder.max_tokens

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Return the unit vector of a question."""
        mean = self._means.questions[detect_language(text)]
        vector: NDArray[np.float32] = _centred(self._encoder.encode_query(text)[None], mean[None])[
            0
        ]
        return vector

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the unit vectors of passages, in order."""
        vectors = self._encoder.encode_passages(texts)
        if not texts:
            return vectors
        means = [self._means.passages[detect_language(text)] for text in texts]
        return _centred(vectors, np.stack(means))

    def count_tokens(self, text: str) -> int:
        """Return the number of tokens, without special tokens and prefix."""
        return self._encoder.count_tokens(text)


def _centred(vectors: NDArray[np.float32], means: NDArray[np.float32]) -> NDArray[np.float32]:
    moved = vectors - means
    unit: NDArray[np.float32] = moved / np.linalg.norm(moved, axis=1, keepdims=True)
    return unit
