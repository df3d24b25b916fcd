"""Old and foreign office formats, converted by LibreOffice where it is installed."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePath

from ingest.errors import UnreadableFile, UnsupportedFormat
from ingest.parse.detect import LEGACY, detect_format, may_be_legacy

_SECONDS = 60
_MEDIA_TYPES = {
    "docx": "application/msword",
    "pptx": "application/vnd.ms-powerpoint",
    "xlsx": "application/vnd.ms-excel",
}
_NO_MACROS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop>
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop>
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop>
<prop oor:name="DisableActiveContent" oor:op="fuse"><value>true</value></prop>
</item></oor:items>
"""


@dataclass(frozen=True, slots=True)
class Converted:
    """What LibreOffice made of a file, and the media type of what it was made of."""

    data: bytes
    media_type: str


def convert_legacy(
    data: bytes,
    filename: str,
    *,
    find: Callable[[str], str | None] = shutil.which,
    folder: Path | None = None,
) -> Converted | None:
    """Convert a file of an old or foreign office format; None if it is of another one.

    No macro is run. Temporary files are made in `folder`, or else in that of the system.

    Raises
    ------
    UnsupportedFormat
        LibreOffice is not installed.
    UnreadableFile
        It could not convert the file, or the file is protected with a password.
    """
    if not may_be_legacy(data, filename=filename):
        return None
    target = detect_format(data, filename=filename).removeprefix(LEGACY)
    if target not in _MEDIA_TYPES:
        return None
    program = find("soffice")
    if program is None:
        raise UnsupportedFormat(
            f"{filename}: is in an old or foreign format, which is read where LibreOffice is "
            f"installed (the command soffice); install it, or save the file as .{target}"
        )
    with tempfile.TemporaryDirectory(prefix="zhiku-office-", dir=folder) as own:
        made = _convert(data, filename, target=target, program=program, folder=Path(own))
    return Converted(made, _MEDIA_TYPES[target])


def _convert(data: bytes, filename: str, *, target: str, program: str, folder: Path) -> bytes:
    """Return the converted file; LibreOffice has a profile of its own, so that it may be open."""
    settings = folder / "profile" / "user" / "registrymodifications.xcu"
    settings.parent.mkdir(parents=True)
    settings.write_text(_NO_MACROS, encoding="utf-8")
    suffix = PurePath(filename).suffix.lower()
    given = folder / f"document{suffix if suffix[1:].isalnum() and suffix.isascii() else ''}"
    given.write_bytes(data)
    out = folder / "converted"
    command = [
        program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless",
        "--norestore", "--convert-to", target, "--outdir", str(out), str(given),
    ]  # fmt: skip
    try:
        _run(command)
        return (out / f"document.{target}").read_bytes()
    except (OSError, subprocess.SubprocessError) as error:
        raise UnreadableFile(
            f"{filename}: LibreOffice could not convert it ({type(error).__name__}); "
            f"open it and save it as .{target}"
        ) from error


def _run(command: list[str]) -> None:
    """Run a program, and end it with all that it started after a time."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        status = process.wait(_SECONDS)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if status:
        raise subprocess.CalledProcessError(status, command)
