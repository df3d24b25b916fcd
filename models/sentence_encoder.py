"""The dense encoder on sentence-transformers: models of a hub or a folder, on CPU or GPU."""

import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.encoder import encodable
from models.errors import ModelUnsupported
from models.hub_folder import hash_of_weights, local_folder, unsupported

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_OUR_MODULES = "sentence_transformers."
_DEFAULT_MAX_TOKENS = 512


class SentenceEncoder:
    """Encodes with any sentence-transformers model whose weights are safetensors.

    Code that comes with a model is never run: its folder may hold data only, and its modules must
    be those of sentence-transformers.

    Parameters
    ----------
    model
        A folder, or the name of a repository on the hub.
    revision
        Commit, tag or branch of the repository; a folder has none.
    query_prefix, passage_prefix
        Put before a question and a passage, as the model's card says.
    device
        `cpu`, `cuda`, `cuda:1`, …; None takes the best that is there.
    cache_folder
        Where repositories of the hub are kept; None is the hub's own cache.

    Raises
    ------
    ModelUnsupported
        The extra is not installed, or the model has code of its own or no safetensors.
    WeightsMissing, WeightsUnavailable
        The folder is not there, or the hub cannot deliver the repository.
    """

    def __init__(
        self,
        model: str | Path,
        *,
        revision: str | None = None,
        query_prefix: str = "",
        passage_prefix: str = "",
        device: str | None = None,
        cache_folder: Path | None = None,
    ) -> None:
        folder = local_folder(model, revision=revision, cache_folder=cache_folder)
        _check_modules(folder / "modules.json")
        self._weights_sha256 = hash_of_weights(folder)
        self._model = _load(folder, device)
        self._name = folder.name if isinstance(model, Path) else model
        self._query_prefix = query_prefix
        self._passage_prefix = passage_prefix
        # The tokenizer keeps its truncation as state, so it serves one thread at a time.
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """Name of the folder or the repository."""
        return self._name

    @property
    def weights_sha256(self) -> str:
        """Hash of the safetensors file, or of the hashes of all of them, in hex."""
        return self._weights_sha256

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._model.get_embedding_dimension() or 0)

    @property
    def max_tokens(self) -> int:
        """The longest input, special tokens and prefix included."""
        return int(self._model.max_seq_length or _DEFAULT_MAX_TOKENS)

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Return the unit vector of a question."""
        vector: NDArray[np.float32] = self._encode([self._query_prefix + text])[0]
        return vector

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the unit vectors of passages, in order."""
        return self._encode([self._passage_prefix + text for text in texts])

    def count_tokens(self, text: str) -> int:
        """Return the number of tokens, without special tokens and prefix."""
        with self._lock:
            tokens = self._model.tokenizer(encodable(text), add_special_tokens=False)
        return len(tokens["input_ids"])

    def _encode(self, texts: list[str]) -> NDArray[np.float32]:
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        with self._lock:
            vectors = self._model.encode(
                [encodable(text) for text in texts],
                normalize_embeddings=True,
                show_progress_bar=False,
            )
        return np.asarray(vectors, dtype=np.float32)


def _check_modules(path: Path) -> None:
    """Refuse modules that would be imported from elsewhere than sentence-transformers."""
    if not path.is_file():
        return
    for module in json.loads(path.read_text(encoding="utf-8")):
        if not str(module.get("type", "")).startswith(_OUR_MODULES):
            raise unsupported(path, f"module {module.get('type')!r} is not one of ours")


def _load(folder: Path, device: str | None) -> "SentenceTransformer":
    try:
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if error.name != "sentence_transformers":
            raise
        raise ModelUnsupported(
            f"Encoder {folder.name} needs sentence-transformers: pip install 'zhiku[gpu]'"
        ) from error
    return SentenceTransformer(
        str(folder),
        device=device,
        local_files_only=True,
        model_kwargs={"use_safetensors": True},
    )
