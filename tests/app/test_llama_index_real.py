"""The example of the READMEs, run as a user would run it, with the embedded models."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.app.cli_process import ROOT, clean_environment, zhiku

READMES = ("README.md", "README.zh-CN.md")


def example(readme: str) -> str:
    """Return the program that a README shows."""
    text = (ROOT / readme).read_text(encoding="utf-8")
    found = re.search(r"^    from app\.llama_index.*?system\.close\(\)$", text, re.DOTALL | re.M)
    assert found is not None
    return re.sub(r"^    ", "", found.group(), flags=re.MULTILINE)


def test_both_languages_show_the_same_program() -> None:
    shapes = {
        ast.dump(ast.parse(re.sub(r'"[^"]*\?"', '"?"', example(readme)))) for readme in READMES
    }
    assert len(shapes) == 1


@pytest.mark.real
def test_example_finds_and_answers(tmp_path: Path, models_folder: Path) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "休假.md").write_text("# 休假制度\n\n员工每年有 15 天年休假。\n")
    (documents / "leave.md").write_text("# Leave rules\n\nStaff have 15 days of annual leave.\n")
    data_dir = tmp_path / "data"
    models = {"ZHIKU_MODELS__DIRECTORY": str(models_folder)}
    assert zhiku("ingest", str(documents), data_dir=data_dir, environment=models).returncode == 0
    done = subprocess.run(
        [sys.executable, "-c", example(READMES[0])],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
        env=clean_environment(data_dir, **models),
    )
    assert done.returncode == 0, done.stderr
    *found, answered = done.stdout.strip().splitlines()
    assert len(found) == 2
    assert {line.split(" ", 1)[1] for line in found} == {"休假制度 []", "Leave rules []"}
    assert "15" in answered
    assert "False {1: '" in answered
