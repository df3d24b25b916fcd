"""`zhiku doctor` as a process: what it prints, its exit codes, and a running API."""

import json
import os
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from app.runtime import Server, announced
from stores.catalog import Catalog
from stores.files import FileStore
from tests.app.cli_process import only_error_line, zhiku
from tests.app.test_cli import HealthyHandler
from tests.stores.builders import make_blocks, make_chunks, make_document

NO_WEIGHTS = {
    "ZHIKU_LLM__BASE_URL": "http://127.0.0.1:9/v1",
    "ZHIKU_ENCODER__KIND": "sentence-transformers",
    "ZHIKU_ENCODER__MODEL": "/nowhere",
}


def checked(data_dir: Path, **environment: str) -> tuple[int, dict[str, Any]]:
    result = zhiku("doctor", "--json", data_dir=data_dir, environment=environment)
    assert "Traceback" not in result.stderr, result.stderr
    told = json.loads(result.stdout)
    assert told["healthy"] == (result.returncode == 0)
    return result.returncode, {check["name"]: check for check in told["checks"]}


def test_without_weights_everything_else_is_checked(tmp_path: Path) -> None:
    code, checks = checked(tmp_path)
    assert code == 1
    assert checks["weights_wrong"]["found"] == 2
    assert "zhiku models pull" in checks["weights_wrong"]["advice"]
    assert checks["points_missing"]["state"] == "not checked"
    assert "encoder" in checks["points_missing"]["why"]
    assert checks["catalog_damaged"]["state"] == "ok"


def test_the_report_says_what_was_found_and_what_to_do(tmp_path: Path) -> None:
    catalog = Catalog(f"sqlite:///{tmp_path / 'catalog.sqlite'}")
    document = make_document("file:///[red]leave.md", tenant="default")
    catalog.documents.commit(document, make_blocks(document), make_chunks(document))
    catalog.close()
    result = zhiku("doctor", data_dir=tmp_path)
    assert result.returncode == 1
    assert "documents without their original file" in result.stdout
    assert "file:///[red]leave.md: " in result.stdout
    assert "→ restore the folder" in result.stdout


def test_what_is_safe_is_mended_without_weights_too(tmp_path: Path) -> None:
    files = FileStore(tmp_path / "files")
    os.utime(files.path("default", files.put("default", b"of nobody")), (0, 0))
    code, checks = checked(tmp_path)
    assert (code, checks["originals_unused"]["found"]) == (1, 1)
    own = {"TMPDIR": str(tmp_path)}  # what other programs left in /tmp is not ours to mend
    mended = zhiku("doctor", "--fix", data_dir=tmp_path, environment=own)
    assert mended.returncode == 1  # the weights are still missing
    assert "originals that no document refers to" in mended.stdout
    assert checked(tmp_path)[1]["originals_unused"]["state"] == "ok"


@pytest.fixture
def running_api(tmp_path: Path) -> Iterator[None]:
    web = ThreadingHTTPServer(("127.0.0.1", 0), HealthyHandler)
    Thread(target=web.serve_forever, daemon=True).start()
    api = Server("api", os.getpid(), f"http://127.0.0.1:{web.server_port}", "/health/live")
    with announced(tmp_path, api):
        yield
    web.shutdown()
    web.server_close()


@pytest.mark.usefixtures("running_api")
def test_what_a_running_api_changes_is_not_checked_and_nothing_is_mended(tmp_path: Path) -> None:
    code, checks = checked(tmp_path, **NO_WEIGHTS)
    assert code == 0
    skipped = {name for name, check in checks.items() if check["state"] == "not checked"}
    assert skipped == {
        "points_orphaned",
        "points_missing",
        "chunks_too_long",
    }
    assert "zhiku stop" in checks["points_missing"]["why"]
    refused = zhiku("doctor", "--fix", data_dir=tmp_path, environment=NO_WEIGHTS)
    assert refused.returncode == 3
    assert str(os.getpid()) in only_error_line(refused)


def test_a_catalog_that_cannot_be_opened_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "catalog.sqlite").write_bytes(b"no catalog " * 1000)
    result = zhiku("doctor", data_dir=tmp_path)
    assert result.returncode == 3
    assert "restore it from a backup" in only_error_line(result)
