"""The bytes of all files below a folder, searched for many strings at once.

The search is a process of its own. Whoever closes a file of SQLite's in the process that has the
database open lets go of that process's locks on it, after which another process may take away the
log that is still in use (https://sqlite.org/howtocorrupt.html, 2.2).
"""

import json
import os
import subprocess
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ahocorasick_rs import BytesAhoCorasick

from stores.errors import SearchIncomplete

_CHUNK_BYTES = 1 << 20
_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class RawSearch:
    """What was read, and what was found in it.

    Attributes
    ----------
    files, size_bytes
        That were read to their ends.
    found
        By file the needles in it, each once.
    """

    files: int = 0
    size_bytes: int = 0
    found: dict[Path, frozenset[bytes]] = field(default_factory=dict)


def search_files(
    root: Path, needles: Collection[bytes], *, left_out: Collection[Path]
) -> RawSearch:
    """Search the regular files below `root`, hidden ones too, as they are now.

    A needle is more than zeros. Files that vanish meanwhile are left out; so are those that are
    made meanwhile. Links are not followed.

    Parameters
    ----------
    left_out
        Files and folders that are not read.

    Raises
    ------
    SearchIncomplete
        A file cannot be read, or the search could not be made.
    """
    wanted = list(needles)
    request = {
        "root": str(root),
        "needles": [needle.hex() for needle in wanted],
        "left_out": [str(path) for path in left_out],
    }
    ended = subprocess.run(
        [sys.executable, "-P", "-m", "stores.raw_search"],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
    )
    if ended.returncode:
        said = ended.stderr.strip().rpartition("\n")[2] or f"exit code {ended.returncode}"
        raise SearchIncomplete(f"the files below {root} could not be searched: {said}")
    answer = json.loads(ended.stdout)
    found = {
        Path(file): frozenset(wanted[number] for number in numbers)
        for file, numbers in answer["found"].items()
    }
    return RawSearch(answer["files"], answer["size_bytes"], found)


def _search(root: Path, wanted: list[bytes], left_out: Collection[Path]) -> dict[str, object]:
    """Return the answer to a request: needles by their numbers."""
    finder = BytesAhoCorasick(wanted)
    overlap = max(map(len, wanted), default=1) - 1
    files = size_bytes = 0
    found: dict[str, list[int]] = {}
    for file in _files(root, left_out):
        try:
            size, numbers = _search_file(file, finder, overlap)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise SearchIncomplete(
                f"{file} cannot be read ({error.strerror}), so that nothing is known of it: "
                "correct its permissions"
            ) from error
        files += 1
        size_bytes += size
        if numbers:
            found[str(file)] = sorted(numbers)
    return {"files": files, "size_bytes": size_bytes, "found": found}


def _search_file(file: Path, finder: BytesAhoCorasick, overlap: int) -> tuple[int, set[int]]:
    """Return the size, and the numbers of the needles that are in the file."""
    size, tail, numbers = 0, b"", set[int]()
    with file.open("rb") as opened:
        while read := opened.read(_CHUNK_BYTES):
            size += len(read)
            # With the end of the piece before: a needle may lie across the two.
            piece = tail + read
            if piece.lstrip(b"\0"):  # the engine's files are mostly empty
                matches = finder.find_matches_as_indexes(piece, overlapping=True)
                numbers.update(number for number, _, _ in matches)
            tail = piece[-overlap:] if overlap else b""
    return size, numbers


def _files(folder: Path, left_out: Collection[Path]) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir())
    except FileNotFoundError:
        return
    except OSError as error:
        raise SearchIncomplete(
            f"the folder {folder} cannot be read ({error.strerror}), so that nothing is known of "
            "it: correct its permissions"
        ) from error
    for entry in entries:
        if entry in left_out or entry.is_symlink():
            continue
        if entry.is_dir():
            yield from _files(entry, left_out)
        elif entry.is_file():
            yield entry


def _answer() -> None:
    request = json.load(sys.stdin)
    needles = [bytes.fromhex(each) for each in request["needles"]]
    left_out = {Path(each) for each in request["left_out"]}
    try:
        json.dump(_search(Path(request["root"]), needles, left_out), sys.stdout)
    except SearchIncomplete as error:
        sys.exit(str(error))


if __name__ == "__main__":
    _answer()
