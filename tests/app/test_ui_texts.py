import re
from dataclasses import fields
from typing import get_args

import pytest

from app.messages import Lang
from app.ui.filter_texts import FILTER_TEXTS, FilterTexts
from app.ui.texts import EN, TEXTS, ZH, Texts
from stores.records import DocType

_NAMES = [field.name for field in fields(Texts)]
_FILTER_NAMES = [field.name for field in fields(FilterTexts)]
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


@pytest.mark.parametrize("name", _FILTER_NAMES)
def test_every_text_about_filters_is_written_in_both_languages(name: str) -> None:
    chinese, english = (getattr(FILTER_TEXTS[lang], name) for lang in get_args(Lang))
    assert re.search("[\u4e00-\u9fff]", chinese)
    assert not re.search("[\u4e00-\u9fff，。：；？]", english)
    assert set(re.findall(r"{(\w*)}", chinese)) == set(re.findall(r"{(\w*)}", english))


@pytest.mark.parametrize("lang", get_args(Lang))
def test_every_type_and_language_of_documents_has_a_name(lang: Lang) -> None:
    texts = FILTER_TEXTS[lang]
    assert len({texts.kind(kind) for kind in DocType}) == len(DocType)
    assert len({texts.lang(each) for each in get_args(Lang)}) == len(get_args(Lang))


def test_both_languages_can_be_chosen() -> None:
    assert set(TEXTS) == {"zh", "en"}
