"""Sources to parse, and shorthands to look at what came out."""

from collections.abc import Iterable

from ingest.parse import parse
from ingest.records import ParsedDocument, Source
from stores.records import Block, BlockKind


def source(filename: str, data: bytes | str) -> Source:
    encoded = data.encode() if isinstance(data, str) else data
    return Source(uri=f"file:///{filename}", filename=filename, data=encoded)


def parsed(filename: str, data: bytes | str) -> ParsedDocument:
    return parse(source(filename, data))


def texts(blocks: Iterable[Block], kind: BlockKind | None = None) -> list[str]:
    return [block.text for block in blocks if kind is None or block.kind is kind]


def headings(document: ParsedDocument) -> list[tuple[str, ...]]:
    """Return the full path of each heading."""
    return [
        (*block.heading_path, block.text)
        for block in document.blocks
        if block.kind is BlockKind.HEADING
    ]
