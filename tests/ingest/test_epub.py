"""Books: their pages in the order of the spine, under the titles of the contents."""

import pytest

from ingest.errors import UnreadableFile
from stores.records import BlockKind
from tests.ingest.builders import headings, parsed, texts
from tests.ingest.test_containers import zipped

_CONTAINER = b'<container><rootfiles><rootfile full-path="O/b.opf"/></rootfiles></container>'
_BOOK = """<package xmlns:dc="http://purl.org/dc/elements/1.1/">
<metadata><dc:title>冬季运动</dc:title><dc:creator>Otto</dc:creator></metadata>
<manifest><item id="n" href="toc.ncx" media-type="application/x-dtbncx+xml"/>
<item id="a" href="one%20.xhtml" media-type="application/xhtml+xml"/>
<item id="b" href="two.xhtml" media-type="application/xhtml+xml"/>
<item id="v" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/></manifest>
<spine><itemref idref="v"/><itemref idref="b"/><itemref idref="a"/></spine></package>"""
_NCX = """<ncx><navMap><navPoint><navLabel><text>Part I</text></navLabel><content src="two.xhtml"/>
<navPoint><navLabel><text>Ski</text></navLabel><content src="one%20.xhtml#x"/></navPoint>
</navPoint></navMap></ncx>"""
_NAV = """<html xmlns:epub="http://www.idpf.org/2007/ops"><body><nav epub:type="toc"><ol>
<li><a href="two.xhtml">Part I</a><ol><li><a href="one%20.xhtml">Ski</a></li></ol></li></ol></nav>
<nav epub:type="landmarks"><ol><li><a href="one%20.xhtml">Start</a></li></ol></nav></body></html>"""


def _book(**replaced: bytes) -> bytes:
    files = {
        "META-INF/container.xml": _CONTAINER,
        "O/b.opf": _BOOK.encode(),
        "O/toc.ncx": _NCX.encode(),
        "O/nav.xhtml": b"<html><body><p>contents</p></body></html>",
        "O/one .xhtml": b"<html><body><h1>Ski</h1><p>down the hill</p></body></html>",
        "O/two.xhtml": b"<html><body><p>first page</p></body></html>",
    }
    return zipped(*(files | replaced).items())


@pytest.mark.parametrize(
    "contents", [{}, {"O/toc.ncx": b"<ncx/>", "O/nav.xhtml": _NAV.encode()}], ids=["ncx", "nav"]
)
def test_pages_come_in_the_order_of_the_spine_under_their_titles(
    contents: dict[str, bytes],
) -> None:
    result = parsed("b.epub", _book(**contents))
    assert result.title == "冬季运动"
    assert result.media_type == "application/epub+zip"
    assert result.properties.fields == {"author": "Otto"}
    assert texts(result.blocks, BlockKind.TEXT) == ["first page", "down the hill"]
    assert headings(result) == [("Part I",), ("Part I", "Ski")]
    assert result.blocks[-1].heading_path == ("Part I", "Ski")


def test_a_book_whose_pages_are_missing_is_unreadable() -> None:
    data = zipped(("META-INF/container.xml", _CONTAINER), ("O/b.opf", _BOOK.encode()))
    with pytest.raises(UnreadableFile, match=r"b.epub: is no complete EPUB"):
        parsed("b.epub", data)


def test_a_book_under_a_licence_says_so() -> None:
    with pytest.raises(UnreadableFile, match=r"protected by a licence \(DRM\)"):
        parsed("b.epub", _book(**{"META-INF/rights.xml": b"<rights/>"}))
