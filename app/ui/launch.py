"""The command that serves the chat."""

import sys
from pathlib import Path

from app.settings import Settings

_SCRIPT = Path(__file__).parent / "main.py"
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def streamlit_command(settings: Settings) -> list[str]:
    """Return the command line of the chat server.

    It reads the same settings from the environment that it inherits; no secret stands in the
    command. On a loopback address only local host names are answered, so that no foreign web page
    can reach the chat by a name that it points at this machine.
    """
    host, port = settings.ui.host, settings.ui.port
    command = [sys.executable, "-m", "streamlit", "run", str(_SCRIPT)]
    command += ["--server.address", host, "--server.port", str(port)]
    command += ["--server.maxUploadSize", str(settings.ingest.max_file_megabytes)]
    if host in _LOOPBACK:
        for name in ("localhost", "127.0.0.1", "[::1]"):
            command += ["--server.allowedHosts", name]
    return command
