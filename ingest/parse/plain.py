"""Plain text: paragraphs by blank lines, headings by how Chinese documents number them."""

import re
import unicodedata
from collections.abc import Iterator

from ingest.parse.builder import BlockBuilder
from ingest.parse.chinese_headings import chinese_heading_level
from ingest.parse.decode import decode
from ingest.records import ParsedDocument
from ingest.text import wrapped
from stores.records import BlockKind

_BLANK_LINES = re.compile(r"\n(?:[ \t\u3000]*\n)+")
_INDENT = re.compile(r"(?: {2,}|\t|\u3000)")
_MAX_WRAP_COLUMNS = 120
"""Editors and mail programs wrap at 72 to 100 columns; a longer line was not wrapped."""
_FULL_LINE = 0.7
_SENTENCE_END = tuple("。！？；：…”」.!?:;")


def parse_plain(data: bytes, filename: str) -> ParsedDocument:
    """Parse plain text in any of the usual encodings."""
    builder = BlockBuilder()
    text = decode(data, filename=filename)
    builder.look_through(text)
    for paragraph in paragraphs(text):
        level = chinese_heading_level(paragraph)
        if level is None:
            builder.add(BlockKind.TEXT, paragraph)
        else:
            builder.heading(paragraph, level=level)
    return builder.build(title="", filename=filename, media_type="text/plain")


def add_paragraphs(builder: BlockBuilder, text: str) -> None:
    """Add the paragraphs of a text without headings."""
    for paragraph in paragraphs(text):
        builder.add(BlockKind.TEXT, paragraph)


def paragraphs(text: str) -> Iterator[str]:
    """Yield the paragraphs of plain text, each on one line if it was wrapped."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n\n")
    for part in _BLANK_LINES.split(text):
        lines = [line for line in part.split("\n") if line.strip()]
        if lines:
            yield from _paragraphs_of(lines)


def _paragraphs_of(lines: list[str]) -> Iterator[str]:
    """Join wrapped lines; where lines are not wrapped, each of them is a paragraph."""
    longest = max(_columns(line) for line in lines)
    if longest > _MAX_WRAP_COLUMNS:
        yield from lines
        return
    current = [lines[0]]
    for line in lines[1:]:
        if _goes_on(current[-1], line, longest=longest):
            current.append(line)
        else:
            yield wrapped(current)
            current = [line]
    yield wrapped(current)


def _goes_on(line: str, following: str, *, longest: int) -> bool:
    """Tell whether a line was broken because it was full, and not because its text ended."""
    if _INDENT.match(following) and not _INDENT.match(line):
        return False
    if chinese_heading_level(line) is not None or chinese_heading_level(following) is not None:
        return False
    is_full = _columns(line) >= _FULL_LINE * longest and longest >= _MAX_WRAP_COLUMNS // 3
    return is_full and not (line.rstrip().endswith(_SENTENCE_END) and _INDENT.match(following))


def _columns(line: str) -> int:
    """Return the width of a line; Chinese characters are two columns wide."""
    return sum(2 if unicodedata.east_asian_width(c) in {"W", "F"} else 1 for c in line)
