"""The encoder that is served: on tiny random weights, and on the real ones."""

import logging
import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tokenizers import Tokenizer

from models.e5 import E5Weights, read_e5
from models.errors import ModelUnsupported, WeightsMissing
from models.fetch import pull_from
from models.manifest import MANIFEST, write_manifest
from models.onnx_encoder import OnnxEncoder, embed, open_session, token_ids
from models.onnx_export import export_onnx
from models.onnx_graph import GRAPHS, TOKENIZER, Precision
from tests.contracts.encoder import TEXTS, CountingEncoder, EncoderContract
from tests.fakes.weights import HEADS, HIDDEN, LAYERS, ScriptedSource, e5_bytes, e5_spec

BYTES = e5_bytes()
SPEC = e5_spec(BYTES)

_Array = NDArray[np.float64]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return pull_from(SPEC, tmp_path, sources=[ScriptedSource(BYTES)], progress=lambda _: None)


def _weights(path: Path, *, seed: int) -> E5Weights:
    path.write_bytes(e5_bytes(seed))
    return read_e5(path)


def _spoil(model: Path, tmp_path: Path, *precisions: Precision) -> None:
    """Put graphs of other weights in place, as a CPU that computes wrongly would look."""
    for precision in precisions:
        other = _weights(tmp_path / "other.bin", seed=7)
        export_onnx(other, model / GRAPHS[precision], precision=precision)
    (model / MANIFEST).unlink()
    write_manifest(SPEC, model)


def test_8_bit_is_served_where_it_agrees_with_the_golden_vector(
    model: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert OnnxEncoder(model, threads=1).precision is Precision.INT8

    assert caplog.records == []


def test_single_precision_is_served_and_told_where_8_bit_is_wrong(
    model: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    right = OnnxEncoder(model, threads=1).encode_query("a b")
    _spoil(model, tmp_path, Precision.INT8)

    with caplog.at_level(logging.WARNING):
        encoder = OnnxEncoder(model, threads=1)

    assert encoder.precision is Precision.FP32
    assert "wrong vector on this CPU" in caplog.text
    assert encoder.encode_query("a b") @ right > 0.98


def test_wrong_vectors_in_every_precision_are_an_error(model: Path, tmp_path: Path) -> None:
    _spoil(model, tmp_path, Precision.INT8, Precision.FP32)

    with pytest.raises(ModelUnsupported, match="choose another encoder"):
        OnnxEncoder(model, threads=1)


def test_a_missing_model_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="zhiku models pull absent"):
        OnnxEncoder(tmp_path / "absent", threads=1)


def test_it_is_what_the_manifest_says(model: Path) -> None:
    encoder = OnnxEncoder(model, threads=1)

    assert encoder.name == "tiny-e5"
    assert encoder.weights_sha256 == SPEC.weights.sha256
    assert (encoder.dimension, encoder.max_tokens) == (HIDDEN, 16)


def test_questions_and_passages_have_their_own_prefix(model: Path) -> None:
    encoder = OnnxEncoder(model, threads=1)

    # The prefixes are "a b " and "a ".
    np.testing.assert_array_equal(
        encoder.encode_query("年假"), encoder.encode_passages(["b 年假"])[0]
    )
    assert encoder.encode_query("年假") @ encoder.encode_passages(["年假"])[0] < 0.9999


def test_text_is_cut_before_the_closing_token(model: Path) -> None:
    tokenizer = Tokenizer.from_file(str(model / TOKENIZER))

    ids = token_ids(tokenizer, "年" * 30, max_tokens=16)

    assert ids.tolist() == [0, 4, *[10] * 13, 2]
    assert token_ids(tokenizer, "年", max_tokens=16).tolist() == [0, 4, 10, 2]


def test_the_prefix_counts_when_text_is_cut(model: Path) -> None:
    encoder = OnnxEncoder(model, threads=1)
    # 16 tokens: <s>, ▁a, ▁, 12 of the text, </s>.
    cut = encoder.encode_passages(["年" * 12 + "～" * 5, "年" * 12 + "b" * 5, "年" * 11 + "～" * 5])

    np.testing.assert_array_equal(cut[0], cut[1])
    assert cut[0] @ cut[2] < 0.9999


def test_a_vector_does_not_depend_on_the_other_texts_or_the_threads(model: Path) -> None:
    one, four = OnnxEncoder(model, threads=1), OnnxEncoder(model, threads=4)

    together = four.encode_passages(TEXTS)

    alone = np.concatenate([one.encode_passages([text]) for text in TEXTS])
    np.testing.assert_array_equal(together, alone)


def test_the_graph_computes_what_bert_computes(tmp_path: Path) -> None:
    weights = _weights(tmp_path / "tiny.bin", seed=1)
    export_onnx(weights, tmp_path / "tiny.onnx", precision=Precision.FP32)
    ids = np.array([0, 8, 6, 12, 2])

    found = embed(open_session((tmp_path / "tiny.onnx").read_bytes()), ids)

    np.testing.assert_allclose(found, _reference(weights, ids), atol=1e-5)


def _reference(weights: E5Weights, ids: NDArray[np.int64]) -> _Array:
    """Compute BERT with mean pooling by the book, in double precision."""
    words = weights.words.dense().reshape(-1, HIDDEN).astype(np.float64)
    places = weights.vectors["emb.pos"].reshape(-1, HIDDEN)[: len(ids)]
    state = _norm(weights, "emb.ln", words[ids] + places + weights.vectors["emb.type"][:HIDDEN])
    for layer in range(LAYERS):
        at = f"l{layer}."
        attended = _linear(weights, f"{at}ao", _attention(weights, at, state))
        state = _norm(weights, f"{at}aln", state + attended)
        wide = _linear(weights, f"{at}fi", state)
        narrow = _linear(weights, f"{at}fo", _gelu(wide))
        state = _norm(weights, f"{at}oln", state + narrow)
    mean = state.mean(axis=0)
    unit: _Array = mean / np.linalg.norm(mean)
    return unit


def _attention(weights: E5Weights, at: str, state: _Array) -> _Array:
    size = HIDDEN // HEADS
    q, k, v = (_linear(weights, f"{at}{name}", state) for name in ("q", "k", "v"))
    heads = []
    for head in range(HEADS):
        part = slice(head * size, (head + 1) * size)
        scores = np.exp(q[:, part] @ k[:, part].T / np.sqrt(size))
        heads.append(scores / scores.sum(axis=1, keepdims=True) @ v[:, part])
    return np.concatenate(heads, axis=1)


def _linear(weights: E5Weights, name: str, state: _Array) -> _Array:
    matrix = weights.matrices[f"{name}.w"].dense().reshape(-1, state.shape[1])
    product: _Array = state @ matrix.T + weights.vectors[f"{name}.b"]
    return product


def _norm(weights: E5Weights, name: str, state: _Array) -> _Array:
    centred = state - state.mean(axis=1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + weights.shape.epsilon)
    normal: _Array = scaled * weights.vectors[f"{name}.w"] + weights.vectors[f"{name}.b"]
    return normal


def _gelu(values: _Array) -> _Array:
    error = np.vectorize(math.erf)
    bent: _Array = values * (1 + error(values / np.sqrt(2))) / 2
    return bent


@pytest.mark.real
class TestRealOnnxEncoder(EncoderContract):
    @pytest.fixture
    def encoder(self, onnx_encoder: OnnxEncoder) -> CountingEncoder:
        return onnx_encoder
