"""The manifest of an installed model: what its folder may hold, byte for byte."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from models.disk import sha256_of
from models.errors import WeightsCorrupt, WeightsMissing
from models.spec import ModelSpec

MANIFEST = "manifest.json"
ALLOWED_SUFFIXES = frozenset({".safetensors", ".gguf", ".onnx", ".json", ".txt", ".model"})
"""Formats that hold data only; pickles and Python files could execute code."""


@dataclass(frozen=True, slots=True)
class InstalledFile:
    """Hash and size of a file below the model's folder."""

    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was installed, from which weights, and how it is used.

    `files` maps the path below the model's folder, with `/`, to what the file must be;
    `weights_sha256` is the hash of the weights before conversion.
    """

    name: str
    revision: str
    licence: str
    weights_sha256: str
    dimension: int
    max_tokens: int
    query_prefix: str
    passage_prefix: str
    files: Mapping[str, InstalledFile]


def write_manifest(spec: ModelSpec, folder: Path) -> Manifest:
    """Describe all files of a finished folder and write the description into it."""
    manifest = Manifest(
        name=spec.name,
        revision=spec.revision,
        licence=spec.licence,
        weights_sha256=spec.weights.sha256,
        dimension=spec.dimension,
        max_tokens=spec.max_tokens,
        query_prefix=spec.query_prefix,
        passage_prefix=spec.passage_prefix,
        files=installed_files(folder),
    )
    save_manifest(manifest, folder)
    return manifest


def installed_files(folder: Path) -> dict[str, InstalledFile]:
    """Hash all files of a folder."""
    return {
        path.relative_to(folder).as_posix(): InstalledFile(sha256_of(path), path.stat().st_size)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def save_manifest(manifest: Manifest, folder: Path) -> None:
    """Write a manifest into its folder."""
    text = json.dumps(asdict(manifest), indent=2, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a model's folder.

    Raises
    ------
    WeightsMissing
        The folder is not there.
    WeightsCorrupt
        The manifest is missing or malformed.
    """
    if not folder.is_dir():
        raise WeightsMissing(
            f"Model {folder.name} is not in {folder.parent}: run `zhiku models pull {folder.name}`"
        )
    path = folder / MANIFEST
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        files = {name: InstalledFile(**entry) for name, entry in content.pop("files").items()}
        return Manifest(**content, files=files)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise corrupt(path, f"the manifest cannot be read ({error})") from error


def check_spec(folder: Path, manifest: Manifest, spec: ModelSpec) -> None:
    """Refuse what was installed from other weights than those of the spec."""
    weights = manifest.files.get(spec.weights.name)
    if manifest.name != spec.name or manifest.weights_sha256 != spec.weights.sha256:
        raise corrupt(folder, "it was made from other weights")
    if weights is not None and weights.sha256 != spec.weights.sha256:
        raise corrupt(folder / spec.weights.name, "the bytes are not those of the model")


def check_folder(folder: Path, manifest: Manifest) -> None:
    """Refuse a folder that holds anything but the files of its manifest; contents are not hashed.

    Raises
    ------
    WeightsCorrupt
        A file is missing, has another size, is not of the manifest, is of a format that can
        execute code, is a link, or a `config.json` asks for code of its own (`auto_map`).
    """
    found = {path.relative_to(folder).as_posix(): path for path in _files(folder)}
    for name in sorted(manifest.files):
        if name not in found:
            raise corrupt(folder / name, "the file is missing")
    for name, path in sorted(found.items()):
        _check_entry(name, path, manifest)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()]


def _check_entry(name: str, path: Path, manifest: Manifest) -> None:
    if path.is_symlink() or not path.is_file():
        raise corrupt(path, "it is not a plain file")
    if path.suffix not in ALLOWED_SUFFIXES:
        raise corrupt(path, f"files of kind {path.suffix or path.name!r} may not be there")
    if name == MANIFEST:
        return
    if name not in manifest.files:
        raise corrupt(path, "the file is not of the manifest")
    if path.stat().st_size != manifest.files[name].size_bytes:
        raise corrupt(path, "the size is wrong")
    if path.name == "config.json" and asks_for_code(path):
        raise corrupt(path, "`auto_map` asks for code of the model's own")


def asks_for_code(config: Path) -> bool:
    """Tell whether a Hugging Face `config.json` names Python code to load."""
    try:
        content = json.loads(config.read_text(encoding="utf-8"))
    except ValueError as error:
        raise corrupt(config, "it is not JSON") from error
    return not isinstance(content, dict) or "auto_map" in content


def check_files(folder: Path, manifest: Manifest) -> None:
    """Hash every file of the manifest; raises `WeightsCorrupt` at the first wrong byte."""
    for name, file in sorted(manifest.files.items()):
        if sha256_of(folder / name) != file.sha256:
            raise corrupt(folder / name, "the bytes have changed")


def read_checked(folder: Path, manifest: Manifest, name: str) -> bytes:
    """Return the bytes of a file that are exactly those that were hashed."""
    if name not in manifest.files:
        raise corrupt(folder / name, "the file is missing")
    data = (folder / name).read_bytes()
    if hashlib.sha256(data).hexdigest() != manifest.files[name].sha256:
        raise corrupt(folder / name, "the bytes have changed")
    return data


def corrupt(path: Path, reason: str) -> WeightsCorrupt:
    """Say what is wrong with a file and how to get rid of it."""
    return WeightsCorrupt(
        f"Model file {path} is refused: {reason}; run `zhiku models pull` to install it anew"
    )
