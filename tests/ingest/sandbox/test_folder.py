import signal
import subprocess
import sys
from pathlib import Path

from ingest.sandbox.folder import ProcessFolder
from ingest.sandbox.parser import SandboxedParser
from tests.ingest.builders import source
from tests.ingest.parsers import SHARED_LIMITS

_LEAVE_A_COPY = """
import os, signal, sys
from pathlib import Path
from ingest.sandbox.folder import ProcessFolder
folder = ProcessFolder(Path(sys.argv[1]))
(folder.path / "copy.md").write_text("secret")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_left_goes_with_the_next_start(tmp_path: Path) -> None:
    root = tmp_path / "temporary"
    child = subprocess.run([sys.executable, "-c", _LEAVE_A_COPY, str(root)], check=False)
    assert child.returncode == -signal.SIGKILL
    assert len([*root.rglob("copy.md")]) == 1

    folder = ProcessFolder(root)

    assert [*root.rglob("copy.md")] == []
    assert [each for each in root.iterdir() if each.is_dir()] == [folder.path]
    folder.close()
    assert [*root.iterdir()] == []


def test_a_process_that_runs_keeps_its_folder(tmp_path: Path) -> None:
    first = ProcessFolder(tmp_path)
    (first.path / "copy.md").write_text("secret")
    second = ProcessFolder(tmp_path)
    assert (first.path / "copy.md").exists()
    second.close()
    first.close()


def test_children_work_in_it(tmp_path: Path) -> None:
    parser = SandboxedParser(SHARED_LIMITS, temporary=ProcessFolder(tmp_path))
    assert parser.parse(source("a.md", "# Leave\n\nTen days.")).title == "Leave"
    assert len([*tmp_path.glob("*/zhiku-parse-*")]) == 1
    parser.close()
    assert [*tmp_path.iterdir()] == []
