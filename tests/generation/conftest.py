"""The real model, loaded once for all tests that ask for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from generation.llama import EmbeddedLlama
from models.registry import LLM, SPECS


@pytest.fixture(scope="session")
def llama(models_folder: Path) -> Iterator[EmbeddedLlama]:
    path = models_folder / LLM / SPECS[LLM].weights.name
    model = EmbeddedLlama(path, context_tokens=2048, threads=2, slots=1)
    yield model
    model.close()
