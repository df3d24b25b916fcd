"""A Qdrant server as seen from here: its absence, its refusals, its full disk."""

from collections.abc import Iterator
from contextlib import contextmanager
from json import JSONDecodeError

from qdrant_client import QdrantClient
from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from stores.breaker import Breaker, CircuitOpen
from stores.errors import IndexUnavailable, StorageFull, StoreError

READ_TIMEOUT_SECONDS = 2
WRITE_TIMEOUT_SECONDS = 30
"""Making a collection or deleting by filter may take a server some seconds."""

_UNAUTHORIZED = (401, 403)
_SERVER_ERROR = 500
_FULL = b"No space left on device"


class ServerAway(IndexUnavailable):
    """The server did not answer, or answered that it cannot."""


class QdrantServer:
    """The client, shared by the collections of all tenants, with one breaker for all of them.

    Attributes
    ----------
    client
        To be called inside `asked()` only.
    """

    def __init__(self, client: QdrantClient, *, breaker: Breaker | None) -> None:
        self.client = client
        self._breaker = breaker or Breaker(ServerAway)
        self._closed = False

    @contextmanager
    def asked(self) -> Iterator[None]:
        """Surround calls of the client.

        Raises
        ------
        IndexUnavailable
            The server is away, or refuses; at once if it was away a moment ago.
        StorageFull
            Its disk is full.
        """
        self.require_open()
        try:
            with self._breaker.call(), _classified():
                yield
        except CircuitOpen as error:
            raise IndexUnavailable(
                "the Qdrant server was away a moment ago and is asked again in some seconds: "
                "check that it runs and that index.url names it"
            ) from error

    def require_open(self) -> None:
        """Raise `IndexUnavailable` after `close()`."""
        if self._closed:
            raise IndexUnavailable("the index on the Qdrant server is closed: open it again")

    def close(self) -> None:
        """Close the connections; every later call raises `IndexUnavailable`."""
        self._closed = True
        self.client.close()


@contextmanager
def _classified() -> Iterator[None]:
    try:
        yield
    except ResponseHandlingException as error:
        raise _silence(error.source) from error
    except (JSONDecodeError, UnicodeDecodeError, AssertionError) as error:
        # The client passes on what it does not expect of a server: no JSON, or no result in it.
        raise _silence(error) from error
    except ResourceExhaustedResponse as error:
        raise ServerAway(f"the Qdrant server is overloaded ({error}): try again later") from error
    except UnexpectedResponse as error:
        raise _refusal(error) from error


def _silence(cause: Exception) -> ServerAway:
    return ServerAway(
        f"the Qdrant server does not answer as one ({cause!r}): "
        "check that it runs and that index.url names it"
    )


def _refusal(error: UnexpectedResponse) -> StoreError:
    status = error.status_code or _SERVER_ERROR
    if _FULL in error.content:
        return StorageFull("the disk of the Qdrant server is full: free space on it")
    if status in _UNAUTHORIZED:
        return IndexUnavailable(
            f"the Qdrant server refuses the API key (status {status}): check index.api_key"
        )
    reason = error.content.decode("utf-8", "replace")[:200]
    if status >= _SERVER_ERROR:
        return ServerAway(f"the Qdrant server failed (status {status}: {reason}): see its log")
    return IndexUnavailable(
        f"the Qdrant server refused the request (status {status}: {reason}): if the collection is "
        "gone, restart Zhiku and ingest again"
    )
