"""Markdown: headings, tables, lists and code by the tokens of markdown-it."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from ingest.parse.builder import BlockBuilder
from ingest.parse.decode import decode
from ingest.parse.html import html_text
from ingest.parse.tables import markdown_table
from ingest.records import FileProperties, ParsedDocument
from ingest.text import join_lines
from stores.records import BlockKind

_FRONT_MATTER = re.compile(
    r"\A---[ \t]*\n(?P<body>.{0,20000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL
)
_FRONT_TITLE = re.compile(r"^title:[ \t]*[\"']?(.+?)[\"']?[ \t]*$", re.MULTILINE)


def parse_markdown(data: bytes, filename: str) -> ParsedDocument:
    """Parse Markdown with tables; front matter gives the title and what describes the document."""
    text = decode(data, filename=filename).replace("\r\n", "\n").lstrip("\ufeff")
    front = _FRONT_MATTER.match(text)
    title = _FRONT_TITLE.search(front["body"]) if front else None
    tokens = MarkdownIt("commonmark").enable("table").parse(text[front.end() :] if front else text)
    builder = BlockBuilder()
    builder.look_through(text)
    _add_blocks(tokens, builder)
    return builder.build(
        title=title.group(1) if title else "",
        filename=filename,
        media_type="text/markdown",
        properties=_properties(front["body"]) if front else None,
    )


def _properties(front: str) -> FileProperties:
    """Return the plain values of front matter; what is no YAML says nothing."""
    try:
        values = yaml.safe_load(front)
    except (yaml.YAMLError, ValueError):  # also for a date that no calendar has
        return FileProperties()
    if not isinstance(values, dict):
        return FileProperties()
    named = {str(name).strip().lower(): value for name, value in values.items()}
    listed = (named.get(name) for name in ("tags", "keywords", "categories"))
    keywords = [text for value in listed for text in _texts(value)]
    fields = {name: text for name, value in named.items() for text in _texts(value)[:1]}
    return FileProperties(keywords=tuple(keywords), fields=fields)


def _texts(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [str(each) for each in values if isinstance(each, str | int | date)]


def _add_blocks(tokens: Sequence[Token], builder: BlockBuilder) -> None:
    position = 0
    while position < len(tokens):
        token = tokens[position]
        end = _end_of(tokens, position)
        inside = tokens[position + 1 : end]
        if token.type == "heading_open":
            builder.heading(_text_of(inside), level=int(token.tag[1]))
        elif token.type == "paragraph_open":
            builder.add(BlockKind.TEXT, _text_of(inside))
        elif token.type in {"bullet_list_open", "ordered_list_open"}:
            builder.add(BlockKind.LIST, "\n".join(_list_lines(tokens[position : end + 1])))
        elif token.type == "table_open":
            builder.add(BlockKind.TABLE, markdown_table(list(_table_rows(inside))))
        elif token.type == "blockquote_open":
            _add_blocks(inside, builder)
        elif token.type in {"fence", "code_block"}:
            builder.add(BlockKind.CODE, token.content)
        elif token.type == "html_block":
            builder.add(BlockKind.TEXT, html_text(token.content))
        position = end + 1


def _end_of(tokens: Sequence[Token], position: int) -> int:
    """Return the position of the token that closes the one at `position`, or of itself."""
    depth = 0
    for index in range(position, len(tokens)):
        depth += tokens[index].nesting
        if depth <= 0:
            return index
    return len(tokens) - 1


def _text_of(tokens: Sequence[Token]) -> str:
    return "\n".join(_inline(token) for token in tokens if token.type == "inline")


def _inline(token: Token) -> str:
    """Return an inline token as a reader sees it; Chinese lines are joined without a space."""
    lines = [""]
    for child in token.children or []:
        if child.type == "softbreak":
            lines.append("")
        elif child.type == "hardbreak":
            lines[-1] += "\n"
        elif child.type == "html_inline":
            lines[-1] += "\n" if child.content.lower().startswith("<br") else ""
        else:
            lines[-1] += child.content
    text = lines[0]
    for line in lines[1:]:
        text = join_lines(text, line)
    return text


def _list_lines(tokens: Sequence[Token]) -> Iterator[str]:
    """Yield the lines of a list; inner lists, and further paragraphs of an item, are indented."""
    numbers: list[int | None] = []
    mark = ""
    for token in tokens:
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            is_ordered = token.type == "ordered_list_open"
            numbers.append(int(token.attrs.get("start", 1)) - 1 if is_ordered else None)
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            numbers.pop()
        elif token.type == "list_item_open":
            number = numbers[-1] = None if numbers[-1] is None else numbers[-1] + 1
            mark = "- " if number is None else f"{number}. "
        elif token.type in {"inline", "fence", "code_block"}:
            text = _inline(token) if token.type == "inline" else token.content
            for line in filter(str.strip, text.split("\n")):
                yield f"{'  ' * (len(numbers) - 1)}{mark or '  '}{line}"
                mark = ""


def _table_rows(tokens: Sequence[Token]) -> Iterator[list[str]]:
    row: list[str] = []
    for token in tokens:
        if token.type == "tr_open":
            row = []
        elif token.type == "inline":
            row.append(_inline(token))
        elif token.type == "tr_close":
            yield row
