"""The table of hostile files: their outcomes, and that a script that makes them is run."""

from pathlib import Path

import pytest

from eval.hostile.__main__ import main
from eval.hostile.measure import measure
from tests.ingest.parsers import SHARED_LIMITS

SCRIPT = """
import pathlib, sys
folder = pathlib.Path(sys.argv[1])
(folder / "hidden.html").write_text("<p>Leave</p><p hidden>CANARY</p>")
(folder / "program.pdf").write_bytes(b"MZ" + bytes(100))
"""


def test_each_file_is_told_with_what_it_took(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<p>Leave</p><p hidden>CANARY</p>")
    (tmp_path / "b.txt").write_text("x" * 5_000_001)
    (tmp_path / "c.pdf").write_bytes(b"MZ" + bytes(100))
    told = list(measure(sorted(tmp_path.iterdir()), SHARED_LIMITS))
    assert [each.outcome for each in told] == ["done", "quarantined", "failed"]
    assert [each.characters for each in told] == [5, 0, 0]
    assert [each.has_hidden_text for each in told] == [True, False, False]
    assert told[1].reason.startswith("is set aside, because it holds 5,000,001 characters")
    assert all(20e6 < each.peak_bytes < 512e6 for each in told)


def test_the_files_of_a_script_are_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHIKU_INGEST__PARSE_SECONDS", "300")
    script = tmp_path / "make.py"
    script.write_text(SCRIPT)
    assert main(["--make", str(script)]) == 0
    assert "2 files, 1 done, 1 failed, 0 quarantined" in capsys.readouterr().out


def test_folders_without_files_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 2
    assert "no file" in capsys.readouterr().err
    script = tmp_path / "make.py"
    script.write_text("raise SystemExit('broken')")
    assert main(["--make", str(script)]) == 2
    assert "broken" in capsys.readouterr().err
