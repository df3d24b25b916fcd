"""Which of our servers run on this machine, and how to reach, start and stop them."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx

from app.errors import AppError, PortInUse

_PROBE_SECONDS = 2.0
_STOP_SECONDS = 15.0


class StartFailed(AppError):
    """A server that was started in the background did not come up."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server of ours: its name (`api` or `ui`), process id, URL and the path that shows life."""

    name: str
    pid: int
    url: str
    health_path: str

    def alive(self) -> bool:
        """Tell whether it answers."""
        try:
            return httpx.get(self.url + self.health_path, timeout=_PROBE_SECONDS).is_success
        except httpx.HTTPError:
            return False


def _state_file(data_dir: Path, name: str) -> Path:
    return data_dir / "run" / f"{name}.json"


def running(data_dir: Path, name: str) -> Server | None:
    """Return the server that runs on this data folder, if it answers."""
    try:
        server = Server(**json.loads(_state_file(data_dir, name).read_text()))
    except (FileNotFoundError, json.JSONDecodeError, TypeError):
        return None
    return server if server.alive() else None


@contextmanager
def announced(data_dir: Path, server: Server) -> Iterator[None]:
    """Let other processes find the server while the block runs."""
    state = _state_file(data_dir, server.name)
    state.parent.mkdir(parents=True, exist_ok=True)
    temporary = state.with_suffix(f".{server.pid}")
    temporary.write_text(json.dumps(asdict(server)))
    temporary.replace(state)
    try:
        yield
    finally:
        if _announced_pid(state) == server.pid:
            state.unlink()


def _announced_pid(state: Path) -> int | None:
    try:
        return int(json.loads(state.read_text())["pid"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def require_free_port(host: str, port: int, *, setting: str) -> None:
    """Return if nothing listens on the address.

    Raises
    ------
    PortInUse
        Something does; the message names the setting to change.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortInUse(
                f"cannot listen on {host}:{port} ({error.strerror}): stop the program that uses it "
                f"(`make stop` if it is Zhiku) or set another port: {setting}"
            ) from error


def start_in_background(
    command: Sequence[str], *, log: Path, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Start a process that outlives this one, its output appended to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, **environment},
        )


def wait_until_alive(
    data_dir: Path, name: str, process: subprocess.Popen[bytes], *, log: Path, seconds: float
) -> Server:
    """Return the started server once it answers.

    Raises
    ------
    StartFailed
        It ended, or did not answer in time; the message quotes the end of its log.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        server = running(data_dir, name)
        if server is not None:
            return server
        time.sleep(0.2)
    last_lines = log.read_text(errors="replace").strip().splitlines()[-1:]
    raise StartFailed(f"the {name} server did not come up: {' '.join(last_lines)} (its log: {log})")


def stop_server(data_dir: Path, name: str) -> bool:
    """Stop a server and wait for its end; tell whether one was running.

    A process that does not end in time is killed: the stores are made to survive that.
    """
    server = running(data_dir, name)
    if server is None:
        _state_file(data_dir, name).unlink(missing_ok=True)
        return False
    os.kill(server.pid, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    while time.monotonic() < deadline:
        if not _exists(server.pid):
            break
        time.sleep(0.1)
    else:
        os.kill(server.pid, signal.SIGKILL)
    _state_file(data_dir, name).unlink(missing_ok=True)
    return True


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
