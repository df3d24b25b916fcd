"""Chinese numerals, where they are quantities: `三千五百`, `1.5 万`, `百分之十五`, `两天半`."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from models.normalise.patterns import NUMBER, pattern, plain, put
from models.normalise.units import CHINESE_UNIT, NOT_BEFORE

_DIGITS: Final[Mapping[str, int]] = {
    digit: value for value, digit in enumerate("零一二三四五六七八九")
} | {"〇": 0, "两": 2}
_MULTIPLIERS: Final[Mapping[str, int]] = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
_LONGEST_NUMERAL: Final = 40
_FORMAL = str.maketrans("壹贰叁参肆伍陆柒捌玖拾佰仟", "一二三三四五六七八九十百千")
# As on invoices; elsewhere `陆` and `伍` are names.
_FORMAL_AMOUNT = pattern(r"[壹贰叁参肆伍陆柒捌玖拾佰仟零万亿]{2,}(?=[元圆])")
ONE_TO_TEN = "一二三四五六七八九两十"
_NUMERALS = "零〇一二三四五六七八九两十百千万亿"
# `一` that opens a word ends no number: `三十一般`.
_DIGIT = r"(?:[零〇二三四五六七八九两]|一(?![般定律些样起直切致旦并边方]))"
# Not the thousand of `千克`; `三千米` is three thousand metres, but `3千米` is 3 km.
_MULTIPLIER = r"(?:[十万亿]|百(?![帕分])|千(?![克瓦帕伏赫欧])(?!(?<=\d千)米))"
_INTEGER = rf"(?:{NUMBER}|{_DIGIT}|{_MULTIPLIER})+"
# A word ends in this `一`: `统一百货`, `同一天`.
_WORD_WITH_ONE = "(?<![统唯单同专另之哪某任万])"
_NOT_IN_NUMERAL = rf"(?<![几数点{_NUMERALS}])"
_UNIT_OR_RANK = rf"(?:{CHINESE_UNIT}|季度|日|月(?![{NOT_BEFORE['月']}])|级|类|倍)"
_MEASURE_WORD = "[个只名位条项种台份件家张本页章节款套批期轮步处间栋座室组届版号所门颗箱]"
_COUNTED = rf"(?:{_UNIT_OR_RANK}|{_MEASURE_WORD})"
_PERCENT = pattern(rf"百分之(百|{_INTEGER}(?:点{_DIGIT}+)?)")
_PER_MILLE = pattern(rf"千分之({_INTEGER}(?:点{_DIGIT}+)?)")
_FRACTION = pattern(rf"({_INTEGER})分之({_INTEGER})")
_DECIMAL = pattern(rf"({_INTEGER})点({_DIGIT}+)(?=[百千万亿倍%]|{CHINESE_UNIT})")
_POSITIONAL = pattern(rf"(?<![\d点{_NUMERALS}])[零〇一二三四五六七八九]{{4,}}(?![\d点{_NUMERALS}])")
_RUN = pattern(
    rf"(?:(?<![\w.])(?<!\w[./-])(?<!\d:){NUMBER}(?={_MULTIPLIER})"
    rf"|{_NOT_IN_NUMERAL}(?:{_WORD_WITH_ONE}一|[二三四五六七八九两十]))"
    rf"{_INTEGER}(?!几)"
)
_SINGLE = pattern(
    rf"{_NOT_IN_NUMERAL}(?:[二三四五六七八九两十](?={_COUNTED})"
    # `一个` is an article more often than a count.
    rf"|{_WORD_WITH_ONE}一(?={_UNIT_OR_RANK})|(?<=第)一(?={_MEASURE_WORD})"
    rf"|[{ONE_TO_TEN}](?=[至到~-]{_INTEGER}{_COUNTED}))"
)
_HALF_UNIT = r"(?:天|年(?!度)|个月|个?小时|个?钟头|个?星期|个工作日)"
_HALF = pattern(rf"(?<![上下前后大多小个\d{ONE_TO_TEN}])半(?={_HALF_UNIT})")
_MEASURE_AND_HALF = pattern(rf"(\d+|[{ONE_TO_TEN}])个半(?=小时|月|钟头|星期|工作日)")
_UNIT_AND_HALF = pattern(rf"(?<![\d.第])(\d+)({_HALF_UNIT})半(?![价径导成数途夜路])")
_BELOW_ZERO = pattern(rf"零下(?={NUMBER})")


def read_chinese_numerals(text: str) -> str:
    """Write Chinese numerals as digits where they are quantities."""
    text = _FORMAL_AMOUNT.sub(lambda match: match[0].translate(_FORMAL), text)
    text = _PERCENT.sub(lambda match: _with_sign(match, "%"), text)
    text = _PER_MILLE.sub(lambda match: _with_sign(match, "‰"), text)
    text = _FRACTION.sub(_fraction, text)
    text = _MEASURE_AND_HALF.sub(lambda match: f"{_small(match[1])}.5个", text)
    text = _HALF.sub("0.5", _DECIMAL.sub(_decimal, text))
    text = _POSITIONAL.sub(lambda match: _in_digits(match[0]), text)
    text = _RUN.sub(_run, text)
    text = _SINGLE.sub(lambda match: put(match, _small(match[0])), text)
    return _BELOW_ZERO.sub("-", _UNIT_AND_HALF.sub(r"\1.5\2", text))


def _small(digit: str) -> str:
    return "10" if digit == "十" else str(_DIGITS.get(digit, digit))


def _with_sign(match: re.Match[str], sign: str) -> str:
    whole, _, decimals = match[1].partition("点")
    value = Decimal(100) if whole == "百" else chinese_value(whole)
    written = "" if value is None else plain(value) + "." * bool(decimals) + _in_digits(decimals)
    # `1.5点五` is no number.
    is_number = re.fullmatch(NUMBER, written)
    return put(match, f"{plain(Decimal(written))}{sign}") if is_number else match[0]


def _fraction(match: re.Match[str]) -> str:
    below, above = chinese_value(match[1]), chinese_value(match[2])
    if below is None or above is None:
        return match[0]
    return put(match, f"{plain(above)}/{plain(below)}")


def _decimal(match: re.Match[str]) -> str:
    whole = chinese_value(match[1])
    return match[0] if whole is None else f"{plain(whole)}.{_in_digits(match[2])}"


def _run(match: re.Match[str]) -> str:
    if len(match[0]) == 1 or not set(match[0]) & _MULTIPLIERS.keys():
        return match[0]
    value = chinese_value(match[0])
    return match[0] if value is None else put(match, plain(value))


def _in_digits(numeral: str) -> str:
    return "".join(str(_DIGITS.get(each, each)) for each in numeral)


def chinese_value(numeral: str) -> Decimal | None:
    """Read `三千五百`, `1.5万`, `3万5千`, `两万五`, `12`; None for what is no single number."""
    if len(numeral) > _LONGEST_NUMERAL:
        return None
    for multiplier in "亿万千百十":
        head, found, tail = numeral.rpartition(multiplier)
        if found:
            scale = _MULTIPLIERS[multiplier]
            before, after = _head_value(head, scale), _tail_value(tail, scale)
            return None if before is None or after is None else before * scale + after
    if numeral in _DIGITS:
        return Decimal(_DIGITS[numeral])
    # Two digits side by side are two numbers: `十五六` is fifteen or sixteen.
    return Decimal(numeral) if re.fullmatch(NUMBER, numeral) else None


def _head_value(head: str, scale: int) -> Decimal | None:
    if not head:
        return Decimal(1) if scale == _MULTIPLIERS["十"] else None  # not `万一`, `百般`
    value = chinese_value(head)
    # A number below ten before `十百千`, below ten thousand before `万`: not `五百三千`.
    limit = {10**4: 10**4, 10**8: 10**12}.get(scale, 10)
    return value if value is not None and value < limit else None


def _tail_value(tail: str, scale: int) -> Decimal | None:
    digits = tail.lstrip("零〇")
    value = chinese_value(digits) if digits else Decimal(0)
    if value is None or value >= scale:
        return None
    if digits == tail and digits in _DIGITS and scale > _MULTIPLIERS["十"]:
        return value * scale / 10  # `两万五`
    ambiguous = digits == tail and digits.isascii() and digits and value * 10 < scale  # `1万5`
    return None if ambiguous else value
