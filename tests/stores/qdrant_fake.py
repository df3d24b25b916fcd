"""A Qdrant server on 127.0.0.1 that can be stopped, hang, fail and break off in mid-answer."""

import json
import socket
import struct
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast
from uuid import UUID

FOUND = UUID(int=7)
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Fault:
    """What is wrong with the answers.

    `cut` ends the connection with a reset after so many bytes of the answer, `hang` never answers,
    `status` and `body` answer so.
    """

    cut: int | None = None
    hang: bool = False
    status: int = 200
    body: bytes | None = None


class FakeQdrant:
    """Knows no points: whatever is asked, one is found."""

    def __init__(self) -> None:
        self.fault = Fault()
        self.requests = 0
        self.released = threading.Event()
        self._port = 0
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        self._server = _Server(("127.0.0.1", self._port), _Handler)
        self._server.fake = self  # type: ignore[attr-defined]
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self.released.set()
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class _Server(ThreadingHTTPServer):
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    def _answer(self) -> None:
        fake = cast("FakeQdrant", self.server.fake)  # type: ignore[attr-defined]
        fake.requests += 1
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fault = fake.fault
        if fault.hang:
            fake.released.wait()
            return
        body = fault.body if fault.body is not None else _body(self.command, self.path)
        answer = _head(fault.status, len(body)) + body
        if fault.cut is None:
            self.wfile.write(answer)
            return
        self.wfile.write(answer[: fault.cut])
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.close_connection = True

    do_GET = do_PUT = do_POST = _answer

    def log_message(self, *_args: object) -> None:
        """Say nothing on standard error."""


def _head(status: int, length: int) -> bytes:
    return (
        f"HTTP/1.1 {status} -\r\nContent-Type: application/json\r\n"
        f"Content-Length: {length}\r\nRetry-After: 1\r\nConnection: close\r\n\r\n"
    ).encode()


def _body(method: str, path: str) -> bytes:
    name = path.partition("?")[0].rpartition("/")[2]
    results: dict[str, object] = {
        "collections": {"collections": []},
        "count": {"count": 1},
        "query": {"points": [_point()]},
        "index": {"operation_id": 1, "status": "completed"},
        "points": {"operation_id": 1, "status": "completed"},
        "delete": {"operation_id": 1, "status": "completed"},
    }
    result = results.get(name, True if method == "PUT" else None)
    return json.dumps({"result": result, "status": "ok", "time": 0.0}).encode()


def _point() -> dict[str, object]:
    payload = {"document": str(FOUND), "revision": 1}
    return {"id": str(FOUND), "version": 1, "score": 0.5, "payload": payload}
