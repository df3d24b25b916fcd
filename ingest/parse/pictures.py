"""Decoding of picture files, within bounds that are checked before anything is decoded."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from math import sqrt
from typing import Final

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from ingest.errors import FileTooLarge, UnreadableFile
from ingest.records import PagePicture

MAX_PIXELS: Final = 3_200_000
"""Of a picture that is to be read: A4 at 185 dots per inch; time and memory grow with it."""
_MAX_DECODED_PIXELS: Final = 80_000_000
"""Of a picture in a file, an A3 page at 600 dots per inch: four bytes each are 320 MB."""
_FORMATS: Final = ("BMP", "JPEG", "PNG", "TIFF", "WEBP")
_PAGED: Final = "TIFF"
"""The one format whose further pictures are pages; others have animations and previews."""
_SMALL_SIDE: Final = 700
"""Pixels of the shorter side below which a picture is enlarged, up to this and twice at most."""
_MAX_ENLARGED: Final = 2.0
_WHITE: Final = (255, 255, 255)
_NUMBERS: Final = ("I", "F", "I;16", "I;16B", "I;16L")


@contextmanager
def opened_picture(data: bytes, *, filename: str) -> Iterator[Image.Image]:
    """Yield a picture of which only the head has been read.

    Raises
    ------
    UnreadableFile
        It is damaged.
    FileTooLarge
        It has too many pixels.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it is bounded below, and told of where it is damaged
            with Image.open(BytesIO(data), formats=_FORMATS) as picture:
                _check_size(picture, filename=filename)
                yield picture
    except Image.DecompressionBombError as error:
        raise _too_large(filename) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise UnreadableFile(
            f"{filename}: is a damaged picture ({error}); open it and save it again"
        ) from error


def page_count(picture: Image.Image) -> int:
    """Return how many pages it has."""
    return getattr(picture, "n_frames", 1) if picture.format == _PAGED else 1


def decoded_page(picture: Image.Image, number: int, *, filename: str) -> PagePicture:
    """Return a page as pixels: upright as its camera says, on white, within `MAX_PIXELS`.

    Raises
    ------
    FileTooLarge
        It has too many pixels; each page of a TIFF has its own size.
    """
    picture.seek(number - 1)
    _check_size(picture, filename=filename)
    factor = fitting_scale(picture.width, picture.height)
    width, height = (max(1, round(side * factor)) for side in picture.size)
    picture.draft("RGB", (width, height))  # a JPEG can be decoded at half its size, or less
    shown = _on_white(_reduced(picture, (width, height)))
    upright = ImageOps.exif_transpose(shown)
    return PagePicture(upright.width, upright.height, 1 / factor, upright.tobytes())


def fitting_scale(width: float, height: float) -> float:
    """Return by how much a picture is scaled: within bounds, and its letters not too small."""
    shrink = sqrt(MAX_PIXELS / (width * height))
    enlarge = max(1.0, min(_SMALL_SIDE / min(width, height), _MAX_ENLARGED))
    return min(shrink, enlarge)


def _check_size(picture: Image.Image, *, filename: str) -> None:
    if picture.width * picture.height > _MAX_DECODED_PIXELS:
        raise _too_large(filename)


def _too_large(filename: str) -> FileTooLarge:
    return FileTooLarge(
        f"{filename}: has more than {_MAX_DECODED_PIXELS // 1_000_000} million pixels; save it "
        "smaller, or cut it up"
    )


def _reduced(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Return a picture of a size, its shades as bytes."""
    if picture.mode in _NUMBERS:
        return _in_bytes(picture.convert("F").resize(size, Image.Resampling.BOX))
    if picture.size == size:
        return picture
    if picture.mode in {"1", "P", "PA"}:  # these have no shades to be averaged
        picture = picture.convert("L" if picture.mode == "1" else "RGBA")
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _in_bytes(picture: Image.Image) -> Image.Image:
    """Return numbers scaled so that the largest is white; a conversion would cut them off."""
    numbers = np.asarray(picture, np.float32).clip(min=0)
    return Image.fromarray((numbers * (255 / numbers.max(initial=1))).astype(np.uint8))


def _on_white(picture: Image.Image) -> Image.Image:
    """Return a picture in three colours; what can be seen through is white."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    ground = Image.new("RGB", picture.size, _WHITE)
    seen = picture.convert("RGBA")
    ground.paste(seen, mask=seen.getchannel("A"))
    ground.info = dict(picture.info)
    return ground
