"""The bytes of all files below a folder, searched for many strings at once."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ahocorasick_rs import BytesAhoCorasick

from stores.errors import SearchIncomplete

_CHUNK_BYTES = 1 << 20


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
    root: Path, needles: Collection[bytes], *, skip: Callable[[Path], bool]
) -> RawSearch:
    """Search the regular files below `root`, hidden ones too, as they are now.

    A needle is more than zeros.

    Files that vanish meanwhile are left out; so are those that are made meanwhile. Links are not
    followed.

    Parameters
    ----------
    skip
        Tells of a file or a folder that it is left out.

    Raises
    ------
    SearchIncomplete
        A file cannot be read.
    """
    wanted = list(needles)
    finder = BytesAhoCorasick(wanted)
    overlap = max(map(len, wanted), default=1) - 1
    files = size_bytes = 0
    found: dict[Path, frozenset[bytes]] = {}
    for file in _files(root, skip):
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
            found[file] = frozenset(wanted[number] for number in numbers)
    return RawSearch(files, size_bytes, found)


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


def _files(folder: Path, skip: Callable[[Path], bool]) -> Iterator[Path]:
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
        if skip(entry) or entry.is_symlink():
            continue
        if entry.is_dir():
            yield from _files(entry, skip)
        elif entry.is_file():
            yield entry
