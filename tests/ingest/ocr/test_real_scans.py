"""Scans and pictures that other people made; they lie beside the repository."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.settings import Settings
from app.wiring import build_parser
from ingest.errors import EmptyDocument
from ingest.records import Source
from ingest.sandbox.parser import SandboxedParser

_DOCUMENTS = Path(__file__).resolve().parents[4] / "shared" / "docs"
_DOCLING = "Docling bundles PDF document conversion to JSON and Markdown"

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def parser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxedParser]:
    opened = build_parser(Settings(data_dir=tmp_path_factory.mktemp("data")))
    yield opened
    opened.close()


def _source(name: str) -> Source:
    path = _DOCUMENTS / name
    if not path.is_file():
        pytest.skip(f"no sample document at {path}")
    return Source(uri=path.as_uri(), filename=path.name, data=path.read_bytes())


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("pdf_scanned/ocr_test.pdf", _DOCLING),
        ("pdf_scanned/ocr_test_rotated_90.pdf", _DOCLING),
        ("pdf_scanned/ocr_test_rotated_270.pdf", _DOCLING),
        ("pdf_scanned/ocr_test__1.pdf", "横向文本框"),
        ("pdf_scanned/issue-203-decimalize.pdf", "海关注册登记编码"),
        ("image/phototest.tif", "The quick brown dog jumped over the lazy fox"),
        ("image/webp-test.webp", _DOCLING),
        ("image/fanti.jpg", "觀自在菩薩"),
        ("image/text_vertical_words.png", "有評是是非非之士師也"),
    ],
)
def test_what_a_scan_shows_is_read(parser: SandboxedParser, name: str, words: str) -> None:
    blocks = parser.parse(_source(name)).blocks
    assert words in "\n".join(block.text for block in blocks)
    assert all(block.recognised for block in blocks)


def test_a_black_picture_holds_no_text(parser: SandboxedParser) -> None:
    with pytest.raises(EmptyDocument, match="no text can be recognised"):
        parser.parse(_source("image/empty_black.jpg"))
