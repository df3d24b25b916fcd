"""Parsers of children: the real one, shared by the tests of a run, and ones that do harm."""

import atexit
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from ingest.parse import parse
from ingest.records import PageReading, ParsedDocument, ReadLine, Source
from ingest.sandbox.limits import Limits
from ingest.sandbox.parser import SandboxedParser
from ingest.sandbox.wire import decode_picture
from stores.records import Block, BlockKind

SHARED_LIMITS = Limits(seconds=300, memory_bytes=512_000_000)
"""Long, so that a busy machine sets no file aside; tests of the limits have their own."""
HARMFUL = "tests.ingest.parsers:harmful"
SHADES = "tests.ingest.parsers:read_shade"
CRASHING, BLANK = 0, 255
"""Shades of grey on which `read_shade` dies, and in which it finds nothing."""


@cache
def shared_parser() -> SandboxedParser:
    """Return the parser that is served; its child starts once for all tests."""
    parser = SandboxedParser(SHARED_LIMITS)
    atexit.register(parser.close)
    return parser


def harmful(source: Source) -> ParsedDocument:
    """Do what the file says by its name, or parse it."""
    deed = _DEEDS.get(source.filename)
    return parse(source) if deed is None else _told(deed(source.data.decode()))


def read_shade(source: Source) -> PageReading:
    """Read a page that is all of one shade of grey as a line that names the shade."""
    picture = decode_picture(source.data)
    shade = picture.pixels[0]
    if shade == CRASHING:
        os.kill(os.getpid(), signal.SIGSEGV)
    line = ReadLine(f"a page of shade {shade}", 10, 20, 90, 32, 0.9)
    found = () if shade == BLANK else (line,)
    width, height = picture.width * picture.scale, picture.height * picture.scale
    return PageReading(width, height, found)


def _told(text: str) -> ParsedDocument:
    return ParsedDocument("told", "text/plain", (Block(BlockKind.TEXT, text),))


def _explode(_: str) -> str:
    raise RecursionError("too deep")


def _sleep(_: str) -> str:
    time.sleep(600)
    return "slept"


def _spin(_: str) -> str:
    while True:
        pass


def _hog(_: str) -> str:
    held = [bytearray(16_000_000) for _ in range(200)]
    return f"held {len(held)}"


def _crash(_: str) -> str:
    os.kill(os.getpid(), signal.SIGSEGV)
    return "survived"


def _leave(_: str) -> str:
    os._exit(0)


def _connect(address: str) -> str:
    host, _, port = address.partition(":")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except OSError:
        return "could not connect"
    return "connected"


def _write(path: str) -> str:
    try:
        Path(path).write_text("pwned")
    except OSError:
        return "could not write"
    return "written"


def _remove(path: str) -> str:
    try:
        Path(path).unlink()
    except OSError:
        return "could not remove"
    return "removed"


def _read(path: str) -> str:
    return Path(path).read_text()


def _scratch(text: str) -> str:
    path = Path.cwd() / "scratch"
    path.write_text(text)
    return path.read_text()


def _run(command: str) -> str:
    return subprocess.run([command], check=True, capture_output=True, text=True).stdout


def _tell(_: str) -> str:
    return repr((sorted(os.environ), sys.stdin.read(), os.getsid(0) == os.getpid()))


def _chatter(_: str) -> str:
    return "x" * 5_000_001


_DEEDS: Mapping[str, Callable[[str], str]] = {
    "explode": _explode,
    "sleep": _sleep,
    "spin": _spin,
    "hog": _hog,
    "crash": _crash,
    "leave": _leave,
    "connect": _connect,
    "write": _write,
    "remove": _remove,
    "read": _read,
    "scratch": _scratch,
    "run": _run,
    "tell": _tell,
    "chatter": _chatter,
}
