"""The reranker of our own: on tiny random weights, against the formula."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from models.e5 import E5Weights, read_e5
from models.e5_folder import build_tokenizer
from models.errors import ModelUnsupported, WeightsCorrupt, WeightsMissing
from models.late_interaction import GRAPH, VOCABULARY, OnnxLateInteraction
from models.manifest import Manifest, installed_files, save_manifest
from models.onnx_encoder import open_session
from models.onnx_export import TokenImportance, export_token_encoder
from models.onnx_graph import GOLDEN, IMPORTANCE, INPUT, OUTPUT, Precision
from models.window_scorer import Window, WindowScorer
from tests.contracts.window_scorer import WindowScorerContract
from tests.fakes.weights import HIDDEN, e5_bytes

IMPORTANCES = TokenImportance(np.linspace(-2, 2, HIDDEN, dtype=np.float32), 0.5)


def _weights(folder: Path) -> E5Weights:
    path = folder / "tiny.bin"
    path.write_bytes(e5_bytes())
    return read_e5(path)


def _write(folder: Path, weights: E5Weights, golden: list[float]) -> None:
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    build_tokenizer(weights.vocabulary).save(str(folder / VOCABULARY))
    export_token_encoder(weights, IMPORTANCES, folder / GRAPH, precision=Precision.FP32)
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
    session = open_session((target / GRAPH).read_bytes())
    golden = [_expected(session, [0, 8, 4, 12, 2], ids) for ids in (_A_WINDOW, _STRANGER)]
    _write(target, weights, golden)
    return target


# "b a 年假" and "b b" in the tiny vocabulary: ▁ b ▁a ▁ 年假, ▁ b ▁ b.
_A_WINDOW = [0, 4, 6, 8, 4, 12, 2]
_STRANGER = [0, 4, 6, 4, 6, 2]


def _tokens(session: object, ids: list[int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    run = session.run  # type: ignore[attr-defined]
    vectors, importance = run([OUTPUT, IMPORTANCE], {INPUT: np.array([ids])})
    return vectors[0].astype(np.float64), importance[0, :, 0].astype(np.float64)


def _expected(session: object, question: list[int], window: list[int]) -> float:
    """Write the formula down by hand."""
    asked, logits = _tokens(session, question)
    told, _ = _tokens(session, window)
    weights = np.exp(logits) / np.exp(logits).sum()
    return float(sum(a * max(q @ w for w in told) for a, q in zip(weights, asked, strict=True)))


class TestOnnxLateInteraction(WindowScorerContract):
    @pytest.fixture
    def scorer(self, folder: Path) -> WindowScorer:
        return OnnxLateInteraction(folder, threads=2)


def test_importance_is_linear_in_the_unit_vector(folder: Path) -> None:
    vectors, logits = _tokens(open_session((folder / GRAPH).read_bytes()), [0, 8, 12, 2])

    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(logits, vectors @ IMPORTANCES.weight + 0.5, atol=1e-4)


def test_a_score_is_what_the_formula_says(folder: Path) -> None:
    session = open_session((folder / GRAPH).read_bytes())

    found = OnnxLateInteraction(folder, threads=1).score("年假", [Window("a 年假"), Window("b")])

    expected = [_expected(session, [0, 8, 4, 12, 2], ids) for ids in (_A_WINDOW, _STRANGER)]
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
    graph = bytearray((folder / GRAPH).read_bytes())
    graph[len(graph) // 2] ^= 1
    (folder / GRAPH).write_bytes(graph)

    with pytest.raises(WeightsCorrupt):
        OnnxLateInteraction(folder, threads=1)
