"""The command line as a process: exit codes, one-line errors, keys, settings."""

import os
import socket
from dataclasses import replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from app.runtime import Server, announced
from stores.catalog import Catalog
from stores.records import DocType
from tests.app.cli_process import only_error_line, zhiku
from tests.stores.builders import make_blocks, make_chunks, make_document


def test_help_names_every_command(tmp_path: Path) -> None:
    result = zhiku("--help", data_dir=tmp_path)
    assert result.returncode == 0
    for command in (
        "ingest",
        "documents",
        "duplicates",
        "doctor",
        "ask",
        "replay",
        "summarise",
        "serve",
        "ui",
        "demo",
        "stop",
        "config",
        "models",
        "keys",
        "lexicon",
    ):
        assert command in result.stdout


def test_unknown_setting_is_one_line(tmp_path: Path) -> None:
    result = zhiku("config", data_dir=tmp_path, environment={"ZHIKU_LMM__BASE_URL": "x"})
    assert result.returncode == 2
    assert "ZHIKU_LMM__BASE_URL" in only_error_line(result)


def test_missing_document_is_one_line(tmp_path: Path) -> None:
    result = zhiku("ingest", str(tmp_path / "nowhere"), data_dir=tmp_path / "data")
    assert result.returncode == 2
    assert "nowhere" in only_error_line(result)


def test_missing_weights_say_how_to_get_them(tmp_path: Path) -> None:
    result = zhiku("ask", "年假有几天?", data_dir=tmp_path)
    assert result.returncode == 3
    assert "zhiku models pull" in only_error_line(result)


def test_unwritable_data_folder_is_one_line(tmp_path: Path) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("not a folder")
    result = zhiku("keys", "create", "bot", data_dir=occupied)
    assert result.returncode == 3
    assert str(occupied) in only_error_line(result)


@pytest.mark.parametrize("question", ["", "   ", "长" * 40_000])
def test_bad_question_is_refused_before_any_model_is_loaded(tmp_path: Path, question: str) -> None:
    result = zhiku("ask", question, data_dir=tmp_path)
    assert result.returncode == 2
    assert "question" in only_error_line(result)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--from", "2025-02-01", "--to", "2025-01-01"), "the period ends on 2025-01-01"),
        (("--tag", "x", *("--tag", "y") * 20), "tags"),
        (("--type", "novel"), "novel"),
        (("--from", "soon"), "soon"),
        (("--document", "7"), "--document"),
    ],
)
def test_filters_that_cannot_be_are_refused_before_any_model_is_loaded(
    tmp_path: Path, options: tuple[str, ...], problem: str
) -> None:
    result = zhiku("ask", "年假有几天?", *options, data_dir=tmp_path)
    assert result.returncode == 2
    assert problem in result.stderr


def test_a_tag_that_cannot_be_is_refused_before_any_model_is_loaded(tmp_path: Path) -> None:
    document = tmp_path / "a.txt"
    document.write_text("text")
    result = zhiku("ingest", str(document), "--tag", "a,b", data_dir=tmp_path / "data")
    assert result.returncode == 2
    assert "cannot be a tag" in only_error_line(result)


def test_documents_are_listed_with_what_describes_them(tmp_path: Path) -> None:
    catalog = Catalog(f"sqlite:///{tmp_path / 'catalog.sqlite'}")
    document = replace(
        make_document(tenant="default"),
        doc_type=DocType.POLICY,
        tags=("hr",),
        effective_from=date(2025, 1, 1),
    )
    catalog.documents.commit(document, make_blocks(document), make_chunks(document))
    catalog.close()
    result = zhiku("documents", data_dir=tmp_path, environment={"COLUMNS": "200"})
    assert result.returncode == 0
    for text in ("休假制度", "policy", "hr", "2025-01-01 –", str(document.id)):
        assert text in result.stdout


@pytest.mark.parametrize("command", ["serve", "ui"])
def test_port_in_use_names_the_setting(tmp_path: Path, command: str) -> None:
    section = "API" if command == "serve" else "UI"
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        result = zhiku(command, data_dir=tmp_path, environment={f"ZHIKU_{section}__PORT": port})
    assert result.returncode == 3
    assert f"ZHIKU_{section}__PORT" in only_error_line(result)


def test_second_api_on_the_same_data_is_refused(tmp_path: Path) -> None:
    web = ThreadingHTTPServer(("127.0.0.1", 0), HealthyHandler)
    Thread(target=web.serve_forever, daemon=True).start()
    first = Server("api", os.getpid(), f"http://127.0.0.1:{web.server_port}", "/health/live")
    with announced(tmp_path, first):
        result = zhiku("serve", data_dir=tmp_path)
    web.shutdown()
    web.server_close()
    assert result.returncode == 3
    assert str(os.getpid()) in only_error_line(result)


class HealthyHandler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""


def test_key_is_shown_once_and_can_be_revoked(tmp_path: Path) -> None:
    created = zhiku("keys", "create", "support bot", "--group", "public", data_dir=tmp_path)
    secret = created.stdout.strip()
    assert secret.startswith("zk_")
    key_id = created.stderr.split()[1]
    listed = zhiku("keys", "list", data_dir=tmp_path)
    assert "support bot" in listed.stdout
    assert secret not in listed.stdout
    assert zhiku("keys", "revoke", key_id, data_dir=tmp_path).returncode == 0
    assert secret.encode() not in b"".join(
        path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()
    )


@pytest.mark.parametrize("group", ["HR", "../x", ""])
def test_bad_group_name_is_refused(tmp_path: Path, group: str) -> None:
    result = zhiku("keys", "create", "bot", "--group", group, data_dir=tmp_path)
    assert result.returncode == 2
    only_error_line(result)


def test_unknown_model_lists_the_known(tmp_path: Path) -> None:
    result = zhiku("models", "verify", "gpt", data_dir=tmp_path)
    assert result.returncode == 2
    assert "qwen2.5-coder-1.5b-instruct-q4_k_m" in only_error_line(result)


def test_stop_without_servers_is_no_error(tmp_path: Path) -> None:
    result = zhiku("stop", data_dir=tmp_path)
    assert result.returncode == 0
    assert "was not running" in result.stderr
