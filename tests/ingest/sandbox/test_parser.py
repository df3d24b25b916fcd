"""Files that go beyond every limit end alone, with a sentence; the next file is read."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.errors import EmptyDocument, IngestError, QuarantinedFile, UnreadableFile
from ingest.parse import parse
from ingest.sandbox.limits import Limits
from ingest.sandbox.parser import SandboxedParser
from tests.ingest.builders import source
from tests.ingest.parsers import HARMFUL, shared_parser

PATIENT = Limits(seconds=300, memory_bytes=512_000_000)
MARKDOWN = """---
keywords: [leave, 休假]
date: 2025-03-01
---
# 休假

年假 5 天。

## Sick leave

| who | days |
|---|---|
| all | 10 |
"""


@pytest.fixture(scope="module")
def parser() -> Iterator[SandboxedParser]:
    opened = SandboxedParser(PATIENT, entry=HARMFUL)
    yield opened
    opened.close()


def deed(parser: SandboxedParser, name: str, text: str = "") -> str:
    return parser.parse(source(name, text)).blocks[0].text


def test_a_document_comes_back_as_it_was_parsed() -> None:
    document = source("leave.md", MARKDOWN)
    assert shared_parser().parse(document) == parse(document)


@pytest.mark.parametrize(
    ("filename", "data", "error", "words"),
    [
        ("a.txt", b" ", UnreadableFile, "is empty"),
        ("a.html", b"<html><script>1</script></html>", EmptyDocument, "holds no text"),
        ("bad.pdf", b"%PDF-1.7 nothing", UnreadableFile, "damaged PDF"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(
    filename: str, data: bytes, error: type[IngestError], words: str
) -> None:
    with pytest.raises(error, match=words):
        shared_parser().parse(source(filename, data))


def test_whatever_a_parser_raises_is_the_reason_of_one_file(parser: SandboxedParser) -> None:
    with pytest.raises(UnreadableFile, match=r"cannot be parsed \(RecursionError: too deep\)"):
        parser.parse(source("explode", "x"))
    assert deed(parser, "scratch", "the next file") == "the next file"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("hog", "more than 512 MB of memory"),
        ("crash", "SIGSEGV"),
        ("leave", "exit code 0"),
        ("chatter", "5,000,001 characters"),
    ],
)
def test_a_file_that_its_reader_does_not_survive_is_quarantined(
    parser: SandboxedParser, name: str, words: str
) -> None:
    with pytest.raises(QuarantinedFile, match=words):
        parser.parse(source(name, "x"))
    assert deed(parser, "scratch", "the next file") == "the next file"


@pytest.mark.parametrize(
    ("name", "words"),
    [("sleep", "longer than 1.5 s"), ("spin", "longer than (?:0.5 s of processor time|1.5 s)")],
)
def test_a_file_that_takes_too_long_is_quarantined(name: str, words: str) -> None:
    parser = SandboxedParser(Limits(seconds=0.5, memory_bytes=512_000_000), entry=HARMFUL)
    try:
        with pytest.raises(QuarantinedFile, match=words):
            parser.parse(source(name, "x"))
    finally:
        parser.close()


def test_no_connection_is_opened_though_the_parser_hides_it(parser: SandboxedParser) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        address = f"127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(QuarantinedFile, match="open a connection"):
            parser.parse(source("connect", address))
        with pytest.raises(BlockingIOError):
            server.accept()


def test_nothing_is_written_outside_of_its_folder(parser: SandboxedParser, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text("kept")
    for name in ("write", "remove"):
        with pytest.raises(QuarantinedFile, match=r"the file .*kept"):
            parser.parse(source(name, str(kept)))
    assert kept.read_text() == "kept"


def test_nothing_is_read_outside_of_its_folder(parser: SandboxedParser, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    for path in (secret, Path("/etc/passwd"), Path(f"/proc/{os.getpid()}/environ")):
        with pytest.raises(QuarantinedFile, match="read the file"):
            parser.parse(source("read", str(path)))


def test_no_program_is_started(parser: SandboxedParser) -> None:
    with pytest.raises(QuarantinedFile, match="start another program"):
        parser.parse(source("run", "/bin/true"))


def test_the_process_knows_no_secret_and_has_a_session_of_its_own(
    parser: SandboxedParser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHIKU_LLM__API_KEY", "secret")
    names, read, leads = eval(deed(parser, "tell", "x"))
    assert "ZHIKU_LLM__API_KEY" not in names
    assert (read, leads) == ("", True)


def test_files_share_a_process_and_leave_no_folder_behind(tmp_path: Path) -> None:
    parser = SandboxedParser(PATIENT, entry=HARMFUL)
    try:
        deed(parser, "scratch", "first")
        (first,) = parser._children._idle
        folder = Path(first._folder)
        assert (folder / "scratch").read_text() == "first"
        deed(parser, "scratch", "second")
        assert parser._children._idle == [first]
        with pytest.raises(QuarantinedFile):
            parser.parse(source("crash", "x"))
        assert not folder.exists()
    finally:
        parser.close()


def test_a_process_that_died_while_idle_is_replaced() -> None:
    parser = SandboxedParser(PATIENT, entry=HARMFUL)
    try:
        deed(parser, "scratch", "first")
        os.kill(parser._children._idle[0].pid, 9)
        os.waitid(os.P_PID, parser._children._idle[0].pid, os.WEXITED | os.WNOWAIT)
        assert deed(parser, "scratch", "second") == "second"
    finally:
        parser.close()


def test_a_closed_parser_keeps_no_process() -> None:
    parser = SandboxedParser(PATIENT, entry=HARMFUL)
    deed(parser, "scratch", "x")
    (child,) = parser._children._idle
    parser.close()
    assert not Path(child._folder).exists()
    with pytest.raises(ProcessLookupError):
        os.kill(child.pid, 0)


def test_a_process_that_cannot_start_says_why() -> None:
    parser = SandboxedParser(PATIENT, entry="tests.ingest.nowhere:parse")
    with pytest.raises(IngestError, match=r"No module named 'tests\.ingest\.nowhere'") as caught:
        parser.parse(source("a.txt", "x"))
    assert caught.value.retryable
