"""The dense encoder: what every implementation must do."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Encoder(Protocol):
    """Turns texts into unit vectors. Safe to call from several threads."""

    @property
    def name(self) -> str:
        """The model's name."""

    @property
    def weights_sha256(self) -> str:
        """Hash of the weights, in hex; vectors of two hashes are never compared."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    @property
    def max_tokens(self) -> int:
        """The longest input, in tokens, special tokens and prefix included."""

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Return the unit vector of a question, shape (dimension,); too long a text is cut."""

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the unit vectors of passages, shape (len(texts), dimension), in order."""


class CountingEncoder(Encoder, Protocol):
    """An encoder that also counts tokens as it will see them."""

    def count_tokens(self, text: str) -> int:
        """Return the number of tokens of `text`, without special tokens and prefix."""


def encodable(text: str) -> str:
    """Replace lone surrogates, which no tokenizer takes and broken files are full of, by `?`."""
    return text.encode("utf-8", "replace").decode("utf-8")


class TokenCounter(Protocol):
    """Counts tokens as the encoder will see them."""

    def __call__(self, text: str) -> int:
        """Return the number of tokens of `text`, without special tokens and prefix."""
