"""The identity file beside the shards: vectors of two encoders are never mixed."""

import json
from dataclasses import asdict
from pathlib import Path

from stores.errors import IndexMismatch
from stores.files import write_atomically
from stores.index import IndexIdentity

_FILE = "identity.json"


def claim_folder(root: Path, identity: IndexIdentity) -> Path:
    """Return the folder below `root` of the indexes made with `identity`, made if need be.

    Raises
    ------
    IndexMismatch
        The folder holds other vectors, or `root` holds only other vectors: a changed encoder would
        find nothing in an empty index of its own, and nobody would be told.
    """
    folder = root / identity.name
    file = folder / _FILE
    if file.exists():
        _check_file(file, identity)
        return folder
    for other in sorted(root.glob(f"*/{_FILE}")):
        _check_file(other, identity)
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(file, json.dumps(asdict(identity), indent=2).encode())
    return folder


def _check_file(file: Path, identity: IndexIdentity) -> None:
    try:
        found = IndexIdentity(**json.loads(file.read_bytes()))
    except (TypeError, ValueError) as error:
        raise IndexMismatch(
            f"{file} does not say what the index was made with ({error}): "
            "move its folder away and ingest again"
        ) from error
    if found != identity:
        raise IndexMismatch(mismatch_message(str(file.parent), found.name, identity.name))


def mismatch_message(index: str, found: str, wanted: str) -> str:
    """Say that an index is of another identity, and what to do."""
    return (
        f"the index {index} was made with {found}, not with {wanted}: "
        "choose that encoder again, or move the index away and ingest again"
    )
