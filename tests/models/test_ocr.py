"""The weights are checked before they are loaded; what is found stands where it should."""

from pathlib import Path

import numpy as np
import pytest

from models.errors import WeightsCorrupt, WeightsMissing
from models.ocr import WEIGHTS, TextReader, checked_weights, wheel_folder

WHITE = np.full((200, 300, 3), 255, np.uint8)


def test_the_wheel_holds_the_weights() -> None:
    assert set(checked_weights(wheel_folder())) == {"Det", "Rec"}


def test_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"PP-OCRv6_det_small\.onnx is missing"):
        TextReader(tmp_path)


def test_other_bytes_of_the_same_length_are_refused(tmp_path: Path) -> None:
    for weights in WEIGHTS.values():
        (tmp_path / weights.name).write_bytes(bytes(weights.size_bytes))
    with pytest.raises(WeightsCorrupt, match=r"PP-OCRv6_det_small\.onnx does not hold"):
        TextReader(tmp_path)


@pytest.mark.real
def test_nothing_is_found_on_an_empty_page_or_in_a_band() -> None:
    reader = TextReader()
    assert reader.read(WHITE).lines == ()
    assert reader.read(np.zeros((4, 4000, 3), np.uint8)).lines == ()
