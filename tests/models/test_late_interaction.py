"""The reranker of our own: on tiny random weights, against the formula."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from models.e5 import E5Weights, read_e5
from models.e5_folder import build_tokenizer
from models.errors import ModelUnsupported, WeightsCorrupt, WeightsMissing
from models.late_interaction import ALONE, TOGETHER, VOCABULARY, OnnxLateInteraction
from models.manifest import Manifest, installed_files, save_manifest
from models.onnx_encoder import open_session
from models.onnx_export import JointReading, TokenImportance, export_reader
from models.onnx_graph import GOLDEN, IMPORTANCE, INPUT, OUTPUT, QUESTION, WINDOW, Precision
from models.window_scorer import Window, WindowScorer
from tests.contracts.window_scorer import WindowScorerContract
from tests.fakes.weights import HEADS, HIDDEN, e5_bytes

IMPORTANCES = TokenImportance(np.linspace(-2, 2, HIDDEN, dtype=np.float32), 0.5)
SHARES = np.full((1, HEADS), 0.5, dtype=np.float32)


def _weights(folder: Path) -> E5Weights:
    path = folder / "tiny.bin"
    path.write_bytes(e5_bytes())
    return read_e5(path)


def _export(weights: E5Weights, folder: Path, *, shares: NDArray[np.float32]) -> None:
    export_reader(
        weights,
        JointReading(shares, IMPORTANCES),
        folder / ALONE,
        folder / TOGETHER,
        precision=Precision.FP32,
    )


def _write(folder: Path, weights: E5Weights, golden: list[float]) -> None:
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    build_tokenizer(weights.vocabulary).save(str(folder / VOCABULARY))
    _export(weights, folder, shares=SHARES)
    content = {"question": "年假", "window": "a 年假", "stranger": "b", "scores": golden}
    (folder / GOLDEN).write_text(json.dumps(content), encoding="utf-8")
    manifest = Manifest(
        name="tiny",
        revision="1",
        licence="MIT",
        weights_sha256="ab" * 32,
        dimension=HIDDEN,
        max_tokens=16,
        query_prefix="a ",
        passage_prefix="b ",
        files=installed_files(folder),
    )
    save_manifest(manifest, folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "reranker"
    weights = _weights(tmp_path)
    _write(target, weights, [0.0, 0.0])
    golden = [_expected(target, _A_QUESTION, ids) for ids in (_A_WINDOW, _STRANGER)]
    _write(target, weights, golden)
    return target


# "a 年假", "b a 年假" and "b b" in the tiny vocabulary: ▁a ▁ 年假, ▁ b ▁a ▁ 年假, ▁ b ▁ b.
_A_QUESTION = [0, 8, 4, 12, 2]
_A_WINDOW = [0, 4, 6, 8, 4, 12, 2]
_STRANGER = [0, 4, 6, 4, 6, 2]


def _read(
    folder: Path, question: list[int], window: list[int]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return vector and importance of each token, the question's first."""
    alone = open_session((folder / ALONE).read_bytes())
    states = [alone.run([OUTPUT], {INPUT: np.array([ids])})[0] for ids in (question, window)]
    together = open_session((folder / TOGETHER).read_bytes())
    vectors, importance = together.run(
        [OUTPUT, IMPORTANCE], {QUESTION: states[0], WINDOW: states[1]}
    )
    return vectors[0].astype(np.float64), importance[0, :, 0].astype(np.float64)


def _expected(folder: Path, question: list[int], window: list[int]) -> float:
    """Write the formula down by hand."""
    vectors, logits = _read(folder, question, window)
    asked, told = vectors[: len(question)], vectors[len(question) :]
    weights = np.exp(logits[: len(question)])
    weights /= weights.sum()
    return float(sum(a * max(q @ w for w in told) for a, q in zip(weights, asked, strict=True)))


class TestOnnxLateInteraction(WindowScorerContract):
    @pytest.fixture
    def scorer(self, folder: Path) -> WindowScorer:
        return OnnxLateInteraction(folder, threads=2)


def test_importance_is_linear_in_the_unit_vector(folder: Path) -> None:
    vectors, logits = _read(folder, _A_QUESTION, _STRANGER)

    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(logits, vectors @ IMPORTANCES.weight + 0.5, atol=1e-4)


def test_a_head_that_adds_nothing_reads_each_text_by_itself(folder: Path, tmp_path: Path) -> None:
    vectors, _ = _read(folder, _A_QUESTION, _STRANGER)
    _export(_weights(tmp_path), folder, shares=np.zeros_like(SHARES))
    apart, _ = _read(folder, _A_QUESTION, _STRANGER)
    others, _ = _read(folder, _A_QUESTION, _A_WINDOW)

    asked = len(_A_QUESTION)
    np.testing.assert_allclose(apart[:asked], others[:asked], atol=1e-5)
    assert np.abs(apart - vectors).max() > 0.01


def test_a_score_is_what_the_formula_says(folder: Path) -> None:
    found = OnnxLateInteraction(folder, threads=1).score("年假", [Window("a 年假"), Window("b")])

    expected = [_expected(folder, _A_QUESTION, ids) for ids in (_A_WINDOW, _STRANGER)]
    np.testing.assert_allclose([each.value for each in found], expected, atol=1e-5)


def test_a_part_is_scored_by_its_own_tokens(folder: Path) -> None:
    scorer = OnnxLateInteraction(folder, threads=1)

    (found,) = scorer.score("年假", [Window("ab 年假", parts=((0, 2), (3, 5), (0, 5), (5, 5)))])

    first, second, whole, nothing = found.parts
    assert max(first, second) <= whole + 1e-6
    assert first != second
    assert whole <= found.value + 1e-6
    assert nothing == pytest.approx(-1)


def test_traditional_characters_are_read_as_simplified_ones(folder: Path) -> None:
    scorer = OnnxLateInteraction(folder, threads=1)

    simplified, traditional = scorer.score("年假", [Window("a 国"), Window("a 國")])

    assert simplified == traditional


def test_wrong_scores_on_this_cpu_are_an_error(folder: Path, tmp_path: Path) -> None:
    _write(folder, _weights(tmp_path), [0.9, -0.9])

    with pytest.raises(ModelUnsupported, match=r'retrieval\.reranker = "signals"'):
        OnnxLateInteraction(folder, threads=1)


def test_a_missing_model_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing):
        OnnxLateInteraction(tmp_path / "absent", threads=1)


def test_a_flipped_byte_is_an_error(folder: Path) -> None:
    graph = bytearray((folder / ALONE).read_bytes())
    graph[len(graph) // 2] ^= 1
    (folder / ALONE).write_bytes(graph)

    with pytest.raises(WeightsCorrupt):
        OnnxLateInteraction(folder, threads=1)
