"""An erasure with the real encoder and engine, on the sample documents."""

from pathlib import Path

import numpy as np
import pytest

from app.cli.demo import SAMPLES
from app.settings import ModelsSettings, Settings
from app.wiring import open_ingest
from ingest.sources import read_sources
from stores.access import EVERYONE, AccessFilter
from stores.receipt_records import ErasureState
from tests.ingest.forget.forgetting import text_forms

pytestmark = pytest.mark.real

_READERS = AccessFilter(tenant="default", groups=(EVERYONE,))


def _files_with(data: Path, needles: list[bytes]) -> set[str]:
    return {
        str(file.relative_to(data))
        for file in data.rglob("*")
        if file.is_file() and any(needle in file.read_bytes() for needle in needles)
    }


def test_neither_text_nor_vectors_of_a_sample_are_left(tmp_path: Path, models_folder: Path) -> None:
    settings = Settings(data_dir=tmp_path, models=ModelsSettings(directory=models_folder))
    samples = sorted(path for path in SAMPLES.iterdir() if path.is_file())[:6]
    system = open_ingest(settings)
    try:
        sources = read_sources(samples, max_bytes=10_000_000)
        outcomes = list(
            system.pipeline.run(
                sources, tenant="default", groups=[EVERYONE], on_progress=lambda _: None
            )
        )
        chosen = max(outcomes, key=lambda outcome: outcome.chunks)
        assert chosen.document_id is not None
        index = system.indexes.open("default")
        blocks = system.catalog.documents.page_blocks(chosen.document_id, _READERS, page=None)
        vectors = list(system.indexes.vectors("default", chosen.document_id))
        floats = [np.ascontiguousarray(each, dtype="<f4").tobytes() for each in vectors]
        longest = max((block.text for _, block in blocks), key=len)
        texts = [*text_forms(longest[:60])]
        assert _files_with(tmp_path, floats)
        assert _files_with(tmp_path, texts)

        (receipt,) = system.forgetter.forget("default", [chosen.document_id], user="test")

        assert receipt.state is ErasureState.PROVEN, receipt.finds
        assert _files_with(tmp_path, floats) == set()
        assert _files_with(tmp_path, texts) == set()
        assert index.count() == sum(each.chunks for each in outcomes) - chosen.chunks
    finally:
        system.close()
