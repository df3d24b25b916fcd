"""Models of a hub as folders of data: what is brought here, and what may not be in them."""

import hashlib
from pathlib import Path

import httpx2
import huggingface_hub

from models.disk import sha256_of
from models.errors import ModelUnsupported, WeightsMissing, WeightsUnavailable
from models.manifest import asks_for_code

_DATA = ("*.safetensors", "*.json", "*.txt", "*.model", "*.jinja")
_CODE = frozenset({".py", ".pyc", ".so", ".bin", ".pkl", ".pickle", ".pt", ".pth", ".ckpt"})


def local_folder(model: str | Path, *, revision: str | None, cache_folder: Path | None) -> Path:
    """Return a folder that holds data only: one of this machine, or a hub's brought here.

    Parameters
    ----------
    model
        A folder, or the name of a repository on the hub.
    cache_folder
        Where repositories of the hub are kept; None is the hub's own cache.

    Raises
    ------
    ModelUnsupported
        It has code of its own, or no safetensors.
    WeightsMissing, WeightsUnavailable
        The folder is not there, or the hub cannot deliver the repository.
    """
    folder = model if isinstance(model, Path) else _download(model, revision, cache_folder)
    _check(folder)
    return folder


def hash_of_weights(folder: Path) -> str:
    """Return the hash of the safetensors file, or of the hashes of all of them, in hex."""
    hashes = [sha256_of(path) for path in _weights(folder)]
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("\n".join(hashes).encode()).hexdigest()


def unsupported(path: Path, reason: str) -> ModelUnsupported:
    """Say why a model is not loaded."""
    return ModelUnsupported(f"Model {path} is refused: {reason}, or choose another model")


def _download(repository: str, revision: str | None, cache_folder: Path | None) -> Path:
    """Bring the data files of a repository, and nothing else, to this machine."""
    try:
        path = huggingface_hub.snapshot_download(
            repository,
            revision=revision,
            cache_dir=cache_folder,
            allow_patterns=list(_DATA),
        )
    except (httpx2.HTTPError, OSError, ValueError) as error:
        raise WeightsUnavailable(
            f"The hub cannot deliver {repository} ({error}): check the name and the network, or "
            "download the repository elsewhere and name its folder in the settings"
        ) from error
    return Path(path)


def _check(folder: Path) -> None:
    if not folder.is_dir():
        raise WeightsMissing(f"There is no model in {folder}: check the folder in the settings")
    for path in sorted(folder.rglob("*")):
        if path.suffix in _CODE:
            raise unsupported(path, "files of this kind can execute code; remove it")
        # `tokenizer_config.json`, too, can name code.
        if path.name.endswith("config.json") and asks_for_code(path):
            raise unsupported(path, "`auto_map` asks for code of the model's own")
    if not _weights(folder):
        raise unsupported(folder, "there are no weights as safetensors")


def _weights(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.safetensors"))
