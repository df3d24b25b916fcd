"""From checked weights to an installed model: converted, described, put in place at once."""

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from models.disk import swap_in
from models.manifest import check_folder, check_spec, write_manifest
from models.progress import Progress, Report, Step
from models.spec import ModelSpec, WeightsFormat

Converter = Callable[[ModelSpec, Path, Path, Report], None]
"""Writes the model's files: spec, weights, folder to write into, progress."""


def install(spec: ModelSpec, weights: Path, target: Path, *, scratch: Path, report: Report) -> None:
    """Make the folder `target` from weights whose hash is right.

    Parameters
    ----------
    weights
        A file below `scratch`, or a user's own, which is left as it is.
    scratch
        A folder on the file system of `target`; a half-made model is found only here.
    """
    build = scratch / "build"
    shutil.rmtree(build, ignore_errors=True)
    build.mkdir()
    _CONVERTERS[spec.format](spec, weights, build, report)
    report(Progress(Step.CHECKING, spec.name))
    manifest = write_manifest(spec, build)
    check_spec(build, manifest, spec)
    check_folder(build, manifest)
    swap_in(build, target, scratch=scratch)


def _place(spec: ModelSpec, weights: Path, build: Path, report: Report) -> None:
    """Take the weights as they are: a second name for the file, or a copy on another disk."""
    report(Progress(Step.CONVERTING, spec.name))
    place = build / spec.weights.name
    source = weights.resolve()
    if source.stat().st_dev == build.stat().st_dev:
        os.link(source, place)
    else:
        shutil.copyfile(source, place)


def _convert_e5(spec: ModelSpec, weights: Path, build: Path, report: Report) -> None:
    """Import the converter only where it runs: it needs onnx."""
    from models.e5_convert import convert_e5  # noqa: PLC0415

    convert_e5(spec, weights, build, report)


_CONVERTERS: Mapping[WeightsFormat, Converter] = MappingProxyType(
    {WeightsFormat.GGUF: _place, WeightsFormat.E5S1: _convert_e5}
)
