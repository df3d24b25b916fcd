"""Who asks: the key is checked before the body is read, the scope before the endpoint runs."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from typing import Annotated, Any, cast

from fastapi import Depends, Request, Response, Security
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer

from app.api.errors import RequestTooLarge, ScopeMissing
from app.api.services import Services
from app.errors import BadRequest, NotAuthenticated
from stores.access import Principal, Scope

MAX_BODY_BYTES = 1_000_000
_MAX_SECRET_CHARACTERS = 200


class BoundedRequest(Request):
    """A request whose body is refused as soon as it is known to be too large."""

    def __init__(self, request: Request, *, limit_bytes: int, refusal: BadRequest) -> None:
        super().__init__(request.scope, request.receive)
        self._limit_bytes = limit_bytes
        self._refusal = refusal

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """Yield the body; raise the refusal before the first byte if its length is declared."""
        declared = self.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > self._limit_bytes:
            raise self._refusal
        size = 0
        async for chunk in super().stream():
            size += len(chunk)
            if size > self._limit_bytes:
                raise self._refusal
            yield chunk


class GuardedRoute(APIRoute):
    """A route that takes a key.

    The framework reads the body before it looks at anything else, so that a caller without a key
    could make it read; here the key comes first, then a bounded body, then the endpoint.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the endpoint's handler behind the checks."""
        handle = super().get_route_handler()
        takes_json = self.body_field is not None

        async def guarded(request: Request) -> Response:
            request.state.principal = await _authenticate(request)
            if not takes_json:
                return await handle(request)
            refusal = RequestTooLarge(limit_bytes=MAX_BODY_BYTES)
            bounded = BoundedRequest(request, limit_bytes=MAX_BODY_BYTES, refusal=refusal)
            await bounded.body()
            return await handle(bounded)

        return guarded


async def _authenticate(request: Request) -> Principal:
    services = cast("Services", request.app.state.services)
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not 0 < len(secret) <= _MAX_SECRET_CHARACTERS:
        raise NotAuthenticated("no API key")
    keys = services.system.catalog.keys
    principal = await services.call(keys.authenticate, secret, now=services.clock())
    if principal is None:
        raise NotAuthenticated("unknown, expired or revoked API key")
    return principal


_bearer = HTTPBearer(
    auto_error=False, description="an API key, made with `zhiku keys create`: zk_…"
)


def _requires(scope: Scope) -> Callable[[Request, object], Awaitable[Principal]]:
    async def principal(request: Request, _key: Annotated[object, Security(_bearer)]) -> Principal:
        found: Principal = request.state.principal
        if scope not in found.scopes:
            raise ScopeMissing(scope=scope.value)
        return found

    return principal


Reader = Annotated[Principal, Depends(_requires(Scope.READ))]
"""The caller, who may read what its groups allow."""

Administrator = Annotated[Principal, Depends(_requires(Scope.ADMIN))]
"""The caller, who may do everything in its tenant."""

Writer = Annotated[Principal, Depends(_requires(Scope.WRITE))]
"""The caller, who may also add and remove documents."""
