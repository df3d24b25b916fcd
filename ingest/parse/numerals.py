"""Numbers as Office programs write them before paragraphs: 12, xii, l, 十二, 第十二, ⑫."""

from collections.abc import Callable, Mapping
from typing import Final

Numeral = Callable[[int], str]

_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
    (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip
_MOST_ROMAN = 3999
_CHINESE = "零一二三四五六七八九"
_LEGAL_SIMPLIFIED = "零壹贰叁肆伍陆柒捌玖"
_LEGAL_TRADITIONAL = "零壹貳參肆伍陸柒捌玖"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_CIRCLES = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_PARENTHESES = "⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇"
_FULL_STOPS = "⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑⒒⒓⒔⒕⒖⒗⒘⒙⒚⒛"
_CHINESE_CIRCLES = "㊀㊁㊂㊃㊄㊅㊆㊇㊈㊉"
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_TEN, _HUNDRED = 10, 100
_TEN_THOUSAND = 10_000
_ALPHABET = 26
_LAST_LETTERS = 780
_TEENS = range(11, 14)


def roman(number: int) -> str:
    """Return a number in capital Roman numerals; one that they do not reach, in digits."""
    if not 0 < number <= _MOST_ROMAN:
        return str(number)
    letters = ""
    for value, sign in _ROMAN:
        letters += sign * (number // value)
        number %= value
    return letters


def letter(number: int) -> str:
    """Return A for 1 and Z for 26; Word goes on with AA, BB and so on, as far as 780."""
    if not 0 < number <= _LAST_LETTERS:
        return str(number)
    return chr(ord("A") + (number - 1) % _ALPHABET) * ((number - 1) // _ALPHABET + 1)


def chinese(number: int, *, digits: str = _CHINESE, units: str = "十百千") -> str:
    """Return a number in Chinese with its places named: 十二, 一百零三, 一万零五十."""
    if number < 0:
        return str(number)
    if number >= _TEN_THOUSAND:
        high, low = divmod(number, _TEN_THOUSAND)
        gap = digits[0] if 0 < low < _TEN_THOUSAND // _TEN else ""
        rest = _below_ten_thousand(low, digits, units) if low else ""
        return f"{chinese(high, digits=digits, units=units)}万{gap}{rest}"
    text = _below_ten_thousand(number, digits, units)
    return text.removeprefix("一") if text.startswith("一十") else text


def _below_ten_thousand(number: int, digits: str, units: str) -> str:
    """Return the places of a number; a run of zeros between two of them is one 零."""
    text, gap = "", False
    for place, digit in enumerate(reversed(str(number))):
        value = int(digit)
        if value:
            zero = digits[0] if gap else ""
            text = f"{digits[value]}{units[place - 1] if place else ''}{zero}{text}"
        gap = not value and bool(text)
    return text or digits[0]


def chinese_digits(number: int) -> str:
    """Return the digits of a number in Chinese: 一○三 for 103."""
    return "".join("○一二三四五六七八九"[int(digit)] for digit in str(abs(number)))


def _counting(number: int) -> str:
    """Return 十二 for 12 and 一○三 for 103: without a word for the hundreds."""
    return chinese(number) if 0 <= number < _HUNDRED else chinese_digits(number)


def _japanese(number: int) -> str:
    """Return 百三 for 103: neither 一 before a unit nor zeros."""
    text = chinese(number).replace("零", "") if number else "〇"
    return text.replace("一百", "百").replace("一千", "千").replace("一十", "十")


def _cyclic(signs: str) -> Numeral:
    return lambda number: signs[(number - 1) % len(signs)] if number > 0 else str(number)


def _listed(signs: str, *, beyond: Numeral = str) -> Numeral:
    return lambda number: signs[number - 1] if 0 < number <= len(signs) else beyond(number)


def _ordinal(number: int) -> str:
    last = 0 if number % _HUNDRED in _TEENS else number % _TEN
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(last, 'th') }"


def _none(_number: int) -> str:
    return ""


def _legal(digits: str) -> Numeral:
    return lambda number: chinese(number, digits=digits, units="拾佰仟")


NUMERALS: Final[Mapping[str, Numeral]] = {
    "bullet": _none,
    "none": _none,
    "decimal": str,
    "decimalZero": lambda number: f"{number:02d}",
    "decimalFullWidth": lambda number: str(number).translate(_FULL_WIDTH),
    "decimalFullWidth2": lambda number: str(number).translate(_FULL_WIDTH),
    "decimalEnclosedCircle": _listed(_CIRCLES),
    "decimalEnclosedCircleChinese": _listed(_CIRCLES),
    "decimalEnclosedParen": _listed(_PARENTHESES),
    "decimalEnclosedFullstop": _listed(_FULL_STOPS),
    "ordinal": _ordinal,
    "lowerLetter": lambda number: letter(number).lower(),
    "upperLetter": letter,
    "lowerRoman": lambda number: roman(number).lower(),
    "upperRoman": roman,
    "chineseCounting": _counting,
    "chineseCountingThousand": chinese,
    "chineseLegalSimplified": _legal(_LEGAL_SIMPLIFIED),
    "taiwaneseCounting": _counting,
    "taiwaneseCountingThousand": chinese,
    "taiwaneseDigital": chinese_digits,
    "ideographLegalTraditional": _legal(_LEGAL_TRADITIONAL),
    "ideographDigital": chinese_digits,
    "ideographTraditional": _cyclic(_STEMS),
    "ideographZodiac": _cyclic(_BRANCHES),
    "ideographEnclosedCircle": _listed(_CHINESE_CIRCLES, beyond=_counting),
    "japaneseCounting": _japanese,
    "japaneseDigitalTenThousand": chinese_digits,
    "japaneseLegal": _legal(_LEGAL_TRADITIONAL),
}
"""By the name of the format in the XML of Office (ISO 29500-1, 17.18.59 ST_NumberFormat)."""


def numeral(number: int, number_format: str) -> str:
    """Return a number as a format writes it; a format that is not known here, in digits."""
    return NUMERALS.get(number_format, str)(number)
