"""EPUB: the pages of a book in the order of its spine, under the titles of its contents."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from urllib.parse import unquote
from xml.etree.ElementTree import Element, ParseError, fromstring
from zipfile import BadZipFile, ZipFile

from ingest.errors import EmptyDocument, UnreadableFile
from ingest.parse.builder import BlockBuilder
from ingest.parse.epub_contents import contents_of
from ingest.parse.html import parse_html
from ingest.records import FileProperties, ParsedDocument
from ingest.text import clean_line
from stores.records import BlockKind

MEDIA_TYPE = "application/epub+zip"
_CONTAINER = "META-INF/container.xml"
_RIGHTS = "META-INF/rights.xml"


@dataclass(frozen=True, slots=True)
class _Item:
    """A file of the book: its path in the package, and what the manifest says of it."""

    path: str
    media_type: str
    properties: str


def parse_epub(data: bytes, filename: str) -> ParsedDocument:
    """Parse a book. Pictures, styles and the page with the contents are left out.

    Raises
    ------
    UnreadableFile
        It is damaged, or may be read with a licence only (DRM).
    """
    try:
        with ZipFile(BytesIO(data)) as package:
            if _RIGHTS in package.namelist():
                raise UnreadableFile(
                    f"{filename}: is protected by a licence (DRM); load a copy without it"
                )
            return _parsed(package, filename)
    except (KeyError, ParseError, BadZipFile, StopIteration) as error:
        raise UnreadableFile(
            f"{filename}: is no complete EPUB ({error}); export it from its program again"
        ) from error


def _parsed(package: ZipFile, filename: str) -> ParsedDocument:
    root = _xml(package, _CONTAINER)
    main = next(node.get("full-path", "") for node in root.iter() if _name(node) == "rootfile")
    book = _xml(package, main)
    items = _items(book, folder=posixpath.dirname(main))
    contents = contents_of(
        (item.path, package.read(item.path))
        for item in items.values()
        if item.path in package.namelist() and _holds_contents(item)
    )
    builder = BlockBuilder()
    for item in _spine(book, items):
        _add_page(builder, package.read(item.path), contents.get(item.path, ()), item.path)
    return builder.build(
        title=_value(book, "title"),
        filename=filename,
        media_type=MEDIA_TYPE,
        properties=FileProperties(
            subject=_value(book, "description"),
            keywords=tuple(_values(book, "subject")),
            fields={"author": author} if (author := _value(book, "creator")) else {},
        ),
    )


def _add_page(builder: BlockBuilder, data: bytes, titles: tuple[str, ...], path: str) -> None:
    """Add a page under its titles in the contents, but for one that it begins with itself."""
    try:
        page = parse_html(data, posixpath.basename(path))
    except EmptyDocument:
        return
    headings = (block.text for block in page.blocks if block.kind is BlockKind.HEADING)
    if titles and next(headings, "") == titles[-1]:
        titles = titles[:-1]
    builder.under(titles, page.blocks)
    builder.take_over(page.hidden)


def _items(book: Element, *, folder: str) -> dict[str, _Item]:
    """Return the files that the manifest names, by their ids."""
    return {
        node.get("id", ""): _Item(
            path=posixpath.normpath(posixpath.join(folder, unquote(node.get("href", "")))),
            media_type=node.get("media-type", ""),
            properties=node.get("properties", ""),
        )
        for node in book.iter()
        if _name(node) == "item"
    }


def _holds_contents(item: _Item) -> bool:
    return item.media_type == "application/x-dtbncx+xml" or "nav" in item.properties.split()


def _spine(book: Element, items: dict[str, _Item]) -> Iterator[_Item]:
    for node in book.iter():
        item = items.get(node.get("idref", "")) if _name(node) == "itemref" else None
        if item is not None and "nav" not in item.properties.split():
            yield item


def _xml(package: ZipFile, name: str) -> Element:
    return fromstring(package.read(name))


def _name(node: Element) -> str:
    return node.tag.rpartition("}")[2]


def _values(book: Element, name: str) -> Iterator[str]:
    for node in book.iter():
        if _name(node) == name and node.text:
            yield clean_line(node.text)


def _value(book: Element, name: str) -> str:
    return next(_values(book, name), "")
