"""A dense encoder for tests: no weights, the same vectors on every machine."""

import hashlib
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_TERM = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]")


class FakeEncoder:
    """Adds up one pseudo-random vector per term, so texts that share terms lie close together."""

    name = "fake"
    weights_sha256 = hashlib.sha256(b"fake").hexdigest()
    dimension = 32
    max_tokens = 512

    def encode_query(self, text: str) -> NDArray[np.float32]:
        vector: NDArray[np.float32] = self.encode_passages([text])[0]
        return vector

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            total = sum(map(_term_vector, _terms(text)[: self.max_tokens]), _term_vector(""))
            vectors[row] = total / np.linalg.norm(total)
        return vectors

    def count_tokens(self, text: str) -> int:
        return len(_terms(text))


def _terms(text: str) -> list[str]:
    return _TERM.findall(text.lower())


def _term_vector(term: str) -> NDArray[np.float64]:
    """Return the term's vector; that of the empty term is short and keeps every sum from zero."""
    digest = hashlib.blake2b(term.encode(), digest_size=FakeEncoder.dimension).digest()
    vector = np.frombuffer(digest, dtype=np.uint8).astype(np.float64) - 127.5
    return vector if term else vector / 1000
