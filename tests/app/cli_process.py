"""The command line as a process."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def clean_environment(data_dir: Path, **settings: str) -> dict[str, str]:
    """Return the surroundings of a user who has set nothing but these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ZHIKU_")}
    return {**kept, "ZHIKU_DATA_DIR": str(data_dir), "COLUMNS": "200", **settings}


def zhiku(
    *arguments: str, data_dir: Path, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=240,
        check=False,
        env=clean_environment(data_dir, **(environment or {})),
    )


def only_error_line(result: subprocess.CompletedProcess[str]) -> str:
    lines = [line for line in result.stderr.splitlines() if line.strip()]
    assert "Traceback" not in result.stderr
    assert len([line for line in lines if line.startswith("error:")]) == 1, result.stderr
    return lines[-1]
