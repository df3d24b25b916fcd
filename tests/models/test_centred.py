"""Vectors freed of the mean of their language."""

import json
from pathlib import Path

import numpy as np
import pytest

from models.centred import CentredEncoder, LanguageMeans
from models.errors import ModelUnsupported
from models.onnx_encoder import OnnxEncoder
from tests.contracts.encoder import CountingEncoder, EncoderContract
from tests.fakes.encoder import FakeEncoder

LEAVE = "How many days of annual leave does an employee have after five years?"
PASSAGES = [
    "司龄满五年的员工每年有十二天年休假。",  # the answer, in the other language
    "Visitors park on level two and register at the gate before nine o'clock.",
    "Passwords have at least fourteen characters and are not reused.",
    "The canteen serves lunch from half past eleven to one o'clock.",
]


def means(**changes: object) -> LanguageMeans:
    values = np.linspace(-0.1, 0.1, FakeEncoder.dimension, dtype=np.float32)
    numbers = {"zh": values, "en": values[::-1]}
    fields = {"weights_sha256": FakeEncoder.weights_sha256, "questions": numbers, **changes}
    return LanguageMeans(passages=numbers, **fields)  # type: ignore[arg-type]


class TestCentredFakeEncoder(EncoderContract):
    @pytest.fixture
    def encoder(self) -> CountingEncoder:
        return CentredEncoder(FakeEncoder(), means())


@pytest.mark.real
class TestCentredRealEncoder(EncoderContract):
    @pytest.fixture
    def encoder(self, onnx_encoder: OnnxEncoder) -> CountingEncoder:
        return CentredEncoder(onnx_encoder, LanguageMeans.load())


def test_the_mean_of_the_text_s_language_is_taken_off() -> None:
    encoder, inner, taken = CentredEncoder(FakeEncoder(), means()), FakeEncoder(), means()
    for text, lang in (("年休假十二天", "zh"), ("twelve days of leave", "en")):
        moved = inner.encode_passages([text])[0] - taken.passages[lang]
        np.testing.assert_allclose(
            encoder.encode_passages([text])[0], moved / np.linalg.norm(moved), atol=1e-6
        )


def test_questions_have_means_of_their_own() -> None:
    zero = dict.fromkeys(("zh", "en"), np.zeros(FakeEncoder.dimension, dtype=np.float32))
    encoder = CentredEncoder(FakeEncoder(), means(questions=zero))
    np.testing.assert_allclose(
        encoder.encode_query("年假"), FakeEncoder().encode_query("年假"), atol=1e-6
    )
    assert not np.allclose(
        encoder.encode_passages(["年假"]), FakeEncoder().encode_passages(["年假"])
    )


def test_vectors_are_never_taken_for_those_of_the_encoder() -> None:
    assert CentredEncoder(FakeEncoder(), means()).name != FakeEncoder.name


def test_means_of_other_weights_are_refused() -> None:
    with pytest.raises(ModelUnsupported, match="fit them again"):
        CentredEncoder(FakeEncoder(), means(weights_sha256="0" * 64))


def test_numbers_are_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "means.json"
    vectors = {"zh": [0.1, 0.2], "en": [0.3, 0.4]}
    path.write_text(json.dumps({"weights_sha256": "x", "questions": vectors, "passages": vectors}))
    read = LanguageMeans.load(path)
    np.testing.assert_allclose(read.questions["en"], [0.3, 0.4])
    assert read.weights_sha256 == "x"


@pytest.mark.real
def test_answer_in_the_other_language_comes_before_what_says_something_else(
    onnx_encoder: OnnxEncoder,
) -> None:
    """Without the centring it comes last: that is what the centring is for."""
    centred = CentredEncoder(onnx_encoder, LanguageMeans.load())
    plain = onnx_encoder.encode_passages(PASSAGES) @ onnx_encoder.encode_query(LEAVE)
    freed = centred.encode_passages(PASSAGES) @ centred.encode_query(LEAVE)
    assert freed.argmax() == 0
    assert freed[0] - freed[1:].max() > plain[0] - plain[1:].max()
