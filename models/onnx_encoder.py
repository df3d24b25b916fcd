"""The dense encoder on the CPU: onnxruntime and tokenizers, nothing else."""

import json
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from models.encoder import encodable
from models.errors import ModelUnsupported
from models.manifest import check_folder, read_checked, read_manifest
from models.onnx_graph import GOLDEN, GRAPHS, INPUT, OUTPUT, TOKENIZER, Precision

_MIN_GOLDEN_COSINE = 0.98
"""8 bit gives 0.99 and more where it works; where products saturate it gives nonsense."""

_log = logging.getLogger(__name__)


class OnnxEncoder:
    """Encodes each text by itself, several at a time on threads of its own.

    Texts are not put into batches: one text of 128 tokens fills a core as well as eight do, needs
    no padding, and its vector does not depend on its neighbours.

    Parameters
    ----------
    folder
        An installed model. Every file that is loaded is hashed first.
    threads
        How many texts are encoded at the same time; one per core is best.

    Raises
    ------
    WeightsMissing, WeightsCorrupt
        The model is not there, or its folder is not what was installed.
    ModelUnsupported
        This CPU computes wrong vectors in every precision.

    Attributes
    ----------
    precision
        `int8`, or `fp32` where this CPU cannot do the former (about a third as fast).
    """

    def __init__(self, folder: Path, *, threads: int) -> None:
        self._manifest = read_manifest(folder)
        check_folder(folder, self._manifest)
        tokenizer = read_checked(folder, self._manifest, TOKENIZER)
        self._tokenizer = Tokenizer.from_str(tokenizer.decode())
        self.precision, self._session = self._load(folder)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="encoder")

    @property
    def name(self) -> str:
        """The model's name."""
        return self._manifest.name

    @property
    def weights_sha256(self) -> str:
        """Hash of the weights before conversion, in hex."""
        return self._manifest.weights_sha256

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._manifest.dimension

    @property
    def max_tokens(self) -> int:
        """The longest input, special tokens and prefix included."""
        return self._manifest.max_tokens

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Return the unit vector of a question, computed in the caller's thread."""
        return self._encode(self._manifest.query_prefix + text)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the unit vectors of passages, in order."""
        prefix = self._manifest.passage_prefix
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        encoded = self._pool.map(self._encode, [prefix + text for text in texts])
        for row, vector in enumerate(encoded):
            vectors[row] = vector
        return vectors

    def count_tokens(self, text: str) -> int:
        """Return the number of tokens, without special tokens and prefix."""
        return len(self._tokenizer.encode(encodable(text), add_special_tokens=False).ids)

    def _encode(self, text: str) -> NDArray[np.float32]:
        ids = token_ids(self._tokenizer, text, max_tokens=self.max_tokens)
        return embed(self._session, ids)

    def _load(self, folder: Path) -> tuple[Precision, onnxruntime.InferenceSession]:
        """Take 8 bit if it agrees with the golden vector, else single precision."""
        for precision in (Precision.INT8, Precision.FP32):
            graph = read_checked(folder, self._manifest, GRAPHS[precision])
            session = open_session(graph)
            cosine = self._golden_cosine(folder, session)
            if cosine >= _MIN_GOLDEN_COSINE:
                return precision, session
            _log.warning(
                "%s in %s gives a wrong vector on this CPU (cosine %.3f to what it should be)",
                *(self._manifest.name, precision, cosine),
            )
        raise ModelUnsupported(
            f"{self._manifest.name} computes wrong vectors on this CPU: choose another encoder in "
            "the settings, or run Zhiku on another machine"
        )

    def _golden_cosine(self, folder: Path, session: onnxruntime.InferenceSession) -> float:
        golden = json.loads(read_checked(folder, self._manifest, GOLDEN))
        ids = token_ids(self._tokenizer, golden["text"], max_tokens=self.max_tokens)
        expected = np.asarray(golden["vector"], dtype=np.float32)
        return float(embed(session, ids) @ expected)


def open_session(graph: bytes) -> onnxruntime.InferenceSession:
    """Open a graph for one core per run.

    Basic optimisations only: the extended ones fuse residual and layer norm into a kernel that is
    five times slower (1.8 instead of 0.3 ms for 1,024 tokens).
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    # Lengths vary, and a memory plan would be kept for each of them.
    options.enable_mem_pattern = False
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def token_ids(tokenizer: Tokenizer, text: str, *, max_tokens: int) -> NDArray[np.int64]:
    """Return the ids with the special tokens around them, cut to `max_tokens`, shape (tokens,)."""
    ids = tokenizer.encode(encodable(text)).ids
    if len(ids) > max_tokens:
        ids = [*ids[: max_tokens - 1], ids[-1]]
    return np.asarray(ids, dtype=np.int64)


def embed(session: onnxruntime.InferenceSession, ids: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the unit vector of one text."""
    vectors: NDArray[np.float32] = session.run([OUTPUT], {INPUT: ids[None, :]})[0]
    vector: NDArray[np.float32] = vectors[0]
    return vector
