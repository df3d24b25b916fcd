"""Scanned pages are drawn and read in children; one that cannot be read is named."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.settings import Settings
from app.wiring import build_parser
from eval.ocr.distance import error_rate
from eval.ocr.paper import draw_pages
from ingest.errors import EmptyDocument, QuarantinedFile, UnreadableFile
from ingest.ocr.pages import PageReader
from ingest.records import IngestStatus
from ingest.sandbox.parser import SandboxedParser
from stores.catalog import Catalog
from stores.edge import EdgeIndexStore
from stores.records import Block
from tests.ingest.builders import source, texts
from tests.ingest.parsers import BLANK, CRASHING, SHADES, SHARED_LIMITS, shared_parser
from tests.ingest.scans import saved, scanned, shaded
from tests.ingest.world import ACCESS, TENANT, World

MOST = 3
FONT = Path(__file__).parents[3] / "data" / "samples" / "fonts" / "wqy-microhei-gb2312.ttf"


@pytest.fixture(scope="module")
def parser() -> Iterator[SandboxedParser]:
    scans = PageReader(
        drawing=SHARED_LIMITS, reading=SHARED_LIMITS, processes=2, max_pages=MOST, entry=SHADES
    )
    opened = SandboxedParser(SHARED_LIMITS, scans=scans)
    yield opened
    opened.close()


def test_the_pages_of_a_scan_are_read_in_their_order(parser: SandboxedParser) -> None:
    told: list[tuple[int, int]] = []
    document = parser.parse(
        source("scan.pdf", scanned([100, 120, 140])), lambda *pages: told.append(pages)
    )
    assert [(block.page, block.text) for block in document.blocks] == [
        (1, "a page of shade 100"),
        (2, "a page of shade 120"),
        (3, "a page of shade 140"),
    ]
    assert not document.scans
    assert not document.unread
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_a_block_tells_how_it_was_recognised(parser: SandboxedParser) -> None:
    (block,) = parser.parse(source("scan.png", saved(shaded(100), "PNG"))).blocks
    assert block.recognised is not None
    assert block.recognised.confidence == pytest.approx(0.9)
    assert block.recognised.box == pytest.approx((10, 20, 90, 32))


def test_a_page_that_cannot_be_read_does_not_stop_the_others(parser: SandboxedParser) -> None:
    document = parser.parse(source("scan.tiff", scanned([100, CRASHING, 140], "TIFF")))
    assert texts(document.blocks) == ["a page of shade 100", "a page of shade 140"]
    (unread,) = document.unread
    assert unread.startswith("page 2: cannot be read (scan.tiff: is set aside")


def test_pages_beyond_the_limit_are_named(parser: SandboxedParser) -> None:
    document = parser.parse(source("scan.pdf", scanned([90, 100, 110, 120, 130])))
    assert len(document.blocks) == MOST
    assert document.unread == ("page 4, 5: beyond the 3 of ocr.max_pages",)


def test_a_picture_without_text_says_so(parser: SandboxedParser) -> None:
    with pytest.raises(EmptyDocument, match=r"photo.jpg: no text can be recognised in it"):
        parser.parse(source("photo.jpg", saved(shaded(BLANK), "JPEG")))


def test_a_picture_whose_reader_does_not_survive_is_set_aside(parser: SandboxedParser) -> None:
    with pytest.raises(QuarantinedFile, match=r"page.png: is set aside.*SIGSEGV"):
        parser.parse(source("page.png", saved(shaded(CRASHING), "PNG")))


def test_a_picture_that_is_cut_off_is_damaged(parser: SandboxedParser) -> None:
    whole = saved(shaded(100, (400, 400)).effect_spread(90), "PNG")
    with pytest.raises(UnreadableFile, match=r"page.png: is a damaged picture"):
        parser.parse(source("page.png", whole[: len(whole) // 2]))


def test_without_recognition_a_scan_says_how_to_get_it() -> None:
    with pytest.raises(EmptyDocument, match=r"has 2 page.*looks scanned.*ocr.enabled"):
        shared_parser().parse(source("scan.pdf", scanned([100, 120])))


def test_what_was_not_read_stands_in_the_outcome(
    catalog: Catalog, indexes: EdgeIndexStore, tmp_path: Path, parser: SandboxedParser
) -> None:
    world = World(catalog.documents, indexes, tmp_path / "files", parser=parser)
    (outcome,) = world.run(source("scan.pdf", scanned([100, CRASHING])))
    assert outcome.status is IngestStatus.ADDED
    assert (outcome.reason or "").startswith("not read: page 2: cannot be read")
    counts = {(progress.pages_done, progress.pages_total) for progress in world.progress}
    assert counts >= {(0, 2), (2, 2)}
    assert world.read("shade 100")
    assert _first_block(world).recognised is not None


@pytest.mark.real
def test_the_models_read_a_page_within_the_limits_that_are_served(tmp_path: Path) -> None:
    parser = build_parser(Settings(data_dir=tmp_path))
    (page,) = draw_pages(["年休假共十天，须提前三日申请。", "Annual leave is ten days."], FONT)
    try:
        found = parser.parse(source("scan.pdf", saved(page.picture, "PDF"))).blocks
    finally:
        parser.close()
    assert error_rate("".join(texts(found)), page.text) == 0
    assert all(block.recognised and block.recognised.confidence > 0.9 for block in found)


def _first_block(world: World) -> Block:
    (document,) = world.documents.tenant_documents(TENANT)
    (found,) = world.documents.page_blocks(document.id, ACCESS, page=1)
    return found[1]
