"""An HTTP server that answers a chat request with the bytes that the test wrote down."""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def event(**chunk: Any) -> bytes:
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def piece(text: str, *, finish_reason: str | None = None) -> bytes:
    return event(choices=[{"index": 0, "delta": {"content": text}, "finish_reason": finish_reason}])


DONE = b"data: [DONE]\n\n"


@dataclass
class ScriptedServer:
    """What to answer, and what was asked.

    Every item of `body` is written and flushed by itself; an event among them is waited for.
    `cut_off` tells whether the client left before the end. Chats are answered with `statuses` in
    turn, from the first on again and again, or all with `status`.
    """

    body: Sequence[bytes | threading.Event] = (
        piece("Hello"),
        piece("", finish_reason="stop"),
        event(choices=[], usage={"prompt_tokens": 5, "completion_tokens": 1, "total_tokens": 6}),
        DONE,
    )
    status: int = 200
    statuses: Sequence[int] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    models: Sequence[str] = ("scripted",)
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    keys_of_chats: list[str | None] = field(default_factory=list)
    cut_off: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def send_headers(self, handler: BaseHTTPRequestHandler) -> None:
        for name, value in self.headers.items():
            handler.send_header(name, value)

    def next_status(self) -> int:
        statuses = self.statuses or (self.status,)
        return statuses[(len(self.requests) - 1) % len(statuses)]


@contextmanager
def serve(script: ScriptedServer) -> Iterator[ScriptedServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            script.keys.append(self.headers["Authorization"])
            models = [{"id": name, "object": "model"} for name in script.models]
            listed = json.dumps({"object": "list", "data": models}).encode()
            self._send(listed, status=script.status)

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            script.requests.append(json.loads(self.rfile.read(length)))
            script.keys_of_chats.append(self.headers["Authorization"])
            status = script.next_status()
            if status == 200:
                self._stream()
            else:
                body = b"".join(item for item in script.body if isinstance(item, bytes))
                self._send(body, status=status)

        def _send(self, body: bytes, *, status: int) -> None:
            self.send_response(status)
            script.send_headers(self)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _stream(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            try:
                for item in script.body:
                    if isinstance(item, threading.Event):
                        item.wait(10)
                    else:
                        self.wfile.write(item)
                        self.wfile.flush()
            except (BrokenPipeError, ConnectionResetError):
                script.cut_off.set()

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    script.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
