"""Text in pictures: PP-OCRv6 (Chinese and English), run by `rapidocr` on the CPU.

The weights are files of the wheel that pip installed. They are checked by SHA-256 before they are
loaded and named by their path, so that `rapidocr` has nothing left to download.
"""

import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.disk import sha256_of
from models.errors import ModelUnsupported, WeightsCorrupt, WeightsMissing
from models.spec import WeightsFile

Box = NDArray[np.float32]
"""Four corners of a line, each its x and its y."""
Picture = NDArray[np.uint8]
"""Pixels by row, column and colour (red, green, blue)."""

WEIGHTS: Final[Mapping[str, WeightsFile]] = MappingProxyType(
    {
        "Det": WeightsFile(
            "PP-OCRv6_det_small.onnx",
            "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
            9_929_594,
        ),
        "Rec": WeightsFile(
            "PP-OCRv6_rec_small.onnx",
            "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
            21_234_383,
        ),
    }
)
"""The weights in `rapidocr==3.10.0` (Apache-2.0) by the part that they are for: finding lines and
reading them. The wheel's third, which tells lines that stand on their head, is not needed."""
_Text = tuple[str, float]
"""What is read in a line, and with how much confidence."""
_LEAST_CONFIDENCE: Final = 0.5
"""Confidence below which a line is no text but a stain, a frame or a picture."""
_SURE: Final = 0.9
"""Mean confidence from which on a page is upright; on its head it is read with about 0.6."""
_SAMPLE: Final = 5
"""Lines that decide whether a page stands on its head: the longest."""
_TALL: Final = 1.5
"""Height of a box in widths from which on its line runs up or down the page."""
_FINDING_PIXELS: Final = 1_300_000
"""Of the picture in which lines are looked for, A4 at 115 dots per inch; that takes 400 MB."""
_BAND_WIDTHS: Final = 20
"""Width of a picture in heights, and the other way round, beyond which nothing is looked for."""


class Point(NamedTuple):
    """A place in a picture, in pixels from its upper left corner."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class FoundLine:
    """A line of text, or a part of one.

    Attributes
    ----------
    corners
        Upper left, upper right, lower right and lower left, as it is read, in the turned picture.
    confidence
        Mean over its characters, in [0, 1].
    """

    text: str
    corners: tuple[Point, Point, Point, Point]
    confidence: float


@dataclass(frozen=True, slots=True)
class FoundText:
    """The lines of a picture.

    Attributes
    ----------
    quarter_turns
        By how many quarters of a turn, against the clock, the picture was turned to read it.
    """

    lines: tuple[FoundLine, ...]
    quarter_turns: int


class TextReader:
    """Finds and reads the lines of pictures; not to be shared between threads.

    Parameters
    ----------
    folder
        Of the weights; None for those of the installed wheel.

    Raises
    ------
    WeightsMissing, WeightsCorrupt
        The weights are not there, or other bytes.
    """

    def __init__(self, folder: Path | None = None) -> None:
        paths = checked_weights(folder or wheel_folder())
        import cv2  # noqa: PLC0415  (heavy, like the next)
        from rapidocr import RapidOCR  # noqa: PLC0415

        cv2.setNumThreads(1)
        self._engine: Any = RapidOCR(  # what it returns depends on what it is asked
            params={
                **{f"{part}.model_path": str(path) for part, path in paths.items()},
                "Global.log_level": "critical",
                "Global.use_preprocess_img": False,
                # Together, lines take the memory and the time of the longest one among them.
                "Rec.rec_batch_num": 1,
                # A narrow picture would be enlarged by its short side, to any length.
                "Det.limit_type": "max",
                "Det.limit_side_len": 1 << 20,
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            }
        )
        blank = np.full((64, 64, 3), 255, np.uint8)
        self._find(blank)  # else the models would be loaded with the first page, at its cost
        self._engine.recognize_txt([blank])

    def read(self, picture: Picture) -> FoundText:
        """Return the lines with enough confidence, of the picture turned upright.

        The order is that in which they were found; a few degrees of slope are left as they are.
        """
        height, width = picture.shape[:2]
        if not 1 / _BAND_WIDTHS <= width / height <= _BAND_WIDTHS:
            return FoundText((), 0)
        picture = np.ascontiguousarray(picture[:, :, ::-1])  # OpenCV has blue first
        turns, boxes = 0, self._find(picture)
        if _run_up(boxes):
            turns, picture = 1, np.ascontiguousarray(np.rot90(picture))
            boxes = self._find(picture)
        texts = self._recognise(picture, boxes)
        if texts and _mean_confidence(texts) < _SURE:
            over = np.ascontiguousarray(np.rot90(picture, 2))
            turned = [_turned_over(box, picture) for box in boxes]
            if self._reads_better(over, turned, texts):
                turns, boxes = turns + 2, turned
                texts = self._recognise(over, turned)
        return FoundText(tuple(_lines(boxes, texts)), turns)

    def _find(self, picture: Picture) -> list[Box]:
        """Return where lines are, found in a smaller picture: reading takes the sharper one."""
        import cv2  # noqa: PLC0415

        height, width = picture.shape[:2]
        scale = min(1.0, sqrt(_FINDING_PIXELS / (width * height)))
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        found = self._engine(small, use_det=True, use_cls=False, use_rec=False).boxes
        return [] if found is None else [np.asarray(box, np.float32) / scale for box in found]

    def _recognise(self, picture: Picture, boxes: Sequence[Box]) -> list[_Text]:
        if not boxes:
            return []
        found = self._engine.recognize_txt(self._engine.crop_text_regions(picture, boxes))
        return list(zip(found.txts, map(float, found.scores), strict=True))

    def _reads_better(self, over: Picture, turned: Sequence[Box], texts: Sequence[_Text]) -> bool:
        """Tell whether the longest lines are read with more confidence when turned over."""
        longest = sorted(range(len(turned)), key=lambda place: -_width(turned[place]))[:_SAMPLE]
        there = self._recognise(over, [turned[place] for place in longest])
        return _mean_confidence(there) > _mean_confidence([texts[place] for place in longest])


def wheel_folder() -> Path:
    """Return where the installed wheel has its weights, without importing it.

    Raises
    ------
    ModelUnsupported
        It is not installed.
    """
    found = importlib.util.find_spec("rapidocr")
    if found is None or found.origin is None:
        raise ModelUnsupported(
            "the package rapidocr, which reads scans, is not installed: install Zhiku again, or "
            "set ocr.enabled to false"
        )
    return Path(found.origin).parent / "models"


def checked_weights(folder: Path) -> dict[str, Path]:
    """Return the files of the weights by their part.

    Raises
    ------
    WeightsMissing, WeightsCorrupt
        One of them is not there, or has other bytes.
    """
    for weights in WEIGHTS.values():
        path = folder / weights.name
        if not path.is_file():
            raise WeightsMissing(f"{path} is missing: install the package rapidocr again")
        if path.stat().st_size != weights.size_bytes or sha256_of(path) != weights.sha256:
            raise WeightsCorrupt(
                f"{path} does not hold the expected bytes: install the package rapidocr again in "
                "the version of constraints.txt"
            )
    return {part: folder / weights.name for part, weights in WEIGHTS.items()}


def _lines(boxes: Sequence[Box], texts: Sequence[_Text]) -> Iterator[FoundLine]:
    for box, (text, confidence) in zip(boxes, texts, strict=True):
        if text.strip() and confidence >= _LEAST_CONFIDENCE:
            first, second, third, fourth = (Point(float(x), float(y)) for x, y in box)
            yield FoundLine(text, (first, second, third, fourth), confidence)


def _run_up(boxes: Sequence[Box]) -> bool:
    """Tell whether most of the text, by its length, runs up or down."""
    tall = sum(_height(box) for box in boxes if _height(box) >= _TALL * _width(box))
    return tall > sum(_width(box) for box in boxes if _height(box) < _TALL * _width(box))


def _width(box: Box) -> float:
    return float(np.ptp(box[:, 0]))


def _height(box: Box) -> float:
    return float(np.ptp(box[:, 1]))


def _turned_over(box: Box, picture: Picture) -> Box:
    """Return where a line is after half a turn, its upper left corner first again."""
    height, width = picture.shape[:2]
    return np.roll(np.array([width, height], np.float32) - box, 2, axis=0)


def _mean_confidence(texts: Sequence[_Text]) -> float:
    """Return the mean by character."""
    characters = sum(len(text) for text, _ in texts)
    return sum(len(text) * score for text, score in texts) / max(characters, 1)
