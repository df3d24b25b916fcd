"""The file beside a document that describes it: `<file>.meta.toml`."""

import tomllib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from ingest.errors import UnreadableFile
from stores.names import check_tag
from stores.records import DocType, Given

SUFFIX = ".meta.toml"
MAX_BYTES = 20_000
_MAX_TAGS = 50
MAX_SERIES = 200
_KEYS = ("series", "effective_from", "effective_to", "published", "type", "tags")
_Value = TypeVar("_Value")


def is_sidecar(path: Path) -> bool:
    """Tell whether a file describes another one, by its name."""
    return path.name.lower().endswith(SUFFIX)


def described_by(path: Path) -> Path:
    """Return the file that a sidecar describes."""
    return path.with_name(path.name[: -len(SUFFIX)])


def read_sidecar(path: Path) -> str:
    """Return the text of the file beside `path` that describes it; "" if there is none.

    Raises
    ------
    UnreadableFile
        It cannot be read, or is too large to be one.
    """
    sidecar = path.with_name(path.name + SUFFIX)
    try:
        data = sidecar.read_bytes()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise UnreadableFile(
            f"{sidecar.name}: cannot be read ({error.strerror}); check the file and its permissions"
        ) from error
    if len(data) > MAX_BYTES:
        raise UnreadableFile(f"{sidecar.name}: has {len(data)} bytes, more than {MAX_BYTES}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"{sidecar.name}: is not in UTF-8; save it again as UTF-8") from error


def parse_sidecar(text: str, *, name: str) -> Given:
    """Return what a sidecar says; `name` is its name, for messages.

    Raises
    ------
    UnreadableFile
        It is no TOML, has an unknown key, or a value that cannot be.
    """
    try:
        return given_from(tomllib.loads(text))
    except ValueError as error:
        raise UnreadableFile(f"{name}: {error}; correct it and run again") from error


def given_from(values: Mapping[str, object]) -> Given:
    """Return what named values say: `type`, `tags`, `series` and the days.

    Raises
    ------
    ValueError
        A name is unknown, a value cannot be, or two do not go together.
    """
    unknown = sorted(values.keys() - set(_KEYS))
    if unknown:
        raise ValueError(f"unknown key {unknown[0]!r}; known are {', '.join(_KEYS)}")
    given = Given(
        series=_value(values, "series", _series),
        effective_from=_value(values, "effective_from", _day),
        effective_to=_value(values, "effective_to", _day),
        published=_value(values, "published", _day),
        doc_type=_value(values, "type", _doc_type),
        tags=_value(values, "tags", _tags) or (),
    )
    _check(given)
    return given


def _check(given: Given) -> None:
    first, last = given.effective_from, given.effective_to
    if first is not None and last is not None and last < first:
        raise ValueError(f"effective_to {last} is before effective_from {first}")
    if len(given.tags) > _MAX_TAGS:
        raise ValueError(f"has {len(given.tags)} tags, at most {_MAX_TAGS} are kept")
    if given.series is not None and len(given.series) > MAX_SERIES:
        raise ValueError(f"series has {len(given.series)} characters, at most {MAX_SERIES}")


def _value(
    values: Mapping[str, object], key: str, convert: Callable[[object], _Value]
) -> _Value | None:
    if key not in values:
        return None
    try:
        return convert(values[key])
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from error


def _series(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ValueError("write a name in quotation marks")
    return value.strip()


def _day(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise ValueError("write a day as 2025-01-31, without quotation marks")


def _doc_type(value: object) -> DocType:
    if not isinstance(value, str) or value not in set(DocType):
        raise ValueError(f"write one of {', '.join(DocType)}")
    return DocType(value)


def _tags(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
        raise ValueError('write a list such as ["finance", "travel"]')
    return tuple(sorted({check_tag(" ".join(tag.lower().split())) for tag in value}))
