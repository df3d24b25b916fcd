"""BM25 as two sparse vectors, whose dot product with the engine's IDF is the score."""

import zlib
from collections import Counter
from collections.abc import Sequence

K1 = 1.2
B = 0.75

AVERAGE_TERMS = 200
"""Terms of an average chunk. A constant, since the true mean moves with every document and would
make the weights of yesterday's points wrong; part of `models.terms.TERMS_VERSION`."""


def term_id(term: str) -> int:
    """Return the unsigned 32-bit id of a term.

    A hash (CRC-32) needs no vocabulary to keep; of 200,000 terms about five pairs share an id.
    """
    return zlib.crc32(term.encode())


def document_weights(terms: Sequence[str]) -> dict[int, float]:
    """Return the saturated term frequencies of a passage.

    For a term with frequency `f` in a passage of `n` terms:
    `f (K1 + 1) / (f + K1 (1 - B + B n / AVERAGE_TERMS))` (Robertson and Zaragoza, 2009).
    """
    norm = K1 * (1 - B + B * len(terms) / AVERAGE_TERMS)
    weights: dict[int, float] = {}
    for term, frequency in Counter(terms).items():
        key = term_id(term)
        weight = frequency * (K1 + 1) / (frequency + norm)
        weights[key] = weights.get(key, 0.0) + weight
    return weights


def query_weights(terms: Sequence[str]) -> dict[int, float]:
    """Return weight 1 for every distinct term of a question; the engine multiplies by the IDF."""
    return {term_id(term): 1.0 for term in terms}
