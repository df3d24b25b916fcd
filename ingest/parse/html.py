"""HTML: headings by their tags; what a reader would not see is left out."""

import re
from collections.abc import Iterator

from bs4 import BeautifulSoup, Tag
from bs4.element import Comment, NavigableString

from ingest.parse.builder import BlockBuilder
from ingest.parse.decode import decode, decodes_as
from ingest.parse.tables import Grid, markdown_table
from ingest.records import FileProperties, ParsedDocument
from ingest.text import clean_line
from stores.records import BlockKind, HiddenKind

_DROPPED = ("script", "style", "nav", "noscript", "template", "svg", "iframe", "object", "head",
            "select", "button", "math", "canvas", "audio", "video")  # fmt: skip
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i",
     "img", "input", "ins", "kbd", "label", "mark", "q", "rp", "rt", "ruby", "s", "samp", "small",
     "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr"}
)  # fmt: skip
_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0*\.?0+\s*(?:;|!|$)"
    r"|font-size\s*:\s*(?:0(?![.\d])|[01]?(?:\.\d+)?p[xt])"
    r"|(?:text-indent|left|top|right)\s*:\s*-\d{4,}(?:\.\d+)?p[xt]"
)
_WHITE = re.compile(r"white\b|#fff(?:fff)?\b|rgba?\(\s*255\s*,\s*255\s*,\s*255\b", re.IGNORECASE)
_WHITE_TEXT = re.compile(rf"(?<![\w-])color\s*:\s*(?:{_WHITE.pattern})")
_GROUND = re.compile(r"background(?:-color|-image)?\s*:\s*([^;]*)")
_FILE_NAME = re.compile(r"\.\w{2,4}$|^\w+:|^\S*/\S*$")
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_DECLARED = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([\w-]{2,20})""", re.IGNORECASE)
_HEAD_BYTES = 4096
_SPAN_LIMIT = 1000
"""The HTML standard's own limit of colspan; a larger number is a mistake or an attack."""


def parse_html(data: bytes, filename: str) -> ParsedDocument:
    """Parse an HTML page."""
    markup = _XML_DECLARATION.sub("", _decode_html(data, filename=filename))
    soup = BeautifulSoup(markup, "lxml")
    title = soup.title.get_text(" ") if soup.title else ""
    properties = _properties(soup)
    for comment in soup.find_all(string=lambda string: isinstance(string, Comment)):
        comment.extract()
    builder = BlockBuilder()
    builder.look_through(soup.get_text())
    for tag in soup.find_all(_is_dropped):
        if not tag.decomposed and tag.name not in _DROPPED and _is_hidden(tag):
            builder.hide(HiddenKind.CSS, tag.get_text(" "))
        tag.decompose()
    _Walker(builder).walk(soup)
    return builder.build(
        title=title, filename=filename, media_type="text/html", properties=properties
    )


def html_text(markup: str) -> str:
    """Return the text of a piece of HTML, as it stands in Markdown."""
    return clean_line(BeautifulSoup(markup, "lxml").get_text(" "))


def _properties(soup: BeautifulSoup) -> FileProperties:
    """Return what the meta tags say; of several with one name the first."""
    fields: dict[str, str] = {}
    for tag in soup.find_all("meta"):
        name = str(tag.get("name") or tag.get("property") or "").strip().lower()
        content = str(tag.get("content") or "").strip()
        if name and content:
            fields.setdefault(name, content)
    keywords = [fields[name] for name in ("keywords", "article:tag") if name in fields]
    subject = fields.get("description", "")
    return FileProperties(subject=subject, keywords=tuple(keywords), fields=fields)


def _decode_html(data: bytes, *, filename: str) -> str:
    """Decode as the page declares, where that is true; GB 2312 is declared for all of GB 18030."""
    match = _DECLARED.search(data[:_HEAD_BYTES])
    declared = match.group(1).decode("ascii").lower() if match else ""
    encoding = "gb18030" if declared in {"gb2312", "gbk", "gb18030"} else declared
    if encoding and not encoding.startswith("utf") and decodes_as(data, encoding):
        return data.decode(encoding)
    return decode(data, filename=filename)


def _is_dropped(tag: Tag) -> bool:
    return (
        tag.name in _DROPPED
        or tag.get("aria-hidden") == "true"
        or tag.get("role") == "navigation"
        or _is_hidden(tag)
    )


def _is_hidden(tag: Tag) -> bool:
    """Tell whether a tag says of itself that it is not shown.

    White text counts only where nothing on the page says what colour it stands on.
    """
    style = str(tag.get("style", "")).lower()
    if tag.has_attr("hidden") or _HIDDEN_STYLE.search(style):
        return True
    is_white = _WHITE_TEXT.search(style) or _WHITE.fullmatch(str(tag.get("color", "")).strip())
    return bool(is_white) and not any(_may_have_ground(each) for each in (tag, *tag.parents))


def _may_have_ground(tag: Tag) -> bool:
    if tag.parent is None:
        return tag.find(["style", "link"]) is not None
    style = str(tag.get("style", "")).lower()
    coloured = _GROUND.search(style)
    painted = tag.get("bgcolor") is not None or tag.get("background") is not None
    return painted or (coloured is not None and not _WHITE.match(coloured[1].strip()))


class _Walker:
    """Goes through the tree and gathers text until a block ends."""

    def __init__(self, builder: BlockBuilder) -> None:
        self._builder = builder
        self._text = ""

    def walk(self, tag: Tag) -> None:
        for child in tag.children:
            if isinstance(child, Tag):
                self._visit(child)
            elif type(child) is NavigableString:
                self._text += re.sub(r"\s+", " ", child)
        if tag.name not in _INLINE:
            self._flush()

    def _visit(self, tag: Tag) -> None:
        if tag.name == "br":
            self._text += "\n"
        elif tag.name == "img":
            self._text += f" {_shown_instead(tag)} "
        elif _is_inline(tag):
            self.walk(tag)
        else:
            self._flush()
            self._visit_block(tag)

    def _visit_block(self, tag: Tag) -> None:
        if tag.name in _HEADINGS:
            self._builder.heading(_inner_text(tag), level=_HEADINGS[tag.name])
        elif tag.name == "pre":
            self._builder.add(BlockKind.CODE, tag.get_text())
        elif tag.name in {"ul", "ol", "dl"} and not _holds_structure(tag):
            self._builder.add(BlockKind.LIST, "\n".join(_list_lines(tag, depth=0)))
        elif tag.name == "table" and not _is_layout(tag):
            self._builder.add(BlockKind.TEXT, tag.caption.get_text(" ") if tag.caption else "")
            self._builder.add(BlockKind.TABLE, _table(tag))
        else:
            self.walk(tag)

    def _flush(self) -> None:
        self._builder.add(BlockKind.TEXT, self._text)
        self._text = ""


def _is_inline(tag: Tag) -> bool:
    """Tell whether a tag is part of a line; pages do put blocks into spans and links."""
    return tag.name in _INLINE and all(child.name in _INLINE | {"br"} for child in tag.find_all())


def _inner_text(tag: Tag) -> str:
    """Return the text of a tag on one line; blocks in it are set apart by a space."""
    parts: list[str] = []
    for child in tag.descendants:
        if type(child) is NavigableString:
            parts.append(child)
        elif isinstance(child, Tag) and child.name == "img":
            parts.append(f" {_shown_instead(child)} ")
        elif isinstance(child, Tag) and child.name not in _INLINE:
            parts.append(" ")
    return clean_line("".join(parts))


def _shown_instead(image: Tag) -> str:
    """Return the text for an image, unless it is its file's name or address."""
    text = str(image.get("alt") or "").strip()
    return "" if _FILE_NAME.search(text) else text


def _holds_structure(tag: Tag) -> bool:
    """Tell whether a list holds more than lines: headings or tables, as in menus and layouts."""
    return tag.find([*_HEADINGS, "table", "pre"]) is not None


def _list_lines(tag: Tag, *, depth: int) -> Iterator[str]:
    """Yield the lines of a list, inner lists indented by two spaces."""
    items = tag.find_all(["li", "dt", "dd"], recursive=False)
    for number, item in enumerate(items, start=1):
        inner = [
            child.extract() for child in item.find_all(["ul", "ol", "dl"]) if _is_own(child, item)
        ]
        mark = {"li": f"{number}. " if tag.name == "ol" else "- ", "dd": "  "}.get(item.name, "")
        text = _inner_text(item)
        if text:
            yield f"{'  ' * depth}{mark}{text}"
        for child in inner:
            yield from _list_lines(child, depth=depth + 1)
    for child in tag.find_all(["ul", "ol"], recursive=False):  # invalid, but common
        yield from _list_lines(child, depth=depth + 1)


def _is_own(inner: Tag, item: Tag) -> bool:
    return inner.find_parent(["li", "dd", "dt"]) is item


def _is_layout(table: Tag) -> bool:
    """Tell a table that places parts of the page from one that holds data."""
    if table.find(["table", *_HEADINGS, "pre"]) is not None:
        return True
    rows = table.find_all("tr")
    return all(len(row.find_all(["td", "th"])) <= 1 for row in rows)


def _table(table: Tag) -> str:
    grid = Grid()
    rows = table.find_all("tr")
    for row, tag in enumerate(rows):
        column = 0
        for cell in tag.find_all(["td", "th"]):
            while not grid.is_free(row, column):
                column += 1
            height = min(_span(cell, "rowspan"), len(rows) - row)
            width = _span(cell, "colspan")
            grid.place(_inner_text(cell), row=row, column=column, rows=height, columns=width)
            column += width
    return markdown_table(grid.rows())


def _span(cell: Tag, name: str) -> int:
    value = str(cell.get(name, "1"))
    return min(max(int(value), 1), _SPAN_LIMIT) if value.isascii() and value.isdigit() else 1
