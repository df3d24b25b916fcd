"""Old and foreign office formats, converted by LibreOffice where it is installed."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePath

from ingest.errors import UnreadableFile, UnsupportedFormat
from ingest.parse.docx import parse_docx
from ingest.parse.pptx import parse_pptx
from ingest.parse.xlsx import parse_xlsx
from ingest.records import ParsedDocument

_SECONDS = 120
_PARSERS = {"docx": parse_docx, "pptx": parse_pptx, "xlsx": parse_xlsx}
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


def parse_legacy(
    data: bytes,
    filename: str,
    *,
    target: str,
    find: Callable[[str], str | None] = shutil.which,
) -> ParsedDocument:
    """Parse a file that LibreOffice turns into `docx`, `pptx` or `xlsx`. No macro is run.

    Raises
    ------
    UnsupportedFormat
        LibreOffice is not installed.
    UnreadableFile
        It could not convert the file.
    """
    program = find("soffice")
    if program is None:
        raise UnsupportedFormat(
            f"{filename}: is in an old or foreign format, which is read where LibreOffice is "
            f"installed (the command soffice); install it, or save the file as .{target}"
        )
    with tempfile.TemporaryDirectory(prefix="zhiku-office-") as folder:
        converted = _convert(data, filename, target=target, program=program, folder=Path(folder))
    return replace(_PARSERS[target](converted, filename), media_type=_MEDIA_TYPES[target])


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
        subprocess.run(command, capture_output=True, timeout=_SECONDS, check=True)
        return (out / f"document.{target}").read_bytes()
    except (OSError, subprocess.SubprocessError) as error:
        raise UnreadableFile(
            f"{filename}: LibreOffice could not convert it ({type(error).__name__}); "
            f"open it and save it as .{target}"
        ) from error
