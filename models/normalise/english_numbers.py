"""English number words: `twelve hundred`, `two and a half hours`, `1.5 million`."""

import re
from typing import Final

from models.normalise.patterns import FREE, NUMBER, one_of, pattern
from models.normalise.units import ENGLISH_UNIT, SCALES, scaled

_SMALL: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
    "eighteen", "nineteen",
)  # fmt: skip
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORD_VALUES: Final = {word: value for value, word in enumerate(_SMALL)} | {
    word: 10 * tens for tens, word in enumerate(_TENS, start=2)
}
_BELOW_100 = rf"(?:(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(_SMALL[1:10])}))?|(?:{one_of(_SMALL)}))"
_BELOW_1000 = rf"{_BELOW_100}(?: hundred(?: (?:and )?{_BELOW_100})?)?"
_NUMBER_WORDS = pattern(
    rf"\b{_BELOW_1000}(?: (?:thousand|million|billion)(?:,? (?:and )?{_BELOW_1000})?)*\b"
)
_A_HUNDRED = pattern(r"\ban? (?=(?:hundred|thousand|million|billion)\b)")
_WITHIN_AN_HOUR = pattern(rf"\b(within|after|least|than) an? (?=(?:{ENGLISH_UNIT})\b)")
_AND_A_HALF = pattern(rf"\b(\d+|{one_of(_SMALL)}) and a half[ -](?=(?:{ENGLISH_UNIT})\b)")
_HALF_A = pattern(rf"\bhalf(?: an? |[ -])(?=(?:{ENGLISH_UNIT})\b)")
_THIRDS = pattern(r"\b(one|two)[ -]thirds?\b(?! part)")
_SCALED = pattern(rf"{FREE}({NUMBER})[ -]?(hundred|thousand|million|billion|trillion)\b")
_UNIT_AHEAD = pattern(rf"[ -](?:{ENGLISH_UNIT})\b")


def read_number_words(text: str) -> str:
    """Write number words as digits, and scales out: `fifteen thousand` as `15000`."""
    text = _THIRDS.sub(lambda match: f"{_WORD_VALUES[match[1]]}/3", text)
    text = _WITHIN_AN_HOUR.sub(r"\1 1 ", _A_HUNDRED.sub("one ", text))
    text = _AND_A_HALF.sub(lambda match: f"{_WORD_VALUES.get(match[1], match[1])}.5 ", text)
    text = _NUMBER_WORDS.sub(_number_words, _HALF_A.sub("0.5 ", text))
    return _SCALED.sub(lambda match: scaled(match[1], match[2]), text)


def _number_words(match: re.Match[str]) -> str:
    # `one` is mostly a pronoun, and `zero drift` is no quantity.
    if match[0] in {"zero", "one"} and not _UNIT_AHEAD.match(match.string, match.end()):
        return match[0]
    total = group = 0
    for word in re.findall("[a-z]+", match[0]):
        if word == "hundred":
            group *= 100
        elif word in SCALES:
            total, group = total + group * SCALES[word], 0
        else:
            group += _WORD_VALUES.get(word, 0)
    return str(total + group)
