"""The audit hook of a process that parses; `ingest.sandbox` says what it does and does not stop."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

_PROGRAMS: Final = (
    "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.startfile", "os.system",
    "pty.spawn", "subprocess.Popen",
)  # fmt: skip
_CHANGES: Final = (
    "os.chflags", "os.chmod", "os.chown", "os.link", "os.mkdir", "os.remove", "os.removexattr",
    "os.rename", "os.rmdir", "os.setxattr", "os.symlink", "os.truncate", "os.utime",
)  # fmt: skip
_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC
_ALWAYS_READABLE: Final = (
    "/dev/null", "/dev/urandom", "/etc/localtime", "/etc/mime.types", "/usr/share/zoneinfo/",
)  # fmt: skip
"""What Python's own library reads, besides its folders."""


class Forbidden(PermissionError):
    """A parser tried what no parser has to do."""


class Guard:
    """Refuses, and keeps what was refused: a parser may take the refusal for a damaged file.

    Parameters
    ----------
    folder
        The only one in which files may be written.
    """

    def __init__(self, folder: str) -> None:
        self.refused: list[str] = []
        self._folder = os.path.realpath(folder) + os.sep
        self._readable = (
            *_ALWAYS_READABLE,
            f"/proc/{os.getpid()}/statm",
            self._folder,
            *_python_folders(),
        )

    def begin(self) -> None:
        """Refuse from now on; there is no way back in this process."""
        sys.addaudithook(self._audit)

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            self._check_open(*arguments)
        elif event.startswith("socket.") or event in {"urllib.Request", "ftplib.connect"}:
            self._refuse("open a connection")
        elif event in _PROGRAMS:
            self._refuse("start another program")
        elif event in _CHANGES:
            self._check_changes(arguments)

    def _check_open(self, path: object, mode: str | None, flags: int) -> None:
        if isinstance(path, int):  # a descriptor that is open already
            return
        is_writing = bool(flags & _WRITING) or bool(mode and set(mode) & set("wax+"))
        place = _place(path)
        if is_writing and not place.startswith(self._folder):
            self._refuse(f"write the file {place}")
        if not is_writing and not f"{place}{os.sep}".startswith(self._readable):
            self._refuse(f"read the file {place}")

    def _check_changes(self, arguments: Iterable[object]) -> None:
        for path in arguments:
            if isinstance(path, str | bytes) and not _place(path).startswith(self._folder):
                self._refuse(f"change the file {_place(path)}")

    def _refuse(self, deed: str) -> None:
        self.refused.append(deed)
        raise Forbidden(f"a parser may not {deed}")


def _place(path: object) -> str:
    """Return where a path leads; without `pathlib`, which would allocate in every open."""
    return os.path.realpath(os.fsdecode(path))  # type: ignore[arg-type]


def _python_folders() -> tuple[str, ...]:
    """Return where modules and their data are: some are imported or read only when needed."""
    ours = Path(__file__).parents[2]
    libraries = [Path(each) for each in sys.path if each.endswith("-packages")]
    places = [Path(sys.prefix), Path(sys.base_prefix), *libraries]
    places += [ours / package for package in ("ingest", "models", "stores")]
    return tuple(f"{place.resolve()}{os.sep}" for place in places)
