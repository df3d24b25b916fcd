"""The reranker of our own on the CPU: late interaction over token vectors.

`score(q, w) = sum over tokens i of q of a_i · max over tokens j of w of cos(q_i, w_j)`, with
a = softmax(importance) over the question's tokens (Khattab and Zaharia, 2020, "ColBERT: Efficient
and Effective Passage Search via Contextualized Late Interaction over BERT"; the weights are ours).
`training/reranker` makes the model.
"""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from models.chinese import to_simplified
from models.encoder import encodable
from models.errors import ModelUnsupported
from models.manifest import check_folder, read_checked, read_manifest
from models.onnx_encoder import open_session
from models.onnx_graph import GOLDEN, IMPORTANCE, INPUT, OUTPUT
from models.window_scorer import Window, WindowScore

GRAPH: Final = "model.int8.onnx"
VOCABULARY: Final = "tokenizer.json"
_MAX_GOLDEN_DIFFERENCE: Final = 0.02
"""8 bit differs by up to .005 where it works; where products saturate scores are nonsense."""


@dataclass(frozen=True, slots=True)
class _Question:
    """Unit vectors of the tokens, shape (tokens, hidden), and what each counts, adding up to 1."""

    vectors: NDArray[np.float32]
    weights: NDArray[np.float32]


class OnnxLateInteraction:
    """Scores windows one by one, several at a time on threads of its own.

    Parameters
    ----------
    folder
        The model's folder. Every file that is loaded is hashed first.
    threads
        How many windows are read at the same time; one per core is best.

    Raises
    ------
    WeightsMissing, WeightsCorrupt
        The model is not there, or its folder is not what was shipped.
    ModelUnsupported
        This CPU computes wrong scores.
    """

    def __init__(self, folder: Path, *, threads: int) -> None:
        self._manifest = read_manifest(folder)
        check_folder(folder, self._manifest)
        self._tokenizer = Tokenizer.from_str(
            read_checked(folder, self._manifest, VOCABULARY).decode()
        )
        self._tokenizer.enable_truncation(self._manifest.max_tokens)
        self._session = open_session(read_checked(folder, self._manifest, GRAPH))
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="reranker")
        self._check_golden(json.loads(read_checked(folder, self._manifest, GOLDEN)))

    @property
    def name(self) -> str:
        """The model's name and the beginning of the hash of its weights."""
        return f"{self._manifest.name}@{self._manifest.weights_sha256[:12]}"

    def score(self, question: str, windows: Sequence[Window]) -> list[WindowScore]:
        """Return one score for each window, in order; a value lies in [-1, 1]."""
        if not windows:
            return []
        asked = self._question(question)
        return list(self._pool.map(lambda window: self._score(asked, window), windows))

    def _question(self, question: str) -> _Question:
        encoding = self._tokens(self._manifest.query_prefix, question)
        vectors, importance = _run(self._session, encoding)
        logits = importance[:, 0]
        weights = np.exp(logits - logits.max())
        return _Question(vectors, weights / weights.sum())

    def _score(self, question: _Question, window: Window) -> WindowScore:
        prefix = self._manifest.passage_prefix
        encoding = self._tokens(prefix, window.text)
        vectors, _ = _run(self._session, encoding)
        cosines = question.vectors @ vectors.T
        value = float(question.weights @ cosines.max(axis=1))
        starts, ends = np.array(encoding.offsets).T - len(prefix)
        parts = []
        for start, end in window.parts:
            inside = (starts < end) & (ends > start)
            best = cosines[:, inside].max(axis=1) if inside.any() else np.full(len(cosines), -1.0)
            parts.append(float(question.weights @ best))
        return WindowScore(value, tuple(parts))

    def _tokens(self, prefix: str, text: str) -> Encoding:
        """Cut a text in tokens; Traditional characters become Simplified ones, one for one."""
        return self._tokenizer.encode(prefix + to_simplified(encodable(text)))

    def _check_golden(self, golden: dict[str, object]) -> None:
        windows = [Window(text) for text in (str(golden["window"]), str(golden["stranger"]))]
        found = [each.value for each in self.score(str(golden["question"]), windows)]
        expected = np.array(golden["scores"], dtype=np.float64)
        difference = float(np.abs(np.array(found) - expected).max())
        if difference > _MAX_GOLDEN_DIFFERENCE:
            raise ModelUnsupported(
                f"{self._manifest.name} computes wrong scores on this CPU (off by "
                f'{difference:.3f}): set retrieval.reranker = "signals", or run Zhiku on '
                "another machine"
            )


def _run(
    session: onnxruntime.InferenceSession, encoding: Encoding
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    ids = np.asarray(encoding.ids, dtype=np.int64)[None, :]
    vectors, importance = session.run([OUTPUT, IMPORTANCE], {INPUT: ids})
    return vectors[0], importance[0]
