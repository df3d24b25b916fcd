"""Where documents come from: files and folders of this machine."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from ingest.errors import FileTooLarge, IngestError, UnreadableFile
from ingest.metadata.sidecar import described_by, is_sidecar, read_sidecar
from ingest.records import FailedSource, Source
from stores.records import NOTHING_GIVEN, Given

_TEMPORARY_PREFIXES = (".", "~$")
_TEMPORARY_SUFFIXES = (".tmp", ".part", ".crdownload", "~")
_LITTER = frozenset({"thumbs.db", "desktop.ini"})


def discover(paths: Iterable[Path]) -> list[Path]:
    """Return the files that `paths` name, and those below the folders among them, sorted.

    Below a folder, hidden and temporary files are left out, and so are links that lead out of it.
    A file that is named itself is always taken. Sidecars are no documents: one that is named stands
    for the file that it describes.

    Raises
    ------
    UnreadableFile
        A path does not exist.
    """
    found: set[Path] = set()
    for named in paths:
        path = described_by(named) if is_sidecar(named) else named
        if path.is_dir():
            found.update(_files_below(path.resolve()))
        elif path.exists():
            found.add(path.resolve())
        else:
            raise UnreadableFile(f"{path}: no such file or folder; check the path")
    return sorted(found)


def _files_below(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root, followlinks=False):
        folders[:] = [name for name in folders if not _is_left_out(name)]
        for name in names:
            path = (Path(folder) / name).resolve()
            if not _is_left_out(name) and path.is_file() and path.is_relative_to(root):
                yield path


def _is_left_out(name: str) -> bool:
    lowered = name.lower()
    return (
        is_sidecar(Path(name))
        or lowered.startswith(_TEMPORARY_PREFIXES)
        or lowered.endswith(_TEMPORARY_SUFFIXES)
        or lowered in _LITTER
    )


def file_uri(path: Path) -> str:
    """Return the URI that a file keeps, however its path was written."""
    return path.resolve().as_uri()


def read_source(path: Path, *, max_bytes: int, given: Given = NOTHING_GIVEN) -> Source:
    """Read a file, and the one beside it that describes it; `given` is what is said of it too.

    Raises
    ------
    FileTooLarge
        It has more than `max_bytes` bytes.
    UnreadableFile
        It cannot be read, or something is still writing to it.
    """
    try:
        before = path.stat()
        if before.st_size > max_bytes:
            raise FileTooLarge(size_message(path.name, before.st_size, max_bytes=max_bytes))
        data = path.read_bytes()
        after = path.stat()
    except OSError as error:
        raise UnreadableFile(
            f"{path.name}: cannot be read ({error.strerror}); check the file and its permissions"
        ) from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise UnreadableFile(f"{path.name}: is still being written; run again when it is complete")
    sidecar = read_sidecar(path)
    return Source(uri=file_uri(path), filename=path.name, data=data, given=given, sidecar=sidecar)


def read_sources(
    paths: Iterable[Path], *, max_bytes: int, given: Given = NOTHING_GIVEN
) -> Iterator[Source | FailedSource]:
    """Read files one at a time; one that cannot be read becomes a `FailedSource`."""
    for path in paths:
        try:
            yield read_source(path, max_bytes=max_bytes, given=given)
        except IngestError as error:
            yield FailedSource(uri=file_uri(path), reason=str(error))


def size_message(name: str, size: int, *, max_bytes: int) -> str:
    """Return the one line that says that a file is too large."""
    return (
        f"{name}: has {size / 1e6:.1f} MB, more than the {max_bytes / 1e6:.1f} MB allowed; "
        "split it, or raise the limit in the settings"
    )
