import re
from dataclasses import fields

import pytest

from app.ui.texts import EN, TEXTS, ZH, Texts

_NAMES = [field.name for field in fields(Texts)]
_SAME_IN_BOTH = {"passages_left_out"}


@pytest.mark.parametrize("name", _NAMES)
def test_every_text_exists_in_both_languages_and_takes_the_same_fields(name: str) -> None:
    chinese, english = getattr(ZH, name), getattr(EN, name)
    assert chinese.strip()
    assert english.strip()
    assert set(re.findall(r"{(\w*)}", chinese)) == set(re.findall(r"{(\w*)}", english))


@pytest.mark.parametrize("name", sorted(set(_NAMES) - _SAME_IN_BOTH))
def test_every_text_is_written_in_its_language(name: str) -> None:
    assert re.search("[\u4e00-\u9fff]", getattr(ZH, name))
    assert name == "language_name" or not re.search("[\u4e00-\u9fff，。：；？]", getattr(EN, name))


def test_both_languages_can_be_chosen() -> None:
    assert set(TEXTS) == {"zh", "en"}
