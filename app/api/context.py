"""Around every request: its id, its headers, its line in the log, and the last resort."""

import logging
import time
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import error_body, error_response

_EVENT_STREAM = "text/event-stream"
_logger = logging.getLogger("zhiku.api")


class RequestContext:
    """The outermost layer of the application.

    Log lines hold the route, not the path, the query or the body: nothing that somebody asked or
    named. An error that nobody expected is caught here and nowhere else: it is logged with its
    traceback and answered with the code `internal`, as an event where a stream has begun.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, send)
        scope.setdefault("state", {})["request_id"] = exchange.request_id
        try:
            await self._app(scope, receive, exchange.send)
        except Exception as error:
            _logger.exception("request %s failed", exchange.request_id)
            await exchange.end_with(error, receive)
        finally:
            exchange.log()


class _Exchange:
    """What is known of one request and its response."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.request_id = uuid4().hex
        self._scope = scope
        self._send = send
        self._status = 0
        self._streams_events = False
        self._ended = False
        self._begun = time.perf_counter()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._begin(message)
        elif message["type"] == "http.response.body":
            self._ended = not message.get("more_body", False)
        await self._send(message)

    def _begin(self, message: Message) -> None:
        headers = MutableHeaders(raw=list(message["headers"]))
        headers["X-Request-Id"] = self.request_id
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Cache-Control"] = "no-store"
        message["headers"] = headers.raw
        self._status = message["status"]
        self._streams_events = headers.get("content-type", "").startswith(_EVENT_STREAM)

    async def end_with(self, error: Exception, receive: Receive) -> None:
        """Tell the caller of a mistake of ours in whichever way is still open."""
        headers = Headers(scope=self._scope)
        if self._status == 0:
            response = error_response(error, headers=headers, request_id=self.request_id)
            await response(self._scope, receive, self.send)
        elif not self._ended:
            body = error_body(error, headers=headers, request_id=self.request_id)
            event = (
                f"event: error\ndata: {body.model_dump_json()}\n\n" if self._streams_events else ""
            )
            await self._send({"type": "http.response.body", "body": event.encode()})

    def log(self) -> None:
        route = self._scope.get("route")
        _logger.info(
            "request %s: %s %s %d in %.0f ms",
            self.request_id,
            self._scope["method"],
            getattr(route, "path", "(no route)"),
            self._status,
            1000 * (time.perf_counter() - self._begun),
        )
