"""The command line with the real models: both ways into the stores, and a cited answer."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from app.runtime import running, start_in_background, stop_server, wait_until_alive
from app.settings import Settings
from app.wiring import open_ingest, open_search
from retrieval.records import Query
from stores.access import EVERYONE, Principal, Scope
from stores.files import FileStore
from tests.app.cli_process import clean_environment, only_error_line, zhiku

pytestmark = pytest.mark.real


@pytest.fixture
def environment(models_folder: Path) -> dict[str, str]:
    return {"ZHIKU_MODELS__DIRECTORY": str(models_folder)}


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "停车.md").write_text("# 停车规定\n\n员工停车证每月 80 元,访客停车每小时 6 元。\n")
    (folder / "badge.txt").write_text("A lost badge is replaced for 35 yuan at the front desk.\n")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nno more than this")
    return folder


def counts(result: subprocess.CompletedProcess[str]) -> dict[str, int]:
    rows = re.findall(r"│ (\w+)\s+│ (\d+)\s+│ \d+\s+│", result.stdout)
    return {name: int(number) for name, number in rows if int(number)}


def check_the_life_of_a_folder(
    documents: Path, data_dir: Path, environment: dict[str, str]
) -> None:
    def ingest(*options: str) -> subprocess.CompletedProcess[str]:
        return zhiku("ingest", str(documents), *options, data_dir=data_dir, environment=environment)

    first = ingest()
    assert (first.returncode, counts(first)) == (1, {"added": 2, "failed": 1})
    assert "broken.pdf" in first.stderr
    assert "Traceback" not in first.stderr
    (documents / "broken.pdf").unlink()
    again = ingest()
    assert (again.returncode, counts(again)) == (0, {"unchanged": 2})
    (documents / "badge.txt").write_text("A lost badge is replaced for 45 yuan.\n")
    (documents / "停车.md").rename(documents / "parking.md")
    pruned = ingest("--prune")
    assert counts(pruned) == {"added": 1, "updated": 1, "removed": 1}, pruned.stderr
    assert zhiku("lexicon", "add", "停车收费标准", data_dir=data_dir).returncode == 0
    for brought_up in (2, 0):
        synced = zhiku("lexicon", "sync", data_dir=data_dir, environment=environment)
        assert synced.returncode == 0
        assert f"{brought_up} documents are up to the lexicon now" in synced.stdout
    answer = zhiku("ask", "访客停车每小时多少钱?", data_dir=data_dir, environment=environment)
    assert answer.returncode == 0
    assert "6" in answer.stdout
    assert "[1]" in answer.stdout
    assert "停车规定" in answer.stdout
    check_that_it_is_forgotten(documents / "parking.md", data_dir, environment)


def check_that_it_is_forgotten(file: Path, data_dir: Path, environment: dict[str, str]) -> None:
    forgotten = zhiku("forget", str(file), data_dir=data_dir, environment=environment)
    assert (forgotten.returncode, "proven" in forgotten.stdout) == (0, True), forgotten.stderr
    text = "员工停车证每月".encode()
    stores = (path for path in data_dir.rglob("*") if path.is_file())
    assert [path for path in stores if text in path.read_bytes()] == []
    listed = zhiku("receipts", data_dir=data_dir)
    assert listed.stdout.count("proven") == 2, "with the one that was pruned"
    again = zhiku("forget", str(file), data_dir=data_dir, environment=environment)
    assert again.returncode == 2
    assert "no document" in only_error_line(again)


def test_without_an_api_the_stores_are_opened_here(
    documents: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    check_the_life_of_a_folder(documents, tmp_path / "data", environment)


def test_with_an_api_the_same_goes_through_it(
    documents: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    data_dir = tmp_path / "data"
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    log = tmp_path / "api.log"
    surroundings = clean_environment(data_dir, ZHIKU_API__PORT=port, **environment)
    process = start_in_background(
        [sys.executable, "-m", "app.cli", "serve"], log=log, environment=surroundings
    )
    try:
        wait_until_alive(data_dir, "api", process, log=log, seconds=120)
        check_the_life_of_a_folder(documents, data_dir, environment)
        assert running(data_dir, "api") is not None
    finally:
        stop_server(data_dir, "api")
        process.wait(timeout=30)


def test_second_process_on_the_index_is_told_who_has_it(
    documents: Path, tmp_path: Path, environment: dict[str, str], models_folder: Path
) -> None:
    data_dir = tmp_path / "data"
    settings = Settings.model_validate(
        {"data_dir": data_dir, "models": {"directory": models_folder}}
    )
    system = open_ingest(settings)
    try:
        system.indexes.open("default")
        result = zhiku("ingest", str(documents), data_dir=data_dir, environment=environment)
    finally:
        system.close()
    assert result.returncode == 3
    assert f"process {os.getpid()}" in only_error_line(result)


def test_the_doctor_finds_and_mends_what_is_lost(
    documents: Path, tmp_path: Path, environment: dict[str, str], models_folder: Path
) -> None:
    """The index is thrown away behind Zhiku's back; an original is left of nobody."""
    data_dir = tmp_path / "data"
    (documents / "broken.pdf").unlink()
    own = {"ZHIKU_LLM__BASE_URL": "http://127.0.0.1:9/v1", "TMPDIR": str(tmp_path)}
    remote = {**environment, **own}

    def doctor(*options: str) -> subprocess.CompletedProcess[str]:
        return zhiku("doctor", *options, data_dir=data_dir, environment=remote)

    assert zhiku("ingest", str(documents), data_dir=data_dir, environment=remote).returncode == 0
    healthy = doctor()
    assert healthy.returncode == 0, healthy.stdout
    shutil.rmtree(data_dir / "index")
    settings = Settings.model_validate(
        {"data_dir": data_dir, "models": {"directory": models_folder}}
    )
    files = FileStore(data_dir / "files")
    os.utime(files.path(settings.tenant, files.put(settings.tenant, b"of nobody")), (0, 0))
    ill = doctor()
    assert ill.returncode == 1
    assert "0 points for 1 passages" in ill.stdout
    mended = doctor("--fix")
    assert mended.returncode == 0, mended.stdout
    assert mended.stdout.count("mended") >= 2
    assert doctor().returncode == 0
    system = open_search(settings)
    try:
        principal = Principal(
            settings.tenant, "eva", frozenset({EVERYONE}), frozenset({Scope.READ})
        )
        (best, *_) = system.retriever.search(Query("访客停车多少钱", "zh", principal), limit=3)
        assert "6 元" in best.quote
    finally:
        system.close()
