"""The real client of the hub, against a small server of our own."""

import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import huggingface_hub
import pytest

from models.hub import HubFetcher, HubSettings
from models.progress import Progress
from models.sources import SourceFailed
from models.spec import HubSource
from tests.fakes.weights import WEIGHTS, gguf_spec, sha256

SPEC = replace(gguf_spec(), hub=HubSource("org/tiny", "main", "tiny.gguf"))
PATH = "/org/tiny/resolve/main/tiny.gguf"


class _Handler(BaseHTTPRequestHandler):
    """Serves one file; the first download breaks off in the middle."""

    broken = False
    ranges: list[str] = []  # noqa: RUF012

    def do_HEAD(self) -> None:
        self._head(0)

    def do_GET(self) -> None:
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(wanted[1]) if wanted else 0
        _Handler.ranges.append(self.headers.get("Range", ""))
        self._head(start)
        end = len(WEIGHTS) if _Handler.broken else len(WEIGHTS) // 2
        _Handler.broken = True
        self.wfile.write(WEIGHTS[start:end])

    def _head(self, start: int) -> None:
        if self.path != PATH:
            self.send_error(404)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(WEIGHTS) - start))
        self.send_header("ETag", f'"{sha256(WEIGHTS)}"')
        self.send_header("X-Repo-Commit", "0" * 40)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def hub() -> Iterator[str]:
    _Handler.broken = False
    _Handler.ranges = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def _fetch(endpoint: str, partial: Path, *, probe_seconds: float = 5.0) -> Path:
    fetcher = HubFetcher(HubSettings(endpoint=endpoint, probe_seconds=probe_seconds))
    return fetcher.fetch(SPEC, partial, lambda _: None)


def test_a_download_that_breaks_off_is_resumed(
    hub: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "DOWNLOAD_CHUNK_SIZE", 20)

    path = _fetch(hub, tmp_path)

    assert path.read_bytes() == WEIGHTS
    assert _Handler.ranges == ["", f"bytes={len(WEIGHTS) // 2}-"]


def test_a_hub_that_is_not_there_is_passed_over(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    with pytest.raises(SourceFailed, match="cannot be reached"):
        _fetch(f"http://127.0.0.1:{port}", tmp_path)


def test_a_hub_that_does_not_answer_is_given_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]

        with pytest.raises(SourceFailed, match=r"no answer in 0\.3 s|cannot be reached"):
            _fetch(f"http://127.0.0.1:{port}", tmp_path, probe_seconds=0.3)


def test_a_repository_that_is_not_there_is_passed_over(hub: str, tmp_path: Path) -> None:
    other = replace(SPEC, hub=HubSource("org/other", "main", "tiny.gguf"))

    with pytest.raises(SourceFailed, match="answers 404"):
        HubFetcher(HubSettings(endpoint=hub)).fetch(other, tmp_path, lambda _: None)


def test_offline_asks_nobody(hub: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    reports: list[Progress] = []

    with pytest.raises(SourceFailed, match="HF_HUB_OFFLINE is set"):
        HubFetcher(HubSettings(endpoint=hub)).fetch(SPEC, tmp_path, reports.append)

    assert reports == []
    assert _Handler.ranges == []


def test_weights_that_are_not_on_the_hub_are_not_asked_for(tmp_path: Path) -> None:
    with pytest.raises(SourceFailed, match="does not have these weights"):
        HubFetcher(HubSettings()).fetch(replace(SPEC, hub=None), tmp_path, lambda _: None)
