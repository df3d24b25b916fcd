"""Pictures are decoded upright, on white and within bounds, whatever the file says."""

import struct
import zlib

import pytest
from PIL import Image

from ingest.errors import FileTooLarge, IngestError, UnreadableFile
from ingest.parse.pictures import (
    MAX_PIXELS,
    decoded_page,
    fitting_scale,
    opened_picture,
    page_count,
)
from ingest.records import PagePicture
from tests.ingest.builders import parsed
from tests.ingest.scans import saved, scanned, shaded
from tests.ingest.test_containers import zipped

ORIENTATION = 0x0112
RED, WHITE = (255, 0, 0), (255, 255, 255)


def decode(data: bytes, number: int = 1) -> PagePicture:
    with opened_picture(data, filename="p.png") as picture:
        return decoded_page(picture, number, filename="p.png")


def pixel(page: PagePicture, x: int, y: int) -> tuple[int, ...]:
    start = 3 * (y * page.width + x)
    return tuple(page.pixels[start : start + 3])


def flagged() -> Image.Image:
    """Return a picture with a red upper left corner."""
    picture = Image.new("RGB", (800, 1000), WHITE)
    picture.paste(RED, (0, 0, 200, 200))
    return picture


def is_red(colour: tuple[int, ...]) -> bool:
    return colour[0] > 200 and max(colour[1:]) < 60


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
@pytest.mark.parametrize(
    ("orientation", "corner"), [(1, (0, 0)), (3, (1, 1)), (6, (1, 0)), (8, (0, 1))]
)
def test_a_picture_is_turned_as_its_camera_says(
    kind: str, orientation: int, corner: tuple[int, int]
) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    page = decode(saved(flagged(), kind, exif=exif))
    sides = (page.width, page.height)
    assert sides == ((800, 1000) if orientation in (1, 3) else (1000, 800))
    place = [side - 20 if at else 20 for at, side in zip(corner, sides, strict=True)]
    assert is_red(pixel(page, *place))


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "CMYK", "I;16", "I"])
def test_every_depth_of_colour_is_read(mode: str) -> None:
    source = Image.new("L", (900, 900), 255)
    source.paste(0, (0, 0, 450, 900))
    if mode == "I;16":
        picture = source.convert("I").point(lambda shade: shade * 257).convert("I;16")
    else:
        picture = source.convert(mode)
    page = decode(saved(picture, "TIFF"))
    assert max(pixel(page, 100, 400)) < 40
    assert min(pixel(page, 800, 400)) > 215


def test_what_can_be_seen_through_is_white() -> None:
    assert pixel(decode(saved(Image.new("RGBA", (800, 800), (0, 0, 0, 0)), "PNG")), 5, 5) == WHITE


def test_a_large_picture_is_made_smaller() -> None:
    page = decode(saved(shaded(90, (4000, 3000)), "JPEG"))
    assert page.width * page.height <= 1.01 * MAX_PIXELS
    assert page.scale == pytest.approx(4000 / page.width, rel=0.01)


@pytest.mark.parametrize(
    ("size", "scale"), [((1000, 1400), 1.0), ((500, 800), 1.4), ((100, 100), 2.0)]
)
def test_a_small_picture_is_enlarged(size: tuple[int, int], scale: float) -> None:
    assert fitting_scale(*size) == pytest.approx(scale)


def test_only_tiff_has_pages() -> None:
    with opened_picture(scanned([1, 2, 3], "TIFF"), filename="p") as picture:
        assert page_count(picture) == 3
    with opened_picture(scanned([1, 2, 3], "WEBP"), filename="p") as picture:
        assert page_count(picture) == 1


def test_each_page_is_decoded() -> None:
    data = scanned([10, 20, 30], "TIFF")
    assert [pixel(decode(data, page), 0, 0)[0] for page in (1, 2, 3)] == [10, 20, 30]


def test_a_bomb_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(FileTooLarge, match=r"p.png: has more than 80 million pixels"):
        decode(_png_of_size(30_000, 30_000))
    with pytest.raises(FileTooLarge, match="million pixels"):
        decode(_png_of_size(9_000, 9_000))


def _png_of_size(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        whole = kind + body
        return struct.pack(">I", len(body)) + whole + struct.pack(">I", zlib.crc32(whole))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP", "BMP"])
def test_a_damaged_picture_is_one_line(kind: str) -> None:
    noise = Image.effect_noise((500, 500), 90).convert("RGB")
    whole = saved(noise, kind)
    with pytest.raises(UnreadableFile, match=r"p.png: is a damaged picture") as caught:
        decode(whole[: len(whole) // 3])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "suffix", "media_type"),
    [
        ("PNG", "png", "image/png"),
        ("JPEG", "jpg", "image/jpeg"),
        ("TIFF", "tif", "image/tiff"),
        ("WEBP", "webp", "image/webp"),
        ("BMP", "bmp", "image/bmp"),
    ],
)
def test_a_picture_is_a_scan_of_one_page(kind: str, suffix: str, media_type: str) -> None:
    document = parsed(f"scan.{suffix}", saved(shaded(90), kind))
    assert (document.media_type, document.scans, document.blocks) == (media_type, (1,), ())


def test_a_picture_by_its_name_only_is_refused() -> None:
    with pytest.raises(IngestError, match=r"scan.png: is not a PNG file although its name says so"):
        parsed("scan.png", "text")


def test_a_picture_in_an_archive_is_named_as_not_read() -> None:
    document = parsed("all.zip", zipped(("a.png", saved(shaded(90), "PNG")), ("b.txt", b"words")))
    assert "- a.png (not read)" in document.blocks[0].text
