"""Vectors kept on disk, so that no text is encoded twice by the same weights."""

import hashlib
import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.encoder import CountingEncoder

_AT_ONCE: Final = 500
"""Well below the number of variables that SQLite takes in one statement."""


class RememberingEncoder:
    """An encoder that looks a passage up before it encodes it.

    Questions are encoded each time: what they take is measured. Safe to use from several threads,
    and from several processes on one file.

    Attributes
    ----------
    encoded
        How many passages were not found and had to be encoded.
    """

    def __init__(self, encoder: CountingEncoder, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._encoder = encoder
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, timeout=60, check_same_thread=False)
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL)"
            " WITHOUT ROWID"
        )
        self.encoded = 0

    @property
    def name(self) -> str:
        """The encoder's name."""
        return self._encoder.name

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
        return self._encoder.encode_query(text)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the unit vectors of passages, in order."""
        keys = [self._key(text) for text in texts]
        with self._lock:
            known = self._look_up(keys)
            new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
            if new:
                known |= self._encode(new)
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for row, key in enumerate(keys):
            vectors[row] = known[key]
        return vectors

    def count_tokens(self, text: str) -> int:
        """Return the number of tokens, without special tokens and prefix."""
        return self._encoder.count_tokens(text)

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _key(self, text: str) -> bytes:
        told = f"{self.name}\n{self.weights_sha256}\n{text}"
        return hashlib.sha256(told.encode("utf-8", "surrogatepass")).digest()

    def _look_up(self, keys: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        found: dict[bytes, NDArray[np.float32]] = {}
        for start in range(0, len(keys), _AT_ONCE):
            part = keys[start : start + _AT_ONCE]
            marks = ",".join("?" * len(part))
            rows = self._database.execute(
                f"SELECT key, vector FROM vectors WHERE key IN ({marks})", part
            )
            found |= {key: np.frombuffer(vector, dtype="<f4") for key, vector in rows}
        return found

    def _encode(self, texts: dict[bytes, str]) -> dict[bytes, NDArray[np.float32]]:
        vectors = self._encoder.encode_passages(list(texts.values()))
        made = dict(zip(texts, vectors.astype("<f4"), strict=True))
        with self._database:
            self._database.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?)",
                [(key, vector.tobytes()) for key, vector in made.items()],
            )
        self.encoded += len(made)
        return made
