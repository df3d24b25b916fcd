"""Scans to parse: pages that are nothing but a picture."""

from collections.abc import Sequence
from io import BytesIO

from PIL import Image

SMALL = (100, 140)


def shaded(shade: int, size: tuple[int, int] = SMALL) -> Image.Image:
    """Return a picture of one shade of grey."""
    return Image.new("RGB", size, (shade, shade, shade))


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    """Return a picture as a file."""
    buffer = BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def scanned(shades: Sequence[int], kind: str = "PDF") -> bytes:
    """Return a file of which each page is a picture of one shade."""
    first, *others = (shaded(shade) for shade in shades)
    return saved(first, kind, save_all=True, append_images=others)
