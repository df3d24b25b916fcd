"""The one table from errors to HTTP: status, public code, and when to try again."""

import logging
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from app.api.schemas import ErrorBody, ErrorDetail
from app.errors import AppError, BadRequest, NotAuthenticated, NotPermitted
from app.ingestion import GroupsNotPermitted, JobFileGone, JobNotFailed, JobSuperseded
from app.messages import message, preferred_lang
from generation.errors import (
    AnswerOffSchema,
    GenerationError,
    ModelUnavailable,
    PromptTooLong,
)
from models.errors import (
    ModelDiskFull,
    ModelError,
    ScorerUnavailable,
    WeightsCorrupt,
    WeightsMissing,
)
from models.errors import WeightsUnavailable as WeightsAway
from stores.errors import (
    CatalogUnavailable,
    IndexLocked,
    IndexMismatch,
    IndexUnavailable,
    RevisionConflict,
    StorageFull,
    StoreError,
    UnknownConversation,
    UnknownDocument,
    UnknownJob,
    UnknownReceipt,
)

STAGE_ERRORS = (AppError, GenerationError, ModelError, StoreError)
"""The roots of all errors that the table knows; anything else is a mistake of ours."""

_MAX_PROBLEMS = 5
_MAX_PROBLEM_CHARACTERS = 200
_RETRY_SECONDS = 5
_logger = logging.getLogger("zhiku.api")


class _Told(AppError):
    """An error whose line has fields to fill in; they may hold only what the caller may know."""

    def __init__(self, **fields: object) -> None:
        super().__init__(", ".join(f"{name}={value}" for name, value in fields.items()))
        self.fields = fields


class ScopeMissing(_Told, NotPermitted):
    """The key's role does not include `scope`."""


class QuestionEmpty(BadRequest):
    """Nothing was asked."""


class QuestionTooLong(_Told, BadRequest):
    """The question has `length` characters, more than `limit`."""


class RequestTooLarge(_Told, BadRequest):
    """The body has more than `limit_bytes`."""


class FileTooLarge(_Told, BadRequest):
    """The uploaded file has more than `limit_megabytes`."""


class UploadInvalid(_Told, BadRequest):
    """The upload cannot be taken; `problem` says why."""


class ResponseSchemaInvalid(_Told, BadRequest):
    """The schema of the answer cannot be taken; `problem` says why."""


class Overloaded(AppError):
    """As many answers are being written as may be."""

    retryable = True


@dataclass(frozen=True, slots=True)
class Problem:
    """How an error looks from outside."""

    status: int
    code: str
    retry_after_seconds: int | None = None


def _away(code: str) -> Problem:
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, code, _RETRY_SECONDS)


INTERNAL = Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal")
INVALID = Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "request_invalid")

TABLE: Mapping[type[Exception], Problem] = {
    NotAuthenticated: Problem(HTTPStatus.UNAUTHORIZED, "not_authenticated"),
    ScopeMissing: Problem(HTTPStatus.FORBIDDEN, "not_permitted"),
    GroupsNotPermitted: Problem(HTTPStatus.FORBIDDEN, "groups_not_permitted"),
    UnknownDocument: Problem(HTTPStatus.NOT_FOUND, "document_unknown"),
    UnknownConversation: Problem(HTTPStatus.NOT_FOUND, "conversation_unknown"),
    UnknownJob: Problem(HTTPStatus.NOT_FOUND, "job_unknown"),
    UnknownReceipt: Problem(HTTPStatus.NOT_FOUND, "receipt_unknown"),
    JobNotFailed: Problem(HTTPStatus.CONFLICT, "job_not_failed"),
    JobSuperseded: Problem(HTTPStatus.CONFLICT, "job_superseded"),
    JobFileGone: Problem(HTTPStatus.GONE, "job_file_gone"),
    RequestTooLarge: Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "request_too_large"),
    FileTooLarge: Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "file_too_large"),
    RequestValidationError: INVALID,
    QuestionEmpty: Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "question_empty"),
    QuestionTooLong: Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "question_too_long"),
    PromptTooLong: Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "prompt_too_long"),
    ResponseSchemaInvalid: Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "schema_invalid"),
    AnswerOffSchema: Problem(HTTPStatus.BAD_GATEWAY, "answer_off_schema"),
    UploadInvalid: Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "upload_invalid"),
    Overloaded: _away("overloaded"),
    IndexUnavailable: _away("index_unavailable"),
    IndexLocked: _away("index_locked"),
    IndexMismatch: Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "index_mismatch"),
    CatalogUnavailable: _away("catalog_unavailable"),
    RevisionConflict: _away("document_busy"),
    ModelUnavailable: _away("llm_unavailable"),
    ScorerUnavailable: _away("reranker_unavailable"),
    WeightsMissing: Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "models_unavailable"),
    WeightsCorrupt: Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "models_unavailable"),
    WeightsAway: Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "models_unavailable"),
    StorageFull: Problem(HTTPStatus.INSUFFICIENT_STORAGE, "storage_full", _RETRY_SECONDS),
    ModelDiskFull: Problem(HTTPStatus.INSUFFICIENT_STORAGE, "storage_full", _RETRY_SECONDS),
}

_BY_STATUS: Mapping[int, str] = {
    HTTPStatus.NOT_FOUND: "path_unknown",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
}


def problem_of(error: Exception) -> Problem:
    """Return the row of the nearest class of the error; `internal` where no row is meant for it."""
    if isinstance(error, HTTPException):
        # The framework's own: no such path, no such method, a body that is not what it says.
        code = _BY_STATUS.get(error.status_code, "request_malformed")
        return Problem(error.status_code, code)
    return next((TABLE[kind] for kind in type(error).__mro__ if kind in TABLE), INTERNAL)


def error_body(error: Exception, *, headers: Headers, request_id: str) -> ErrorBody:
    """Return what the caller is told, in the language of its `Accept-Language`."""
    code = problem_of(error).code
    fields = {**_fields(error), "request_id": request_id}
    text = message(code, preferred_lang(headers.get("accept-language")), **fields)
    return ErrorBody(error=ErrorDetail(code=code, message=text, request_id=request_id))


def error_response(error: Exception, *, headers: Headers, request_id: str) -> Response:
    """Return the response for an error."""
    problem = problem_of(error)
    body = error_body(error, headers=headers, request_id=request_id)
    response = Response(body.model_dump_json(), problem.status, media_type="application/json")
    if isinstance(error, HTTPException):
        response.headers.update(error.headers or {})
    if problem.status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    if problem.retry_after_seconds is not None:
        response.headers["Retry-After"] = str(problem.retry_after_seconds)
    return response


def log_failure(error: Exception, request_id: str) -> None:
    """Log what is wrong on our side; what is wrong with a request is not worth a line."""
    problem = problem_of(error)
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _logger.warning("request %s: %s: %s", request_id, problem.code, error)


async def handle_error(request: Request, error: Exception) -> Response:
    """Answer a known error."""
    request_id: str = request.state.request_id
    log_failure(error, request_id)
    return error_response(error, headers=request.headers, request_id=request_id)


async def handle_disconnect(_request: Request, _error: Exception) -> Response:
    """End quietly: the caller went away before the request was read; nobody sees this."""
    return Response(status_code=HTTPStatus.BAD_REQUEST)


HANDLERS: dict[int | type[Exception], Callable[[Request, Any], Coroutine[Any, Any, Response]]] = {
    **dict.fromkeys((*STAGE_ERRORS, HTTPException, RequestValidationError), handle_error),
    ClientDisconnect: handle_disconnect,
}


def _fields(error: Exception) -> Mapping[str, object]:
    if isinstance(error, _Told):
        return error.fields
    if isinstance(error, RequestValidationError):
        return {"problems": _problems(error)}
    if isinstance(error, GroupsNotPermitted):
        return {"groups": ", ".join(sorted(error.groups))}
    return {}


def _problems(error: RequestValidationError) -> str:
    problems = [
        f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
        for problem in error.errors()[:_MAX_PROBLEMS]
    ]
    return "; ".join(printable(problem) for problem in problems)


def printable(text: str) -> str:
    """Return what a caller sent in a form that any encoder, log and terminal takes."""
    short = text[:_MAX_PROBLEM_CHARACTERS]
    return "".join(c if c.isprintable() else "�" for c in short)
