"""What a run is made with: the same for the same, another for whatever bears on answers."""

import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.settings import LLMSettings, Settings
from app.wiring import RERANKER
from eval import fingerprint
from models.manifest import read_manifest
from models.registry import ENCODER, LLM, SPECS


def settings(**fields: object) -> Settings:
    return Settings(data_dir=Path("/data"), **fields)  # type: ignore[arg-type]


def test_same_settings_have_the_same_hash_wherever_the_folders_are() -> None:
    elsewhere = Settings(data_dir=Path("/other"), models={"directory": Path("/weights")})
    assert fingerprint.config(elsewhere) == fingerprint.config(settings())


@pytest.mark.parametrize(
    "changed",
    [
        {"encoder": {"query_prefix": "q: "}},
        {"ingest": {"target_tokens": 100}},
        {"retrieval": {"candidates": 51}},
        {"answer": {"max_evidence": 5}},
        {"llm": {"context_tokens": 2048}},
    ],
)
def test_settings_that_bear_on_answers_change_the_hash(changed: dict[str, object]) -> None:
    assert fingerprint.config(settings(**changed)) != fingerprint.config(settings())


def test_key_of_a_server_changes_nothing() -> None:
    first, second = (settings(llm={"base_url": "http://h/v1", "api_key": key}) for key in "ab")
    assert fingerprint.config(first) == fingerprint.config(second)


def test_embedded_models_are_named_with_their_hashes() -> None:
    reranker = read_manifest(RERANKER)
    assert fingerprint.models(settings()) == {
        **{name: SPECS[name].weights.sha256 for name in (ENCODER, LLM)},
        "zhiku-reranker": reranker.weights_sha256,
    }


def test_reranker_that_is_not_asked_is_no_model_of_the_run() -> None:
    chosen = settings(retrieval={"reranker": "signals"})
    assert fingerprint.models(chosen).keys() == {ENCODER, LLM}


def test_model_of_a_server_is_named_by_its_place() -> None:
    served = settings(
        llm=LLMSettings(base_url="http://127.0.0.1:11434/v1", model="qwen"),
        retrieval={"reranker": "signals"},
    )
    assert fingerprint.models(served) == {
        ENCODER: SPECS[ENCODER].weights.sha256,
        "qwen": "served at http://127.0.0.1:11434/v1",
    }
    unnamed = settings(llm=LLMSettings(base_url="http://127.0.0.1:8000/v1"))
    assert "default" in fingerprint.models(unnamed)


def test_model_in_process_and_backup_are_named() -> None:
    llm = LLMSettings.model_validate(
        {
            "kind": "transformers",
            "model": "Qwen/Qwen2.5-7B-Instruct",
            "quantisation": "4bit",
            "backup": {"kind": "server", "base_url": "http://127.0.0.1:8000/v1"},
        }
    )
    assert fingerprint.models(settings(llm=llm, retrieval={"reranker": "signals"})) == {
        ENCODER: SPECS[ENCODER].weights.sha256,
        "Qwen/Qwen2.5-7B-Instruct": "revision main, quantisation 4bit",
        "default backup": "served at http://127.0.0.1:8000/v1",
    }


def test_machine_says_what_it_is() -> None:
    machine = fingerprint.machine()
    assert all(machine.values())
    assert int(machine["cores"]) >= 1
    assert re.fullmatch(r"[1-9]\d* GiB", machine["memory"])
    assert re.fullmatch(r"3\.\d+\.\d+\S*", machine["python"])


def test_time_is_that_of_greenwich() -> None:
    told = datetime.fromisoformat(fingerprint.now())
    assert told.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - told) < timedelta(minutes=1)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def git(root: Path, *arguments: str) -> str:
    person = ("-c", "user.name=Someone", "-c", "user.email=someone@example.org")
    command = ["git", *person, "-c", "commit.gpgsign=false", *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def committed(tmp_path: Path) -> Path:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    write(tmp_path / "retrieval" / "fusion.py", "K = 60\n")
    write(tmp_path / "docs" / "notes.md", "Notes\n")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "First")
    return tmp_path


def test_code_as_committed_is_named_by_the_commit(committed: Path) -> None:
    head = git(committed, "rev-parse", "HEAD").strip()
    assert fingerprint.commit(committed) == head[:10]


def test_changed_code_adds_a_hash_of_its_own(committed: Path) -> None:
    clean = fingerprint.commit(committed)
    write(committed / "retrieval" / "fusion.py", "K = 61\n")
    first = fingerprint.commit(committed)
    write(committed / "retrieval" / "fusion.py", "K = 62\n")
    second = fingerprint.commit(committed)
    assert re.fullmatch(rf"{clean}\+[0-9a-f]{{8}}", first)
    assert second.startswith(f"{clean}+")
    assert first != second


def test_file_that_is_not_yet_known_to_git_counts(committed: Path) -> None:
    write(committed / "generation" / "prompts" / "answer.md", "Answer.\n")
    assert "+" in fingerprint.commit(committed)


def test_what_is_no_code_does_not_count(committed: Path) -> None:
    write(committed / "docs" / "notes.md", "Other notes\n")
    assert "+" not in fingerprint.commit(committed)


def test_code_without_git_is_named_by_its_hash(tmp_path: Path) -> None:
    write(tmp_path / "retrieval" / "fusion.py", "K = 60\n")
    first = fingerprint.commit(tmp_path)
    write(tmp_path / "retrieval" / "fusion.py", "K = 61\n")
    assert re.fullmatch(r"unknown\+[0-9a-f]{8}", first)
    assert fingerprint.commit(tmp_path) != first
