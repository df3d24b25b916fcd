"""One file against its reference, and many as figures of their format."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from eval.documents.reference import Reader
from eval.documents.words import lost, recall, words
from eval.errors import EvalError
from ingest.errors import IngestError
from ingest.parse import parse
from ingest.parse.legacy import convert_legacy
from ingest.records import ParsedDocument, Source

GOOD: Final = 0.9
"""The recall from which a file counts as ingested."""
_LOST_WORDS = 6
_FOREIGN = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What the libraries for foreign files raise beside their own errors."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one file.

    Attributes
    ----------
    format
        The folder that it lies in.
    reference_words
        0 where the reference finds nothing: such a file has no recall.
    recall
        In [0, 1]; 0 for a file that was not parsed, None without reference words.
    reason
        Why it was not parsed, else the words that are missing most often; "" for neither.
    """

    name: str
    format: str
    tool: str
    is_parsed: bool
    reference_words: int
    recall: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a format; those of recall are over the files whose reference has words.

    Attributes
    ----------
    tenth
        The 10th percentile: a tenth of the files have this recall or less.
    """

    format: str
    tools: tuple[str, ...]
    files: int
    parsed: int
    with_words: int
    good: int
    median: float
    tenth: float


def measure(files: Iterable[Path], *, root: Path, read: Reader) -> Iterator[Result]:
    """Yield what our parsers find of each file beside its reference."""
    for path in files:
        yield _measured(path, format_name=path.relative_to(root).parts[0], read=read)


def _measured(path: Path, *, format_name: str, read: Reader) -> Result:
    try:
        tool, text = read(path)
    except EvalError as error:
        tool, text = f"none ({error})", ""
    ours, reason = _ours(path)
    reference, found = words(text), words(ours or "")
    total = reference.total()
    missing = lost(found, reference, most=_LOST_WORDS)
    return Result(
        name=path.name,
        format=format_name,
        tool=tool,
        is_parsed=ours is not None,
        reference_words=total,
        recall=recall(found, reference) if total else None,
        reason=reason or (f"lost: {' '.join(missing)}" if missing else ""),
    )


def _ours(path: Path) -> tuple[str | None, str]:
    """Return the text that our parser finds, or None and the reason.

    Old office formats are converted before, as they are when a document is brought in.
    """
    data = path.read_bytes()
    try:
        converted = convert_legacy(data, path.name)
        source = Source(
            uri=path.as_uri(),
            filename=path.name,
            data=data if converted is None else converted.data,
        )
        return document_text(parse(source)), ""
    except IngestError as error:
        return None, str(error)
    except _FOREIGN as error:
        return None, f"{type(error).__name__}: {error}"


def document_text(document: ParsedDocument) -> str:
    """Return title and blocks as one text."""
    return "\n".join([document.title, *(block.text for block in document.blocks)])


def summarise(results: Sequence[Result]) -> list[Summary]:
    """Return the figures per format, in the order of their names, and those of all as `all`."""
    formats = sorted({result.format for result in results})
    return [
        *(_summary(name, [r for r in results if r.format == name]) for name in formats),
        _summary("all", results),
    ]


def _summary(name: str, results: Sequence[Result]) -> Summary:
    values = sorted(result.recall for result in results if result.recall is not None)
    return Summary(
        format=name,
        tools=tuple(sorted({result.tool for result in results if result.reference_words})),
        files=len(results),
        parsed=sum(result.is_parsed for result in results),
        with_words=len(values),
        good=sum(value >= GOOD for value in values),
        median=median(values) if values else 0.0,
        tenth=values[max(0, -(-len(values) // 10) - 1)] if values else 0.0,
    )
