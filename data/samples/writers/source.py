"""The sources of the sample documents: front matter and Markdown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

AUTHOR = "Tingluan Instruments Co., Ltd."
FRONT_MATTER = "---\n"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is the document's title."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list, numbered from 1 if `ordered`."""

    ordered: bool
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first row is the header."""

    rows: tuple[tuple[str, ...], ...]


Block = Heading | Paragraph | Items | Table


@dataclass(frozen=True, slots=True)
class Mail:
    """Who wrote an e-mail to whom and when (ISO 8601)."""

    sender: str
    to: str
    date: str
    cc: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """One source, read: what its front matter says and the text below it.

    Editions of one document share a `series`; each is in force from `effective_from` to
    `effective_to`, both included.
    """

    output: str
    title: str
    subject: str
    language: str
    body: str
    mail: Mail | None = None
    series: str = ""
    effective_from: date | None = None
    effective_to: date | None = None


def read_sample(text: str) -> Sample:
    """Split a source into front matter and body."""
    _, front, body = text.split(FRONT_MATTER, 2)
    fields = yaml.safe_load(front)
    mail = fields.pop("mail", None)
    if mail:
        mail = Mail(mail.pop("from"), **mail)
    return Sample(**fields, mail=mail, body=body)


def parse_blocks(body: str) -> list[Block]:
    """Turn the Markdown of a source into blocks; inline marks stay as they are written."""
    tokens = MarkdownIt("commonmark").enable("table").parse(body)
    return list(_blocks(iter(tokens)))


def _blocks(tokens: Iterator[Token]) -> Iterator[Block]:
    for token in tokens:
        if token.type == "heading_open":
            yield Heading(int(token.tag[1]), next(tokens).content)
        elif token.type == "paragraph_open":
            yield Paragraph(next(tokens).content)
        elif token.type in {"bullet_list_open", "ordered_list_open"}:
            ordered = token.type == "ordered_list_open"
            yield Items(ordered, tuple(_inline_until(tokens, token.type.replace("open", "close"))))
        elif token.type == "table_open":
            yield Table(_table_rows(tokens))


def _inline_until(tokens: Iterator[Token], end: str) -> Iterator[str]:
    for token in tokens:
        if token.type == end:
            return
        if token.type == "inline":
            yield token.content


def _table_rows(tokens: Iterator[Token]) -> tuple[tuple[str, ...], ...]:
    rows = []
    for token in tokens:
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            rows.append(tuple(_inline_until(tokens, "tr_close")))
    return tuple(rows)


def lines_of(blocks: Sequence[Block]) -> list[str]:
    """Return the paragraphs and list items among the blocks, a line each."""
    lines: list[str] = []
    for block in blocks:
        match block:
            case Paragraph(text):
                lines.append(text)
            case Items(_, texts):
                lines.extend(texts)
    return lines
