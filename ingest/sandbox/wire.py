"""What goes between the pipeline and the processes that read files: records as JSON, pixels."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
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
from ingest.records import (
    FileProperties,
    PagePicture,
    PageReading,
    ParsedDocument,
    ReadLine,
    Source,
)
from ingest.sandbox.frames import BadAnswer
from stores.records import Block, BlockKind, HiddenKind, HiddenText, Recognised

_COLOURS: Final = 3
_ERRORS: Final[Mapping[str, type[IngestError]]] = {
    kind.__name__: kind
    for kind in (EmptyDocument, FileTooLarge, QuarantinedFile, UnreadableFile, UnsupportedFormat)
}


def encode_document(document: ParsedDocument) -> bytes:
    """Return a document as JSON; each heading path stands once."""
    properties = document.properties
    paths: dict[tuple[str, ...], int] = {}
    return _dump(
        {
            "title": document.title,
            "media_type": document.media_type,
            "blocks": [
                [
                    block.kind,
                    block.text,
                    block.page,
                    paths.setdefault(block.heading_path, len(paths)),
                    block.recognised and (block.recognised.confidence, *block.recognised.box),
                    block.rows,
                ]
                for block in document.blocks
            ],
            "paths": list(paths),
            "properties": {
                "subject": properties.subject,
                "keywords": properties.keywords,
                "fields": dict(properties.fields),
                "written": properties.written and properties.written.isoformat(),
            },
            "hidden": [[found.kind, found.characters] for found in document.hidden],
            "scans": document.scans,
            "unread": document.unread,
        }
    )


def encode_reading(reading: PageReading) -> bytes:
    """Return what was recognised on a page as JSON."""
    return _dump(_reading_values(reading))


def encode_picture(picture: PagePicture) -> bytes:
    """Return a page as one line of JSON and its pixels."""
    header = _dump({"width": picture.width, "height": picture.height, "scale": picture.scale})
    return header + b"\n" + picture.pixels


def encode_request(source: Source) -> bytes:
    """Return as JSON what is asked about the bytes of a source."""
    return _dump(
        {
            "filename": source.filename,
            "page": source.page,
            "readings": [[page, _reading_values(r)] for page, r in source.readings.items()],
        }
    )


def decode_request(request: bytes, data: bytes) -> Source:
    """Return a source as the process that reads it knows it."""
    values = json.loads(request)
    return Source(
        uri="",
        filename=values["filename"],
        data=data,
        page=values["page"],
        readings={page: _as_reading(reading) for page, reading in values["readings"]},
    )


def encode_error(error: IngestError) -> bytes:
    """Return an error of a file as JSON."""
    return _dump({"error": type(error).__name__, "message": str(error)})


def decode_document(data: bytes) -> ParsedDocument:
    """Return the document of an answer, or raise the error that it tells of.

    Raises
    ------
    IngestError
        What was wrong with the file.
    BadAnswer
        It is no answer.
    """
    with _checked():
        answer = _answered(data)
        paths = [tuple(map(_text, path)) for path in answer["paths"]]
        return ParsedDocument(
            title=_text(answer["title"]),
            media_type=_text(answer["media_type"]),
            blocks=tuple(_block(paths, block) for block in answer["blocks"]),
            properties=_properties(answer["properties"]),
            hidden=tuple(HiddenText(HiddenKind(k), int(n)) for k, n in answer["hidden"]),
            scans=tuple(map(int, answer["scans"])),
            unread=tuple(map(_text, answer["unread"])),
        )


def decode_reading(data: bytes) -> PageReading:
    """Return what was recognised on a page; raises as `decode_document` does."""
    with _checked():
        return _as_reading(_answered(data))


def decode_picture(data: bytes) -> PagePicture:
    """Return a page as pixels, as many as its size says; raises as `decode_document` does."""
    header, _, pixels = data.partition(b"\n")
    with _checked():
        values = _answered(header)
        picture = PagePicture(
            int(values["width"]), int(values["height"]), float(values["scale"]), pixels
        )
        if len(pixels) != _COLOURS * picture.width * picture.height:
            raise ValueError(f"{len(pixels)} bytes of pixels")
    return picture


@contextmanager
def _checked() -> Iterator[None]:
    """Turn whatever is wrong with the form of an answer into `BadAnswer`."""
    try:
        yield
    except (LookupError, TypeError, ValueError, RecursionError) as error:
        raise BadAnswer(f"{type(error).__name__}: {error}") from error


def _answered(data: bytes) -> dict[str, Any]:
    """Return the values of an answer, or raise the error that it tells of."""
    answer = json.loads(data)
    if "error" in answer:
        raise _ERRORS[answer["error"]](str(answer["message"]))
    return dict(answer)


def _reading_values(reading: PageReading) -> dict[str, object]:
    return {
        "width": reading.width,
        "height": reading.height,
        "lines": [
            [line.text, line.left, line.top, line.right, line.bottom, line.confidence]
            for line in reading.lines
        ],
    }


def _as_reading(values: Mapping[str, Any]) -> PageReading:
    return PageReading(
        width=float(values["width"]),
        height=float(values["height"]),
        lines=tuple(
            ReadLine(_text(text), *map(float, numbers)) for text, *numbers in values["lines"]
        ),
    )


def _dump(value: object) -> bytes:
    """Return JSON; a lone surrogate, which no encoding has, becomes a question mark."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")


def _block(paths: list[tuple[str, ...]], values: Sequence[Any]) -> Block:
    kind, text, page, path, recognised, rows = values
    if page is not None and not isinstance(page, int):
        raise TypeError("a page is no number")
    numbers = tuple(map(int, rows))
    if len(numbers) not in {0, _text(text).count("\n")}:
        raise ValueError("the rows are not those of the table")
    return Block(
        kind=BlockKind(kind),
        text=_text(text),
        page=page,
        heading_path=paths[path],
        recognised=None if recognised is None else _as_recognised(*map(float, recognised)),
        rows=numbers,
    )


def _as_recognised(
    confidence: float, left: float, top: float, right: float, bottom: float
) -> Recognised:
    return Recognised(confidence, (left, top, right, bottom))


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
