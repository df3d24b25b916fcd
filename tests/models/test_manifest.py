"""A model's folder that is not exactly what was installed must not be loaded."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_socket import disable_socket, enable_socket

from models.errors import WeightsCorrupt
from models.fetch import pull_from, verify
from models.manifest import MANIFEST, check_folder, read_manifest, write_manifest
from models.onnx_encoder import OnnxEncoder
from tests.fakes.weights import ScriptedSource, e5_bytes, e5_spec

BYTES = e5_bytes()
SPEC = e5_spec(BYTES)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Install a tiny encoder; its folder holds every kind of file."""
    return pull_from(SPEC, tmp_path, sources=[ScriptedSource(BYTES)], progress=lambda _: None)


def _refused(model: Path, match: str) -> None:
    with pytest.raises(WeightsCorrupt, match=match):
        verify(SPEC, model.parent)
    with pytest.raises(WeightsCorrupt, match=match):
        OnnxEncoder(model, threads=1)


def test_the_manifest_says_what_was_installed(model: Path) -> None:
    content = json.loads((model / MANIFEST).read_text())

    assert content["licence"] == "MIT"
    assert content["revision"] == "1"
    assert content["weights_sha256"] == SPEC.weights.sha256
    assert set(content["files"]) == {
        path.relative_to(model).as_posix()
        for path in model.rglob("*")
        if path.is_file() and path.name != MANIFEST
    }
    assert {len(file["sha256"]) for file in content["files"].values()} == {64}


@pytest.mark.parametrize("name", ["onnx/model.int8.onnx", "hf/tokenizer.json", "golden.json"])
def test_a_flipped_byte_is_refused(model: Path, name: str) -> None:
    data = bytearray((model / name).read_bytes())
    data[len(data) // 2] ^= 1
    (model / name).write_bytes(data)

    _refused(model, "the bytes have changed")


def test_a_flipped_byte_in_a_file_that_is_not_loaded_is_found_by_verify(model: Path) -> None:
    weights = model / "hf" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x7f")

    with pytest.raises(WeightsCorrupt, match="the bytes have changed"):
        verify(SPEC, model.parent)


@pytest.mark.parametrize(
    "name", ["hf/pytorch_model.bin", "hf/modeling.py", "weights.pkl", "hf/x.pt", ".hidden", "run"]
)
def test_files_that_can_hold_code_are_refused(model: Path, name: str) -> None:
    (model / name).write_bytes(b"")

    _refused(model, "may not be there")


def test_an_extra_file_of_an_allowed_kind_is_refused(model: Path) -> None:
    (model / "hf" / "adapter.safetensors").write_bytes(b"")

    _refused(model, "not of the manifest")


def test_a_manifest_cannot_allow_code(model: Path) -> None:
    (model / "hf" / "modeling.py").write_text("")
    (model / MANIFEST).unlink()
    write_manifest(SPEC, model)

    _refused(model, "may not be there")


def test_auto_map_is_refused_even_if_the_manifest_has_it(model: Path) -> None:
    config = model / "hf" / "config.json"
    content = json.loads(config.read_text()) | {"auto_map": {"AutoModel": "modeling.Evil"}}
    config.write_text(json.dumps(content))
    (model / MANIFEST).unlink()
    write_manifest(SPEC, model)

    _refused(model, "auto_map")


def test_a_link_is_refused(model: Path, tmp_path: Path) -> None:
    graph = model / "onnx" / "model.int8.onnx"
    graph.rename(tmp_path / "elsewhere.onnx")
    graph.symlink_to(tmp_path / "elsewhere.onnx")

    _refused(model, "not a plain file")


def test_a_linked_folder_is_refused(model: Path, tmp_path: Path) -> None:
    (model / "onnx").rename(tmp_path / "elsewhere")
    (model / "onnx").symlink_to(tmp_path / "elsewhere")

    _refused(model, "missing|not a plain file")


def test_a_missing_file_is_refused(model: Path) -> None:
    (model / "onnx" / "model.onnx").unlink()

    _refused(model, "the file is missing")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"files": {}}', '{"files": {"a": 1}}'])
def test_a_malformed_manifest_is_refused(model: Path, text: str) -> None:
    (model / MANIFEST).write_text(text)

    _refused(model, "manifest cannot be read")


def test_a_name_that_leads_out_of_the_folder_is_refused(model: Path) -> None:
    manifest = read_manifest(model)
    file = manifest.files["golden.json"]

    with pytest.raises(WeightsCorrupt, match="missing"):
        check_folder(model, replace(manifest, files={"../../etc/passwd": file}))


def test_an_installed_model_loads_without_any_network(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    disable_socket()
    try:
        verify(SPEC, model.parent)
        vector = OnnxEncoder(model, threads=1).encode_query("a b 年假")
    finally:
        enable_socket()

    assert vector.shape == (SPEC.dimension,)
