"""Known text is read again, clean and damaged, in both languages and all directions."""

from functools import cache
from pathlib import Path

import pytest
from PIL import Image

from eval.errors import EvalError
from eval.ocr.__main__ import MOST_CLEAN, MOST_DAMAGED
from eval.ocr.distance import error_rate
from eval.ocr.measure import pages_of, read_page
from eval.ocr.paper import DAMAGES, draw_pages
from models.ocr import TextReader

FONT = Path(__file__).parents[2] / "data" / "samples" / "fonts" / "wqy-microhei-gb2312.ttf"


@pytest.mark.parametrize(
    ("read", "truth", "rate"),
    [
        ("年假 5 天", "年假5天", 0.0),
        ("（年假）", "(年假)", 0.0),
        ("年假6天", "年假5天", 0.25),
        ("年假", "年假5天", 0.5),
        ("annual leaves", "annual leave", 1 / 11),
        ("", "leave", 1.0),
        ("abc", "", 3.0),
    ],
)
def test_the_error_rate_counts_edits(read: str, truth: str, rate: float) -> None:
    assert error_rate(read, truth) == pytest.approx(rate)


def test_all_text_is_drawn_on_as_many_pages_as_it_takes() -> None:
    pages = list(draw_pages(["年假共十天。" * 300, "Annual leave is ten days. " * 90], FONT))
    assert len(pages) > 1
    assert error_rate("".join(page.text for page in pages), "年假共十天。" * 300
                      + "Annual leave is ten days." * 90) == 0  # fmt: skip


def test_lines_stay_within_the_margins() -> None:
    (page,) = draw_pages(["年假共十天。" * 30, "Annual leave is ten days. " * 9], FONT, columns=2)
    inked = Image.eval(page.picture.convert("L"), lambda shade: 255 - shade).getbbox()
    assert inked is not None
    assert inked[0] >= 140
    assert inked[2] <= page.picture.width - 140


def test_damage_is_the_same_every_time() -> None:
    (page,) = draw_pages(["年假"], FONT)
    for name, damage in DAMAGES.items():
        assert damage(page.picture).tobytes() == damage(page.picture).tobytes()
        assert name == "clean" or damage(page.picture) != page.picture


@cache
def _reader() -> TextReader:
    return TextReader()


@pytest.mark.real
@pytest.mark.parametrize("language", ["zh", "zh-Hant", "en"])
@pytest.mark.parametrize("damage", list(DAMAGES))
def test_drawn_text_is_read_again(language: str, damage: str) -> None:
    try:
        (page,) = pages_of(language, most=1)
    except EvalError as error:
        pytest.skip(str(error))
    read = read_page(DAMAGES[damage](page.picture), _reader())
    assert error_rate(read.text, page.text) <= (MOST_CLEAN if damage == "clean" else MOST_DAMAGED)


@pytest.mark.real
def test_columns_are_read_one_after_the_other() -> None:
    (page,) = pages_of("en", most=1, columns=2)
    assert error_rate(read_page(page.picture, _reader()).text, page.text) <= MOST_CLEAN
