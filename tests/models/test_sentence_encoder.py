"""The second implementation of the encoder, and what it refuses to load."""

import json
import shutil
from pathlib import Path

import pytest

from models.errors import ModelUnsupported, WeightsMissing
from models.fetch import pull_from
from models.onnx_encoder import OnnxEncoder
from models.registry import ENCODER, SPECS
from models.sentence_encoder import SentenceEncoder
from tests.contracts.encoder import TEXTS, CountingEncoder, EncoderContract
from tests.fakes.weights import ScriptedSource, e5_bytes, e5_spec

BYTES = e5_bytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a small folder of the Hugging Face layout."""
    model = pull_from(
        e5_spec(BYTES), tmp_path, sources=[ScriptedSource(BYTES)], progress=lambda _: None
    )
    return Path(shutil.copytree(model / "hf", tmp_path / "own"))


@pytest.mark.parametrize("name", ["modeling.py", "pytorch_model.bin", "weights.pkl", "sub/x.pt"])
def test_a_folder_with_code_is_refused(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"")

    with pytest.raises(ModelUnsupported, match="can execute code"):
        SentenceEncoder(folder)


def test_a_configuration_that_names_code_is_refused(folder: Path) -> None:
    content = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(content | {"auto_map": {}}))

    with pytest.raises(ModelUnsupported, match="auto_map"):
        SentenceEncoder(folder)


def test_a_module_from_elsewhere_is_refused(folder: Path) -> None:
    modules = json.loads((folder / "modules.json").read_text())
    modules[0]["type"] = "evil.Transformer"
    (folder / "modules.json").write_text(json.dumps(modules))

    with pytest.raises(ModelUnsupported, match=r"evil\.Transformer"):
        SentenceEncoder(folder)


def test_a_folder_without_safetensors_is_refused(folder: Path) -> None:
    (folder / "model.safetensors").unlink()

    with pytest.raises(ModelUnsupported, match="no weights as safetensors"):
        SentenceEncoder(folder)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="absent"):
        SentenceEncoder(tmp_path / "absent")


@pytest.fixture(scope="session")
def sentence_encoder(models_folder: Path) -> SentenceEncoder:
    spec = SPECS[ENCODER]
    return SentenceEncoder(
        models_folder / ENCODER / "hf",
        query_prefix=spec.query_prefix,
        passage_prefix=spec.passage_prefix,
        device="cpu",
    )


@pytest.mark.real
class TestSentenceEncoder(EncoderContract):
    @pytest.fixture
    def encoder(self, sentence_encoder: SentenceEncoder) -> CountingEncoder:
        return sentence_encoder

    def test_it_agrees_with_the_encoder_that_is_served(
        self, encoder: CountingEncoder, onnx_encoder: OnnxEncoder
    ) -> None:
        cosines = (encoder.encode_passages(TEXTS) * onnx_encoder.encode_passages(TEXTS)).sum(axis=1)

        assert cosines.min() > 0.995
        for text in TEXTS:
            assert encoder.count_tokens(text) == onnx_encoder.count_tokens(text)
