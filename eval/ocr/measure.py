"""Reading drawn pages as the ingest does, and comparing what comes out of it."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from typing import Final

from PIL import Image

from eval.ocr.distance import error_rate
from eval.ocr.paper import DAMAGES, DrawnPage, draw_pages
from eval.ocr.texts import LANGUAGES, checked_font, paragraphs
from ingest.ocr.lines import read_picture
from ingest.parse.picture import parse_picture
from ingest.parse.pictures import decoded_page, opened_picture
from models.ocr import TextReader

_NAME: Final = "page.png"


@dataclass(frozen=True, slots=True)
class Measured:
    """Pages of one language that were damaged in one way.

    Attributes
    ----------
    error_rate
        Edits by characters of the truth, all pages together.
    seconds
        Of processor time on one core, a page.
    confidence
        Mean of the pages' blocks.
    """

    language: str
    damage: str
    pages: int
    error_rate: float
    seconds: float
    confidence: float


@dataclass(frozen=True, slots=True)
class ReadPage:
    """One page after it was read."""

    text: str
    seconds: float
    confidence: float


def pages_of(language: str, *, most: int, columns: int = 1) -> list[DrawnPage]:
    """Return drawn pages of a language; `EvalError` where its font is not installed."""
    drawn = draw_pages(
        paragraphs(language),
        checked_font(language),
        number=LANGUAGES[language].face,
        columns=columns,
    )
    return list(islice(drawn, most))


def measure(
    languages: Iterable[str], damages: Sequence[str], reader: TextReader, *, most: int
) -> Iterator[Measured]:
    """Yield what comes out for each language and damage, from `most` pages each."""
    for language in languages:
        pages = pages_of(language, most=most)
        for damage in damages:
            read = [read_page(DAMAGES[damage](page.picture), reader) for page in pages]
            yield Measured(
                language=language,
                damage=damage,
                pages=len(pages),
                error_rate=error_rate(
                    "".join(page.text for page in read), "".join(page.text for page in pages)
                ),
                seconds=sum(page.seconds for page in read) / len(read),
                confidence=sum(page.confidence for page in read) / len(read),
            )


def read_page(picture: Image.Image, reader: TextReader) -> ReadPage:
    """Read a picture as that of a file."""
    saved = BytesIO()
    picture.save(saved, "PNG")
    began = time.process_time()
    with opened_picture(saved.getvalue(), filename=_NAME) as opened:
        reading = read_picture(decoded_page(opened, 1, filename=_NAME), reader.read)
    blocks = parse_picture(saved.getvalue(), _NAME, {1: reading}).blocks
    confidences = [block.recognised.confidence for block in blocks if block.recognised]
    return ReadPage(
        text="\n".join(block.text for block in blocks),
        seconds=time.process_time() - began,
        confidence=sum(confidences) / max(len(confidences), 1),
    )
