"""The reranker of our own on the CPU: late interaction over token vectors read together.

`score(q, w) = sum over tokens i of q of a_i · max over tokens j of w of cos(q_i, w_j)`, with
a = softmax(importance) over the question's tokens (Khattab and Zaharia, 2020, "ColBERT: Efficient
and Effective Passage Search via Contextualized Late Interaction over BERT"; the weights are ours).
The lower layers read question and window each by itself, the upper ones let them attend to each
other, too. `training/reranker` makes the model.
"""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from models.chinese import to_simplified
from models.encoder import encodable
from models.errors import ModelUnsupported
from models.manifest import check_folder, read_checked, read_manifest
from models.onnx_encoder import open_session
from models.onnx_graph import GOLDEN, IMPORTANCE, INPUT, OUTPUT, QUESTION, WINDOW
from models.window_scorer import Window, WindowScore

ALONE: Final = "alone.int8.onnx"
TOGETHER: Final = "together.int8.onnx"
VOCABULARY: Final = "tokenizer.json"
_MAX_GOLDEN_DIFFERENCE: Final = 0.02
"""8 bit differs by up to .005 where it works; where products saturate scores are nonsense."""


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
        self._alone = open_session(read_checked(folder, self._manifest, ALONE))
        self._together = open_session(read_checked(folder, self._manifest, TOGETHER))
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
        asked = self._states(self._tokens(self._manifest.query_prefix, question))
        return list(self._pool.map(lambda window: self._score(asked, window), windows))

    def _states(self, encoding: Encoding) -> NDArray[np.float32]:
        """Return what the lower layers make of a text, shape (1, tokens, hidden)."""
        ids = np.asarray(encoding.ids, dtype=np.int64)[None, :]
        (states,) = self._alone.run([OUTPUT], {INPUT: ids})
        return np.asarray(states)

    def _score(self, asked: NDArray[np.float32], window: Window) -> WindowScore:
        prefix = self._manifest.passage_prefix
        encoding = self._tokens(prefix, window.text)
        vectors, importance = self._together.run(
            [OUTPUT, IMPORTANCE], {QUESTION: asked, WINDOW: self._states(encoding)}
        )
        tokens = asked.shape[1]
        cosines = vectors[0, :tokens] @ vectors[0, tokens:].T
        weights = _softmax(importance[0, :tokens, 0])
        starts, ends = np.array(encoding.offsets).T - len(prefix)
        parts = []
        for start, end in window.parts:
            inside = (starts < end) & (ends > start)
            best = cosines[:, inside].max(axis=1) if inside.any() else np.full(len(cosines), -1.0)
            parts.append(float(weights @ best))
        return WindowScore(float(weights @ cosines.max(axis=1)), tuple(parts))

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


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    weights = np.exp(logits - logits.max())
    return np.asarray(weights / weights.sum())
