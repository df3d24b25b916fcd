"""Fixtures shared by all tests."""

import os
from pathlib import Path

import pytest

from models.errors import WeightsUnavailable
from models.fetch import pull, verified_weights
from models.onnx_encoder import OnnxEncoder
from models.progress import Progress
from models.registry import ENCODER, LLM, SPECS
from models.spec import SourceKind


@pytest.fixture(scope="session")
def models_folder() -> Path:
    """Return a models folder with the encoder and the LLM, pulled if they are not there."""
    folder = Path(os.environ.get("ZHIKU_TEST_MODELS", "~/.zhiku/models")).expanduser()
    for spec in SPECS.values():
        try:
            pull(spec, folder, sources=tuple(SourceKind), progress=_ignore)
        except WeightsUnavailable as error:
            pytest.skip(str(error))
    return folder


@pytest.fixture(scope="session")
def onnx_encoder(models_folder: Path) -> OnnxEncoder:
    """Return the encoder that is served, on the real weights."""
    return OnnxEncoder(models_folder / ENCODER, threads=2)


@pytest.fixture(scope="session")
def gguf_path(models_folder: Path) -> Path:
    """Return the weights of the language model."""
    return verified_weights(SPECS[LLM], models_folder)


def _ignore(_progress: Progress) -> None:
    """Pytest shows no progress."""
