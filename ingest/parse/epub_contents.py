"""The contents of a book: which titles stand above each of its pages."""

import posixpath
from collections.abc import Iterable
from urllib.parse import unquote

from bs4 import BeautifulSoup, Tag

from ingest.text import clean_line

Contents = dict[str, tuple[str, ...]]


def contents_of(files: Iterable[tuple[str, bytes]]) -> Contents:
    """Return the titles above each page, the outermost first, by the path of the page.

    Of several entries that lead into one page the first counts: the others are inside it, where
    the page has headings of its own.

    Parameters
    ----------
    files
        Path and bytes of the NCX of EPUB 2, of the navigation page of EPUB 3, or of both.
    """
    found: Contents = {}
    for path, data in files:
        folder = posixpath.dirname(path)
        soup = BeautifulSoup(data, "xml")
        for entry in soup.find_all(["navPoint", "li"]):
            link = entry.find(["content", "a"])
            address = str(link.get("src") or link.get("href") or "") if link is not None else ""
            page = posixpath.normpath(posixpath.join(folder, unquote(address.partition("#")[0])))
            titles = tuple(title for title in map(_title, _line(entry)) if title)
            if address and titles and not _is_other_list(entry):
                found.setdefault(page, titles)
    return found


def _line(entry: Tag) -> list[Tag]:
    """Return the entries from the outermost to `entry`."""
    return [*reversed(entry.find_parents(["navPoint", "li"])), entry]


def _title(entry: Tag) -> str:
    label = entry.find(["navLabel", "a", "span"])
    return clean_line(label.get_text(" ")) if label is not None else ""


def _is_other_list(entry: Tag) -> bool:
    """Tell an entry of the landmarks or of the list of pages from one of the contents."""
    nav = entry.find_parent("nav")
    return nav is not None and nav.get("epub:type", "toc") != "toc"
