"""The connection of the client: requests, and what their failures mean."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self, TypedDict, TypeVar, Unpack

import httpx
from pydantic import BaseModel, ValidationError

from app.api.schemas import ErrorBody
from app.errors import AppError
from app.messages import Lang, message

_NOBODY_THERE = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.InvalidURL,
    httpx.UnsupportedProtocol,
)
_CONNECT_SECONDS = 5.0
# A proxy that is set for the internet does not know the way to this machine.
_LOCAL = {"all://127.0.0.1": None, "all://localhost": None, "all://[::1]": None}
_Body = TypeVar("_Body", bound=BaseModel)


class _Content(TypedDict, total=False):
    """What a request carries; the names are httpx's."""

    params: Mapping[str, int | str | Sequence[str]]
    json: Mapping[str, object]
    data: dict[str, str | list[str]]
    files: dict[str, tuple[str, bytes]]


class ApiError(AppError):
    """The API refused or failed; `str` of it is the line to show.

    Attributes
    ----------
    code
        Stable, for programs; see `app.messages`.
    status
        Of the HTTP response; None where there was none.
    request_id
        To be found in the server's log; None where the server gave none.
    """

    def __init__(
        self, code: str, text: str, *, status: int | None = None, request_id: str | None = None
    ) -> None:
        super().__init__(text)
        self.code = code
        self.message = text
        self.status = status
        self.request_id = request_id


class Connection:
    """A connection to one API with one key. Every method raises `ApiError`.

    Parameters
    ----------
    lang
        Language of error messages.
    timeout_seconds
        Longest silence of the server; an answer that is not streamed is silent until it is done.
    """

    def __init__(
        self, base_url: str, api_key: str, *, lang: Lang = "en", timeout_seconds: float = 300.0
    ) -> None:
        self._url = base_url.rstrip("/")
        self._lang = lang
        self._seconds = timeout_seconds
        with self._errors():
            self._http = httpx.Client(
                base_url=self._url,
                headers=[
                    # As bytes: whatever somebody pastes as a key is for the server to refuse.
                    (b"Authorization", f"Bearer {api_key.strip()}".encode()),
                    (b"Accept-Language", lang.encode()),
                ],
                timeout=httpx.Timeout(timeout_seconds, connect=_CONNECT_SECONDS),
                mounts=_LOCAL,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _json(
        self, kind: type[_Body], method: str, path: str, **content: Unpack[_Content]
    ) -> _Body:
        return self._parsed(kind, self._request(method, path, **content))

    def _request(self, method: str, path: str, **content: Unpack[_Content]) -> httpx.Response:
        with self._errors():
            response = self._http.request(method, path, **content)
        self._refuse_failure(response)
        return response

    def _refuse_failure(self, response: httpx.Response) -> None:
        if not response.is_success:
            raise api_error(self._parsed(ErrorBody, response), status=response.status_code)

    def _parsed(self, kind: type[_Body], response: httpx.Response) -> _Body:
        with self._errors(status=response.status_code):
            return kind.model_validate_json(response.content)

    @contextmanager
    def _errors(self, *, status: int = httpx.codes.OK) -> Iterator[None]:
        try:
            yield
        except _NOBODY_THERE as error:
            raise self._own_error("api_unreachable") from error
        except httpx.TimeoutException as error:
            raise self._own_error("api_timeout", seconds=round(self._seconds)) from error
        except httpx.LocalProtocolError as error:
            # All that a caller can get into a header is the key.
            raise self._own_error("not_authenticated") from error
        except httpx.TransportError as error:
            raise self._own_error("api_broke_off") from error
        except ValidationError as error:
            raise self._own_error("api_not_zhiku", status=status) from error

    def _own_error(self, code: str, **fields: object) -> ApiError:
        return ApiError(code, message(code, self._lang, url=self._url, **fields))


def api_error(body: ErrorBody, *, status: int | None) -> ApiError:
    """Return the error that the API told."""
    detail = body.error
    return ApiError(detail.code, detail.message, status=status, request_id=detail.request_id)
