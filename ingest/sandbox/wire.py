"""What goes between the pipeline and the process that parses: frames, documents as JSON."""

import json
import os
import struct
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from ingest.errors import (
    EmptyDocument,
    FileTooLarge,
    IngestError,
    QuarantinedFile,
    UnreadableFile,
    UnsupportedFormat,
)
from ingest.records import FileProperties, ParsedDocument
from stores.records import Block, BlockKind, HiddenKind, HiddenText

_LENGTH: Final = struct.Struct(">Q")
_STEP: Final = 1 << 20
_ERRORS: Final[Mapping[str, type[IngestError]]] = {
    kind.__name__: kind
    for kind in (EmptyDocument, FileTooLarge, QuarantinedFile, UnreadableFile, UnsupportedFormat)
}


class BadAnswer(Exception):
    """What came is no answer: it is cut short, too long, or not what was agreed."""


def write_frame(descriptor: int, data: bytes) -> None:
    """Write bytes with their length before them; wait while the other side is slow.

    Raises
    ------
    OSError
        The other side is gone.
    """
    for part in (_LENGTH.pack(len(data)), data):
        left = memoryview(part)
        while left:
            left = left[os.write(descriptor, left) :]


def read_frame(descriptor: int, *, max_bytes: int) -> bytes:
    """Return the bytes of a frame.

    Raises
    ------
    BadAnswer
        The other side ended before or within it, or it is longer than `max_bytes`.
    """
    (length,) = _LENGTH.unpack(_read(descriptor, _LENGTH.size))
    if length > max_bytes:
        raise BadAnswer(f"a frame of {length} bytes")
    return _read(descriptor, length)


def _read(descriptor: int, length: int) -> bytes:
    parts: list[bytes] = []
    while length:
        part = os.read(descriptor, min(length, _STEP))
        if not part:
            raise BadAnswer("the other side ended")
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def encode_document(document: ParsedDocument) -> bytes:
    """Return a document as JSON; each heading path stands once."""
    properties = document.properties
    paths: dict[tuple[str, ...], int] = {}
    return _dump(
        {
            "title": document.title,
            "media_type": document.media_type,
            "blocks": [
                [b.kind, b.text, b.page, paths.setdefault(b.heading_path, len(paths)), *b.rows]
                for b in document.blocks
            ],
            "paths": list(paths),
            "properties": {
                "subject": properties.subject,
                "keywords": properties.keywords,
                "fields": dict(properties.fields),
                "written": properties.written and properties.written.isoformat(),
            },
            "hidden": [[found.kind, found.characters] for found in document.hidden],
        }
    )


def encode_error(error: IngestError) -> bytes:
    """Return an error of a file as JSON."""
    return _dump({"error": type(error).__name__, "message": str(error)})


def decode_answer(data: bytes) -> ParsedDocument:
    """Return the document of an answer, or raise the error that it tells of.

    Raises
    ------
    IngestError
        What was wrong with the file.
    BadAnswer
        It is no answer.
    """
    try:
        answer = json.loads(data)
        if "error" in answer:
            raise _ERRORS[answer["error"]](str(answer["message"]))
        paths = [tuple(map(_text, path)) for path in answer["paths"]]
        return ParsedDocument(
            title=_text(answer["title"]),
            media_type=_text(answer["media_type"]),
            blocks=tuple(_block(paths, *block) for block in answer["blocks"]),
            properties=_properties(answer["properties"]),
            hidden=tuple(HiddenText(HiddenKind(k), int(n)) for k, n in answer["hidden"]),
        )
    except (LookupError, TypeError, ValueError, RecursionError) as error:
        raise BadAnswer(f"{type(error).__name__}: {error}") from error


def _dump(value: object) -> bytes:
    """Return JSON; a lone surrogate, which no encoding has, becomes a question mark."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")


def _block(
    paths: list[tuple[str, ...]], kind: str, text: object, page: object, path: int, *rows: object
) -> Block:
    if page is not None and not isinstance(page, int):
        raise TypeError("a page is no number")
    numbers = tuple(row for row in rows if isinstance(row, int))
    if len(numbers) not in {0, _text(text).count("\n")}:
        raise ValueError("the rows are not those of the table")
    return Block(BlockKind(kind), _text(text), page=page, heading_path=paths[path], rows=numbers)


def _properties(values: Mapping[str, Any]) -> FileProperties:
    written = values["written"]
    return FileProperties(
        subject=_text(values["subject"]),
        keywords=tuple(map(_text, values["keywords"])),
        fields={_text(name): _text(value) for name, value in values["fields"].items()},
        written=None if written is None else date.fromisoformat(written),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is no text")
    return value
