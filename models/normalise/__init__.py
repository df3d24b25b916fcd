"""One form for what two answers may write differently, in Chinese and English.

`normalise` is for comparing, not for reading: `十二天`, `12 days` and `twelve-day` all become
`12 day`. Two rules decide what is rewritten: it must be the same wherever it stands, since answer
and expectation are rewritten apart; and where a character may as well belong to a word (`一般`,
`三亚`, `统一`) it stays.
"""

from collections.abc import Callable
from typing import Final

from models.normalise.amounts import mark_ranges, read_quantities
from models.normalise.characters import join_thousands, unify_characters, unify_spaces
from models.normalise.chinese_numbers import read_chinese_numerals
from models.normalise.dates import read_dates, read_times, read_weekdays
from models.normalise.english_numbers import read_number_words

__all__ = ["normalise"]

_STEPS: Final[tuple[Callable[[str], str], ...]] = (
    unify_characters,
    unify_spaces,
    join_thousands,
    read_weekdays,
    read_number_words,
    read_times,
    read_chinese_numerals,
    read_dates,
    mark_ranges,
    read_quantities,
)


def normalise(text: str) -> str:
    """Bring a text to the form in which answers are compared.

    - Characters: NFKC, case folded, Traditional to Simplified Chinese, quotes and dashes alike, no
      emphasis marks, no spaces beside Chinese.
    - Numbers: no thousands separators; number words and Chinese numerals as digits where they are
      quantities; `1.5 万` and `15 thousand` written out; `百分之十五` as `15%`.
    - Dates `2025/m03/d01`, and `2025/m03`, `m03/d01`, `m03`, `2025/q3` for their parts; times
      `t15h00`; weekdays `monday`. The letters keep a bare `3` from matching a month.
    - Quantities: number, space, canonical unit (`12 day`, `500 cny`), but `15%`.
    - Ranges: `3~5 day`.

    What one spelling cannot tell stays ambiguous: `¥` is taken for yuan, `$` for US dollars, and
    since case is folded, `M` and `m` are one.
    """
    for step in _STEPS:
        text = step(text)
    return text.strip()
