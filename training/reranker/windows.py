"""Passages cut into windows as the pipeline cuts documents into chunks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from eval.collection import document_name, own_items, passage_items
from eval.sets import Passage
from ingest.chunk import chunk_blocks, passage
from ingest.parse import parse
from ingest.records import Source
from models.encoder import CountingEncoder
from models.language import detect_language
from stores.records import document_id

TARGET_TOKENS: Final = 200


@dataclass(frozen=True, slots=True)
class Window:
    """A chunk with its context, as it is encoded.

    Attributes
    ----------
    passage
        Id of the passage or path of the document that it is cut from.
    """

    passage: str
    text: str


def passage_windows(
    passages: Mapping[str, str], encoder: CountingEncoder, *, max_characters: int
) -> Iterator[Window]:
    """Cut passages of a set; the first line of each is its title, as `texts_of` lays it."""
    for one, text in passages.items():
        title, _, rest = text.partition("\n")
        body = (rest or title)[:max_characters]
        short = Passage(one, title if rest else "", body, detect_language(body))
        for item in passage_items([short]):
            yield from _cut(item.source, one, encoder)


def company_windows(encoder: CountingEncoder, *, names: frozenset[str]) -> Iterator[Window]:
    """Cut those documents of the sample company that are named."""
    for item in own_items():
        name = document_name(item.source.uri)
        if name in names:
            yield from _cut(item.source, name, encoder)


def _cut(source: Source, name: str, encoder: CountingEncoder) -> Iterator[Window]:
    parsed = parse(source)
    chunks = chunk_blocks(
        parsed.title,
        parsed.blocks,
        document_id=_id(source),
        revision=1,
        count_tokens=encoder.count_tokens,
        target_tokens=TARGET_TOKENS,
        max_tokens=encoder.max_tokens,
    )
    for chunk in chunks:
        yield Window(name, passage(chunk.context, chunk.text))


def _id(source: Source) -> UUID:
    return document_id("training", source.uri)
