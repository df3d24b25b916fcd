"""The form of an upload: read within its limits, and checked field by field."""

import errno
import re
from collections.abc import Mapping
from datetime import date
from pathlib import PurePosixPath
from typing import Any

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from app.api.auth import BoundedRequest
from app.api.errors import FileTooLarge, UploadInvalid, printable
from app.ingestion import Upload
from ingest.errors import UnreadableFile
from ingest.metadata.sidecar import MAX_BYTES, MAX_SERIES, given_from, parse_sidecar
from stores.access import EVERYONE
from stores.errors import StorageFull
from stores.names import check_name
from stores.records import DocType, Given

_BYTES_PER_MEGABYTE = 1_000_000
_FORM_BYTES = 100_000
_MAX_FIELDS = 60
_MAX_FIELD_BYTES = MAX_BYTES
_MAX_FILENAME_CHARACTERS = 255
_MAX_URI_CHARACTERS = 2000
_URI = re.compile(r"[a-z][a-z0-9+.-]*://.+")
_DAYS = ("effective_from", "effective_to", "published")
_FIELDS = {"file", "groups", "uri", "tags", "type", "series", "sidecar", *_DAYS}
_DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
UPLOAD_FORM: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "additionalProperties": False,
                "properties": {
                    "file": {
                        "type": "string",
                        "contentMediaType": "application/octet-stream",
                        "description": "PDF, DOCX, PPTX, XLSX, HTML, Markdown, TXT, CSV, PNG, "
                        "JPEG, TIFF, WebP, BMP and others; at most "
                        "`ingest.max_file_megabytes`",
                    },
                    "groups": {
                        "type": "array",
                        "items": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,62}$"},
                        "default": [EVERYONE],
                        "description": "who may read it: groups of the key",
                    },
                    "uri": {
                        "type": "string",
                        "maxLength": _MAX_URI_CHARACTERS,
                        "description": "what the document is known by: a file with the same uri "
                        "replaces it; default `upload://<file name>`",
                    },
                    "tags": {
                        "type": "array",
                        "items": {"type": "string", "maxLength": 64},
                        "description": "to filter by, besides the keywords of the file; kept when "
                        "the file is replaced",
                    },
                    "type": {
                        "type": "string",
                        "enum": list(DocType),
                        "description": "kind of document; default: by the words of its title",
                    },
                    "series": {
                        "type": "string",
                        "maxLength": MAX_SERIES,
                        "description": "documents of one series are editions of each other; "
                        "default: the title without year and version",
                    },
                    **{
                        name: {"type": "string", "format": "date", "description": meaning}
                        for name, meaning in (
                            ("effective_from", "first day in force"),
                            ("effective_to", "last day in force"),
                            ("published", "day of the document"),
                        )
                    },
                    "sidecar": {
                        "type": "string",
                        "maxLength": MAX_BYTES,
                        "description": "the same in TOML: the text of a file `<name>.meta.toml` "
                        "beside the document; a field above comes before it",
                    },
                },
            },
            "encoding": {
                "groups": {"style": "form", "explode": True},
                "tags": {"style": "form", "explode": True},
            },
        }
    },
}
"""The form in OpenAPI: the endpoint reads it itself, after the key's right to write was checked."""


async def read_upload(request: Request, *, limit_megabytes: int) -> Upload:
    """Read the form, never more than the limit of it; a large file waits on disk meanwhile.

    Raises
    ------
    FileTooLarge
        The file exceeds the limit; the rest of it is not read.
    UploadInvalid
        A field is missing, unknown or malformed.
    StorageFull
        There is no room for the file.
    """
    limit_bytes = limit_megabytes * _BYTES_PER_MEGABYTE
    refusal = FileTooLarge(limit_megabytes=limit_megabytes)
    bounded = BoundedRequest(request, limit_bytes=limit_bytes + _FORM_BYTES, refusal=refusal)
    try:
        async with bounded.form(
            max_files=1, max_fields=_MAX_FIELDS, max_part_size=_MAX_FIELD_BYTES
        ) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise UploadInvalid(problem="the part `file` is missing")
            if file.size is None or file.size > limit_bytes:
                raise refusal
            return _upload(form, file.filename, await file.read())
    except OSError as error:
        if error.errno not in _DISK_FULL:
            raise
        raise StorageFull(f"no room for an upload ({error.strerror}): free space") from error


def _upload(form: FormData, filename: str | None, data: bytes) -> Upload:
    unknown = sorted(form.keys() - _FIELDS)
    if unknown:
        raise UploadInvalid(problem=f"unknown field {printable(unknown[0])}")
    name = _filename(filename or "")
    texts = {
        field: [_text(field, value) for value in form.getlist(field)]
        for field in _FIELDS - {"file"}
    }
    return Upload(
        filename=name,
        uri=_uri(texts["uri"], name),
        groups=_groups(texts["groups"]),
        data=data,
        given=_given(texts),
        sidecar=_sidecar(texts["sidecar"]),
    )


def _given(texts: Mapping[str, list[str]]) -> Given:
    """Return what the form says of the document; an empty field says nothing."""
    values: dict[str, object] = {
        field: _once(field, texts[field]) for field in ("type", "series") if any(texts[field])
    }
    tags = [tag for tag in texts["tags"] if tag.strip()]
    try:
        days = {
            field: date.fromisoformat(_once(field, texts[field]))
            for field in _DAYS
            if any(texts[field])
        }
        return given_from({**values, **days, **({"tags": tags} if tags else {})})
    except ValueError as error:
        raise UploadInvalid(problem=printable(str(error))) from error


def _sidecar(sent: list[str]) -> str:
    text = _once("sidecar", sent) if sent else ""
    try:
        parse_sidecar(text, name="sidecar")
    except UnreadableFile as error:
        raise UploadInvalid(problem=printable(str(error))) from error
    return text


def _once(field: str, sent: list[str]) -> str:
    if len(sent) > 1:
        raise UploadInvalid(problem=f"{field} is sent {len(sent)} times")
    return sent[0]


def _text(field: str, value: str | UploadFile) -> str:
    if isinstance(value, UploadFile):
        raise UploadInvalid(problem=f"the field {field} is a file")
    return value


def _filename(sent: str) -> str:
    """Return the last part of a path of any system, which browsers and scripts may send."""
    name = PurePosixPath(sent.replace("\\", "/")).name
    fits = name != ".." and 0 < len(name) <= _MAX_FILENAME_CHARACTERS
    if not fits or not name.isprintable():
        raise UploadInvalid(problem=f"{printable(sent)!r} is no file name")
    return name


def _uri(sent: list[str], filename: str) -> str:
    uris = sent or [f"upload://{filename}"]
    uri = uris[0]
    if len(uris) > 1 or len(uri) > _MAX_URI_CHARACTERS or not uri.isprintable():
        raise UploadInvalid(problem=f"uri takes one line of {_MAX_URI_CHARACTERS} characters")
    if not _URI.fullmatch(uri):
        raise UploadInvalid(problem="uri has to look like upload://name")
    return uri


def _groups(sent: list[str]) -> tuple[str, ...]:
    try:
        return tuple(sorted({check_name("group", name) for name in sent or [EVERYONE]}))
    except ValueError as error:
        raise UploadInvalid(problem=printable(str(error))) from error
