"""`zhiku serve` and `zhiku ui`: the REST service and the chat, in the foreground."""

import os
import subprocess
import sys

import uvicorn

from app.api import create_app
from app.cli.console import errors
from app.errors import AlreadyRunning
from app.runtime import Server, announced, require_free_port, running
from app.settings import Settings, load_settings
from app.ui.launch import streamlit_command
from app.wiring import open_system


def serve() -> None:
    """Serve the REST API until interrupted."""
    settings = load_settings()
    host, port = settings.api.host, settings.api.port
    other = running(settings.data_dir, "api")
    if other is not None:
        raise AlreadyRunning(
            f"an API serves {settings.data_dir} already (process {other.pid}, {other.url}): "
            "use it, stop it (`make stop`), or set another data_dir"
        )
    require_free_port(host, port, setting="[api] port or ZHIKU_API__PORT")
    with errors.status("loading models and opening the stores …"):
        system = open_system(settings)
    try:
        server = Server("api", os.getpid(), _local_url(host, port), "/health/live")
        with announced(settings.data_dir, server):
            errors.print(f"REST API on {server.url} (description: {server.url}/openapi.json)")
            uvicorn.run(
                create_app(system),
                host=host,
                port=port,
                log_level="warning",
                server_header=False,
                timeout_graceful_shutdown=10,
            )
    finally:
        system.close()


def ui() -> None:
    """Serve the chat until interrupted; it talks to the REST API of `[ui] api_url`."""
    settings = load_settings()
    host, port = settings.ui.host, settings.ui.port
    require_free_port(host, port, setting="[ui] port or ZHIKU_UI__PORT")
    sys.exit(_run_announced(settings, host, port))


def _run_announced(settings: Settings, host: str, port: int) -> int:
    process = subprocess.Popen(streamlit_command(settings))
    server = Server("ui", process.pid, _local_url(host, port), "/_stcore/health")
    with announced(settings.data_dir, server):
        errors.print(f"chat on {server.url}")
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.terminate()
            return process.wait()


def _local_url(host: str, port: int) -> str:
    """Return the URL under which this machine reaches a server that listens on `host`."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)
    return f"http://{reachable}:{port}"
