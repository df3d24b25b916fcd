"""Known text drawn on pages as a printer would, and damaged as a scanner or a camera does."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

_DOTS: Final = 200
"""Per inch, the least that office scanners are set to."""
_PAGE: Final = (round(8.27 * _DOTS), round(11.69 * _DOTS))
_MARGIN: Final = _DOTS
_TEXT_POINTS: Final = 11
_LEADING: Final = 1.5
_POINTS: Final = 72
_SEED: Final = 20_25
_WHITE: Final = (255, 255, 255)
_INK: Final = (25, 25, 30)


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """A page and the text that was drawn on it, line by line."""

    picture: Image.Image
    text: str


def draw_pages(
    paragraphs: Sequence[str], font: Path, *, number: int = 0, columns: int = 1
) -> Iterator[DrawnPage]:
    """Yield A4 pages with paragraphs, set flush left in 11 points.

    Parameters
    ----------
    number
        Of the face in a collection of fonts.
    columns
        How many stand side by side on a page; text runs down one after the other.
    """
    size = round(_TEXT_POINTS * _DOTS / _POINTS)
    face = ImageFont.truetype(font, size, index=number)
    gutter = 2 * size
    width = (_PAGE[0] - 2 * _MARGIN - (columns - 1) * gutter) // columns
    step = round(size * _LEADING)
    rows = (_PAGE[1] - 2 * _MARGIN) // step
    lines = [line for each in paragraphs for line in [*_wrapped(each, face, width), ""]]
    for start in range(0, len(lines), rows * columns):
        picture = Image.new("RGB", _PAGE, _WHITE)
        pen = ImageDraw.Draw(picture)
        own = lines[start : start + rows * columns]
        for place, line in enumerate(own):
            column, row = divmod(place, rows)
            left = _MARGIN + column * (width + gutter)
            pen.text((left, _MARGIN + row * step), line, font=face, fill=_INK)
        yield DrawnPage(picture, "\n".join(own).strip())


def _wrapped(text: str, face: ImageFont.FreeTypeFont, width: int) -> Iterator[str]:
    """Yield lines that fit: between words, and in Chinese between any two characters."""
    line = ""
    for word in _words(text):
        if line and face.getlength((line + word).rstrip()) > width:
            yield line.rstrip()
            line = ""
        line += word
    yield line.rstrip()


def _words(text: str) -> Iterator[str]:
    word = ""
    for character in text:
        if ord(character) >= 0x2E80:  # noqa: PLR2004 - the first of the Chinese blocks
            if word:
                yield word
            word = ""
            yield character
        else:
            word += character
            if character == " ":
                yield word
                word = ""
    if word:
        yield word


def noised(picture: Image.Image) -> Image.Image:
    """Return a poor scan: blurred, grainy, unevenly lit, and compressed as JPEG."""
    soft = np.asarray(picture.filter(ImageFilter.GaussianBlur(1.2)), np.float32)
    chance = np.random.default_rng(_SEED)
    height, width = soft.shape[:2]
    light = np.linspace(0.6, 1.0, width, dtype=np.float32)[None, :, None]
    grain = chance.normal(0, 30, (height, width, 1)).astype(np.float32)
    specks = chance.random((height, width, 1)) < 0.0005  # noqa: PLR2004 - dust, one in 2,000
    grey = np.where(specks, 40, soft * light + grain)
    poor = Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))
    return recompressed(poor, quality=30)


def recompressed(picture: Image.Image, *, quality: int) -> Image.Image:
    """Return a picture after it was saved as JPEG."""
    saved = BytesIO()
    picture.save(saved, "JPEG", quality=quality)
    return Image.open(saved).convert("RGB")


def turned(picture: Image.Image, degrees: float) -> Image.Image:
    """Return a picture turned against the clock, its corners filled with white."""
    return picture.rotate(
        degrees, Image.Resampling.BICUBIC, expand=degrees % 90 == 0, fillcolor=_WHITE
    )


DAMAGES: Final[Mapping[str, Callable[[Image.Image], Image.Image]]] = MappingProxyType(
    {
        "clean": lambda picture: picture,
        "noised": noised,
        "tilted 3°, noised": lambda picture: noised(turned(picture, 3)),
        "turned 90°": lambda picture: turned(picture, 90),
        "turned 180°": lambda picture: turned(picture, 180),
        "turned 270°": lambda picture: turned(picture, 270),
    }
)
"""What is done to pages before they are read, by its name."""
