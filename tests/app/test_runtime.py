"""Finding, starting and stopping our own servers."""

import json
import socket
import sys
from pathlib import Path

import pytest

from app.errors import PortInUse
from app.runtime import (
    Server,
    StartFailed,
    announced,
    require_free_port,
    running,
    start_in_background,
    stop_server,
    wait_until_alive,
)

SERVER_CODE = """
import http.server, os, sys, threading
from pathlib import Path
from app.runtime import Server, announced
import signal
server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
url = f"http://127.0.0.1:{server.server_port}"
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
with announced(Path(sys.argv[1]), Server("api", os.getpid(), url, "/")):
    server.serve_forever()
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def test_free_port_is_accepted_and_a_used_one_is_not() -> None:
    require_free_port("127.0.0.1", free_port(), setting="PORT")
    with (
        socket.create_server(("127.0.0.1", 0)) as other,
        pytest.raises(PortInUse, match="set another port: PORT"),
    ):
        require_free_port("127.0.0.1", other.getsockname()[1], setting="PORT")


def test_server_that_does_not_answer_is_not_running(tmp_path: Path) -> None:
    dead = Server("api", 1, f"http://127.0.0.1:{free_port()}", "/")
    with announced(tmp_path, dead):
        assert running(tmp_path, "api") is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"name": "api"}'])
def test_broken_state_file_counts_as_not_running(tmp_path: Path, content: str) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "api.json").write_text(content)
    assert running(tmp_path, "api") is None
    assert stop_server(tmp_path, "api") is False


def test_start_find_and_stop(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "api.log"
    process = start_in_background(
        [sys.executable, "-c", SERVER_CODE, str(tmp_path)], log=log, environment={}
    )
    server = wait_until_alive(tmp_path, "api", process, log=log, seconds=30)
    assert server.pid == process.pid
    assert running(tmp_path, "api") == server
    assert stop_server(tmp_path, "api") is True
    process.wait(timeout=10)
    assert running(tmp_path, "api") is None
    assert not (tmp_path / "run" / "api.json").exists()


def test_failed_start_quotes_the_last_line_of_the_log(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    process = start_in_background(
        [sys.executable, "-c", "import sys; sys.exit('the disk is full')"], log=log, environment={}
    )
    with pytest.raises(StartFailed, match="the disk is full"):
        wait_until_alive(tmp_path, "api", process, log=log, seconds=30)


def test_state_file_is_json_with_the_address(tmp_path: Path) -> None:
    with announced(tmp_path, Server("ui", 7, "http://127.0.0.1:1", "/")):
        state = json.loads((tmp_path / "run" / "ui.json").read_text())
    assert state["url"] == "http://127.0.0.1:1"


def test_leaving_server_does_not_take_down_the_notice_of_another(tmp_path: Path) -> None:
    with announced(tmp_path, Server("api", 7, "http://127.0.0.1:1", "/")):
        newer = tmp_path / "run" / "api.json"
        newer.write_text(newer.read_text().replace("7,", "8,"))
    assert json.loads(newer.read_text())["pid"] == 8
