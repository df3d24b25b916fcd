import string

import pytest

from app.api.errors import INTERNAL, TABLE
from app.messages import MESSAGES, message, preferred_lang


@pytest.mark.parametrize("code", MESSAGES)
def test_every_code_has_one_line_with_the_same_fields_in_both_languages(code: str) -> None:
    texts = MESSAGES[code]

    def fields(text: str) -> set[str]:
        return {field for _, field, _, _ in string.Formatter().parse(text) if field}

    assert fields(texts.en) == fields(texts.zh)
    assert "\n" not in texts.en + texts.zh
    assert any("\u4e00" <= character <= "\u9fff" for character in texts.zh)


def test_every_error_of_the_table_has_a_message() -> None:
    assert {problem.code for problem in (*TABLE.values(), INTERNAL)} <= MESSAGES.keys()


def test_fields_are_filled_in() -> None:
    assert "2001 characters, at most 2000" in message(
        "question_too_long", "en", length=2001, limit=2000
    )
    assert "2001 个字符" in message("question_too_long", "zh", length=2001, limit=2000)


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        (None, "en"),
        ("", "en"),
        ("zh", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("zh-Hant-TW", "zh"),
        ("en-GB,zh;q=0.5", "en"),
        ("fr, zh;q=0.3, en;q=0.2", "zh"),
        ("zh;q=0, en", "en"),
        ("zh;q=nonsense", "en"),
        ("*", "en"),
    ],
)
def test_the_language_is_the_better_ranked_of_the_two(header: str | None, lang: str) -> None:
    assert preferred_lang(header) == lang
