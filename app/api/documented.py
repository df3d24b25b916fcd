"""The error responses of an endpoint, as its OpenAPI description lists them."""

from collections.abc import Mapping
from http import HTTPStatus
from itertools import groupby
from typing import Any

from app.api.errors import INTERNAL, TABLE, Problem
from app.api.schemas import ErrorBody
from app.messages import MESSAGES

KEYED = ("not_authenticated", "request_invalid", "catalog_unavailable", "internal")
"""What every endpoint that takes a key may answer."""

JSON = ("request_malformed", "request_too_large")
"""What every endpoint with a JSON body may answer besides."""

RETRIEVAL = (
    "question_empty",
    "question_too_long",
    "index_unavailable",
    "index_locked",
    "index_mismatch",
    "reranker_unavailable",
    "models_unavailable",
    "storage_full",
)
"""What a search may answer besides."""

WRITING = ("prompt_too_long", "overloaded", "schema_invalid", "answer_off_schema")
"""What an answer may answer besides."""

_MALFORMED = Problem(HTTPStatus.BAD_REQUEST, "request_malformed")
_PROBLEMS = {problem.code: problem for problem in (*TABLE.values(), INTERNAL, _MALFORMED)}


def errors(*codes: str) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route: each status with an example of each of its codes."""
    problems = sorted((_PROBLEMS[code] for code in codes), key=lambda problem: problem.status)
    return {
        status: _response(list(group))
        for status, group in groupby(problems, key=lambda problem: int(problem.status))
    }


def _response(problems: list[Problem]) -> dict[str, Any]:
    response: dict[str, Any] = {
        "model": ErrorBody,
        "description": "; ".join(f"`{problem.code}`" for problem in problems),
        "content": {
            "application/json": {"examples": {p.code: {"value": _example(p)} for p in problems}}
        },
    }
    headers = _headers(problems)
    return {**response, "headers": headers} if headers else response


def _example(problem: Problem) -> Mapping[str, Any]:
    return {
        "error": {
            "code": problem.code,
            "message": MESSAGES[problem.code].en,
            "request_id": "0b7f3c1e5d5c4a6e8f1f7d0c2a9b4e63",
        }
    }


def _headers(problems: list[Problem]) -> dict[str, Any]:
    if problems[0].status == HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": {"schema": {"type": "string", "const": "Bearer"}}}
    if any(problem.retry_after_seconds is not None for problem in problems):
        description = "seconds after which to try again"
        return {"Retry-After": {"description": description, "schema": {"type": "integer"}}}
    return {}
