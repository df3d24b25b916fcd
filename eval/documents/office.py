"""Text of Office files by LibreOffice, many files to a start of the program."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

TEXT: Final = "txt:Text (encoded):UTF8"
SHEETS: Final = "csv:Text - txt - csv (StarCalc):9,34,76,1,,0,false,true,false,false,false,-1"
"""All sheets, in UTF-8, with tabs, values as they are shown."""
PAGES: Final = "pdf"
_FILES_A_START = 20
_SECONDS_A_START = 60
_SECONDS_A_FILE = 30


def converted(files: Mapping[str, Path], *, target: str) -> Iterator[tuple[str, str]]:
    """Yield key and text of each file that LibreOffice can convert; the others are left out.

    A start of LibreOffice costs seconds, and a file that it dies of costs the rest of its batch.
    """
    waiting = list(files.items())
    for start in range(0, len(waiting), _FILES_A_START):
        yield from _batch(waiting[start : start + _FILES_A_START], target=target)


def _batch(batch: Sequence[tuple[str, Path]], *, target: str) -> Iterator[tuple[str, str]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copies = []
        for key, path in batch:
            copies.append(folder / f"{key}{path.suffix}")
            shutil.copyfile(path, copies[-1])
        out = folder / "out"
        out.mkdir()
        command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless",
                   "--convert-to", target, "--outdir", str(out), *map(str, copies)]  # fmt: skip
        seconds = _SECONDS_A_START + _SECONDS_A_FILE * len(batch)
        with suppress(subprocess.TimeoutExpired):  # what it has written by then counts
            subprocess.run(command, capture_output=True, timeout=seconds, check=False)
        for key, _ in batch:
            written = sorted(out.glob(f"{key}*"))
            if written:
                yield key, "\n".join(map(_text, written))


def _text(path: Path) -> str:
    if path.suffix == ".pdf":
        done = subprocess.run(
            ["pdftotext", "-enc", "UTF-8", str(path), "-"], capture_output=True, check=False
        )
        return done.stdout.decode("utf-8", errors="replace")
    return path.read_text(encoding="utf-8-sig", errors="replace")
