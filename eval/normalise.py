"""One form for what two answers may write differently, in Chinese and English.

`normalise` is for comparing, not for reading: `十二天`, `12 days` and `twelve-day` all become
`12 day`. Two rules decide what is rewritten: it must be the same wherever it stands, since answer
and expectation are rewritten apart; and where a character may as well belong to a word (`一般`,
`三亚`, `统一`) it stays.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Final

from models.chinese import to_simplified

_CJK = r"\u3001-\u303f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
# Possessive: a number that could be cut anywhere would make repetitions of it exponential.
_NUMBER = r"\d++(?:\.\d++)?+"
# Not within a word, a code, a decimal, a fraction or an ordinal: `E5`, `TP-5`, `1.5`, `1/5`, `第5`.
_FREE = r"(?<![\w第])(?<!\w[./-])(?<!\d:)"


def _pattern(text: str) -> re.Pattern[str]:
    # ASCII, so that a word boundary lies between Chinese and Latin: `在june`.
    return re.compile(text, re.ASCII)


def _one_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


# --- Tables -------------------------------------------------------------------------------------

# Canonical name: other names, in lower case and Simplified Chinese. The canonical names hold no
# digit, else they would count as codes, and none starts with another and a slash (`m`, `m/s`).
_UNIT_NAMES: Final[Mapping[str, str]] = {
    "day": "days 天",
    "workday": "workdays working_days working_day business_days business_day 工作日 个工作日",
    "calendarday": "calendar_days calendar_day 自然日 个自然日 日历日 日历天",
    "week": "weeks wk wks 周 星期 个星期 礼拜 个礼拜",
    "month": "months 个月",
    "quarter": "quarters 个季度",
    "year": "years yr yrs 年",
    "yearold": "years_old year-old years-old 岁 周岁",
    "hour": "hours hr hrs h 小时 个小时 钟头 个钟头",
    "workhour": "working_hours business_hours 工作小时 个工作小时",
    "minute": "minutes min mins 分钟",
    "second": "seconds sec secs s 秒 秒钟",
    "ms": "milliseconds millisecond 毫秒",
    "night": "nights 晚",
    "time": "times 次",
    "person": "persons people 人",
    "floor": "th_floor st_floor nd_floor rd_floor /f 楼 层",
    "cny": "yuan rmb renminbi 元 圆 元整 圆整 块钱 人民币 元人民币",
    "usd": "us_dollars us_dollar u.s._dollars dollars dollar 美元 美金",
    "hkd": "hong_kong_dollars hong_kong_dollar hk_dollars 港币 港元",
    "eur": "euros euro 欧元",
    "gbp": "pounds_sterling 英镑",
    "jpy": "yen 日元",
    "%": "percent per_cent pct",
    "‰": "per_mille permille",
    "pp": "percentage_points percentage_point 百分点 个百分点",
    "°c": "degrees_celsius degree_celsius degrees_c deg_c celsius 摄氏度",
    "°f": "degrees_fahrenheit degree_fahrenheit fahrenheit 华氏度",
    "°": "degrees degree 度",
    "pa": "pascals pascal 帕 帕斯卡",
    "hpa": "百帕",
    "kpa": "kilopascals kilopascal 千帕",
    "mpa": "megapascals megapascal 兆帕",
    "bar": "bars 巴",
    "mbar": "millibars millibar 毫巴",
    "psi": "",
    "a": "amps amp amperes ampere 安 安培",
    "ma": "milliamps milliamp milliamperes milliampere 毫安",
    "v": "volts volt 伏 伏特",
    "mv": "millivolts millivolt 毫伏",
    "kv": "kilovolts kilovolt 千伏",
    "w": "watts watt 瓦 瓦特",
    "kw": "kilowatts kilowatt 千瓦",
    "kwh": "kilowatt-hours kilowatt_hours 千瓦时 度电",
    "hz": "hertz 赫兹 赫",
    "khz": "kilohertz 千赫",
    "mhz": "megahertz 兆赫",
    "ω": "ohms ohm 欧姆 欧",
    "kω": "kiloohms kilohms 千欧",
    "mω": "megaohms megohms 兆欧",
    "db": "decibels decibel 分贝",
    "μm": "microns micron micrometres micrometers 微米",
    "mm": "millimetres millimetre millimeters millimeter 毫米",
    "cm": "centimetres centimetre centimeters centimeter 厘米 公分",
    "m": "metres metre meters meter 米",
    "km": "kilometres kilometre kilometers kilometer 公里 千米",
    "inch": "inches 英寸",
    "mps": "m/s 米/秒 米每秒",
    "kmph": "km/h 公里/小时 千米/小时 公里每小时",
    "sqm": "m2 square_metres square_meters 平方米 平米",
    "cbm": "m3 cubic_metres cubic_meters 立方米",
    "cbmph": "m3/h 立方米/小时 立方米每小时",
    "l": "litres litre liters liter 升",
    "ml": "millilitres milliliters 毫升",
    "g": "grams gram 克",
    "mg": "milligrams milligram 毫克",
    "kg": "kgs kilograms kilogram kilos 公斤 千克",
    "t": "tonnes tonne tons ton 吨",
    "kb": "kilobytes",
    "mb": "megabytes 兆字节",
    "gb": "gigabytes",
    "tb": "terabytes",
    "rpm": "r/min 转/分 转/分钟 转每分 转每分钟",
}
_UNITS: Final[Mapping[str, str]] = {
    name.replace("_", " "): canonical
    for canonical, names in _UNIT_NAMES.items()
    for name in (canonical, *names.split())
}
# What makes another word of a unit: `5 年级`, `3 天津`, `2 次品`.
_NOT_BEFORE: Final[Mapping[str, str]] = {
    "年": "级代度份龄报",
    "天": "津线猫然气窗花空河",
    "周": "年边围末",
    "月": "饼球薪",
    "元": "旦素件器宵首化论",
    "人": "民均次员才力工事口",
    "次": "日年级要品数性",
    "米": "饭粉粒兰",
    "克": "服隆拉",
    "升": "级职温降压",
    "安": "全装排徽静检",
    "伏": "击",
    "瓦": "斯片",
    "巴": "士西",
    "度": "假量过数日",
    "秒": "表杀",
    "楼": "梯宇盘道",
    "层": "级次",
    "晚": "上间会餐宴点于报",
    "帕": "金",
    "欧": "洲盟",
    "吨": "位",
    "岁": "月末",
}
_CURRENCIES: Final[Mapping[str, str]] = {
    "us$": "usd", "$": "usd", "usd": "usd", "美元": "usd",
    "hk$": "hkd", "hkd": "hkd", "港币": "hkd", "港元": "hkd",
    "¥": "cny", "rmb": "cny", "cny": "cny", "人民币": "cny",
    "€": "eur", "eur": "eur", "£": "gbp", "gbp": "gbp",
}  # fmt: skip
_SCALES: Final[Mapping[str, int]] = {
    "hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "k": 10**3, "m": 10**6, "mn": 10**6, "bn": 10**9,
}  # fmt: skip
_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_WEEKDAYS: Final = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip


def _guarded(unit: str) -> str:
    if unit[-1].isascii():
        return re.escape(unit) + ("(?![a-z0-9])" if unit[-1].isalnum() else "")
    barred = _NOT_BEFORE.get(unit[-1])
    return re.escape(unit) + (f"(?![{barred}])" if barred else "")


_UNIT = "|".join(_guarded(unit) for unit in sorted(_UNITS, key=lambda unit: (-len(unit), unit)))
_CHINESE_UNIT = "|".join(
    _guarded(unit)
    for unit in sorted(_UNITS, key=lambda unit: (-len(unit), unit))
    # One character each, these are parts of words too often to tell what stands before them.
    if not unit.isascii() and unit not in set("安伏瓦巴度帕欧赫圆") | set("°‰ω")
)
_ENGLISH_UNIT = _one_of(unit for unit in _UNITS if unit.isascii() and len(unit) > 1)


# --- Characters ---------------------------------------------------------------------------------

_BEFORE_NFKC = str.maketrans({"º": "°", "˚": "°", "¼": ".25", "½": ".5", "¾": ".75"})
_AFTER_NFKC = str.maketrans(
    dict.fromkeys("‐‑‒–−﹣", "-")
    | dict.fromkeys("〜∼～", "~")
    | dict.fromkeys("‘’′", "'")
    | dict.fromkeys("“”″", '"')
    | dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad`")
)
# Between digits these separate, unlike their ASCII forms: `1，200`, `E04：3 次`; but `9：30`.
_FULL_WIDTH = _pattern(r"(?<=[0-9])([，：])(?=[0-9])(?!(?<=：)[0-5][0-9](?![0-9]))")
_VULGAR_FRACTION = _pattern(r"(?<![0-9])(?=[¼½¾])")
_SUPERSCRIPT = _pattern(r"(?<=[0-9])(?=[²³¹⁰⁴⁵⁶⁷⁸⁹])")
_THIN_SPACE = _pattern(r"(?<=[0-9])[\u00a0\u2009\u202f](?=[0-9]{3}(?![0-9]))")
_DASH = _pattern(r"[—―]+")
_EMPHASIS = _pattern(r"\*\*")
_SPACES = re.compile(r"\s+")
_CHINESE_SPACE = _pattern(rf"(?<=[{_CJK}]) | (?=[{_CJK}])")
_THOUSANDS = _pattern(r"(?<![\w.])\d{1,3}(?:,\d{3})+(?!\d|,\d)")


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


def _unify_characters(text: str) -> str:
    text = _FULL_WIDTH.sub(r"\1 ", _THIN_SPACE.sub("", text))
    text = _SUPERSCRIPT.sub("^", _VULGAR_FRACTION.sub("0", text)).translate(_BEFORE_NFKC)
    text = unicodedata.normalize("NFKC", text).casefold()
    text = to_simplified(unicodedata.normalize("NFKC", text)).translate(_AFTER_NFKC)
    return _DASH.sub(" - ", _EMPHASIS.sub("", text))


def _unify_spaces(text: str) -> str:
    return _CHINESE_SPACE.sub("", _SPACES.sub(" ", text))


def _join_thousands(text: str) -> str:
    return _THOUSANDS.sub(lambda match: match[0].replace(",", ""), text)


def _put(match: re.Match[str], token: str) -> str:
    """Return the token, with a space where a letter or digit is right beside the match."""
    before = match.string[max(0, match.start() - 1) : match.start()]
    after = match.string[match.end() : match.end() + 1]
    return f"{' ' * _is_word(before)}{token}{' ' * _is_word(after)}"


def _is_word(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _plain(value: Decimal) -> str:
    """Write a number without exponent and without zeros that say nothing."""
    written = f"{value:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


# --- English number words -----------------------------------------------------------------------

_SMALL: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
    "eighteen", "nineteen",
)  # fmt: skip
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORD_VALUES: Final = {word: value for value, word in enumerate(_SMALL)} | {
    word: 10 * tens for tens, word in enumerate(_TENS, start=2)
}
_BELOW_100 = (
    rf"(?:(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(_SMALL[1:10])}))?|(?:{_one_of(_SMALL)}))"
)
_BELOW_1000 = rf"{_BELOW_100}(?: hundred(?: (?:and )?{_BELOW_100})?)?"
_NUMBER_WORDS = _pattern(
    rf"\b{_BELOW_1000}(?: (?:thousand|million|billion)(?:,? (?:and )?{_BELOW_1000})?)*\b"
)
_A_HUNDRED = _pattern(r"\ban? (?=(?:hundred|thousand|million|billion)\b)")
_WITHIN_AN_HOUR = _pattern(rf"\b(within|after|least|than) an? (?=(?:{_ENGLISH_UNIT})\b)")
_AND_A_HALF = _pattern(rf"\b(\d+|{_one_of(_SMALL)}) and a half[ -](?=(?:{_ENGLISH_UNIT})\b)")
_HALF_A = _pattern(rf"\bhalf(?: an? |[ -])(?=(?:{_ENGLISH_UNIT})\b)")
_THIRDS = _pattern(r"\b(one|two)[ -]thirds?\b(?! part)")
_SCALED = _pattern(rf"{_FREE}({_NUMBER})[ -]?(hundred|thousand|million|billion|trillion)\b")
_UNIT_AHEAD = _pattern(rf"[ -](?:{_ENGLISH_UNIT})\b")


def _read_number_words(text: str) -> str:
    text = _THIRDS.sub(lambda match: f"{_WORD_VALUES[match[1]]}/3", text)
    text = _WITHIN_AN_HOUR.sub(r"\1 1 ", _A_HUNDRED.sub("one ", text))
    text = _AND_A_HALF.sub(lambda match: f"{_WORD_VALUES.get(match[1], match[1])}.5 ", text)
    text = _NUMBER_WORDS.sub(_number_words, _HALF_A.sub("0.5 ", text))
    return _SCALED.sub(lambda match: _scaled(match[1], match[2]), text)


def _number_words(match: re.Match[str]) -> str:
    # `one` is mostly a pronoun, and `zero drift` is no quantity.
    if match[0] in {"zero", "one"} and not _UNIT_AHEAD.match(match.string, match.end()):
        return match[0]
    total = group = 0
    for word in re.findall("[a-z]+", match[0]):
        if word == "hundred":
            group *= 100
        elif word in _SCALES:
            total, group = total + group * _SCALES[word], 0
        else:
            group += _WORD_VALUES.get(word, 0)
    return str(total + group)


def _scaled(number: str, scale: str) -> str:
    return _plain(Decimal(number) * _SCALES[scale])


# --- Chinese numerals ---------------------------------------------------------------------------

_DIGITS: Final[Mapping[str, int]] = {
    digit: value for value, digit in enumerate("零一二三四五六七八九")
} | {"〇": 0, "两": 2}
_MULTIPLIERS: Final[Mapping[str, int]] = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
_LONGEST_NUMERAL: Final = 40
_FORMAL = str.maketrans("壹贰叁参肆伍陆柒捌玖拾佰仟", "一二三三四五六七八九十百千")
# As on invoices; elsewhere `陆` and `伍` are names.
_FORMAL_AMOUNT = _pattern(r"[壹贰叁参肆伍陆柒捌玖拾佰仟零万亿]{2,}(?=[元圆])")
_ONE_TO_TEN = "一二三四五六七八九两十"
_NUMERALS = "零〇一二三四五六七八九两十百千万亿"
# `一` that opens a word ends no number: `三十一般`.
_DIGIT = r"(?:[零〇二三四五六七八九两]|一(?![般定律些样起直切致旦并边方]))"
# Not the thousand of `千克`; `三千米` is three thousand metres, but `3千米` is 3 km.
_MULTIPLIER = r"(?:[十万亿]|百(?![帕分])|千(?![克瓦帕伏赫欧])(?!(?<=\d千)米))"
_INTEGER = rf"(?:{_NUMBER}|{_DIGIT}|{_MULTIPLIER})+"
# A word ends in this `一`: `统一百货`, `同一天`.
_WORD_WITH_ONE = "(?<![统唯单同专另之哪某任万])"
_NOT_IN_NUMERAL = rf"(?<![几数点{_NUMERALS}])"
_UNIT_OR_RANK = rf"(?:{_CHINESE_UNIT}|季度|日|月(?![{_NOT_BEFORE['月']}])|级|类|倍)"
_MEASURE_WORD = "[个只名位条项种台份件家张本页章节款套批期轮步处间栋座室组届版号所门颗箱]"
_COUNTED = rf"(?:{_UNIT_OR_RANK}|{_MEASURE_WORD})"
_PERCENT = _pattern(rf"百分之(百|{_INTEGER}(?:点{_DIGIT}+)?)")
_PER_MILLE = _pattern(rf"千分之({_INTEGER}(?:点{_DIGIT}+)?)")
_FRACTION = _pattern(rf"({_INTEGER})分之({_INTEGER})")
_DECIMAL = _pattern(rf"({_INTEGER})点({_DIGIT}+)(?=[百千万亿倍%]|{_CHINESE_UNIT})")
_POSITIONAL = _pattern(
    rf"(?<![\d点{_NUMERALS}])[零〇一二三四五六七八九]{{4,}}(?![\d点{_NUMERALS}])"
)
_RUN = _pattern(
    rf"(?:(?<![\w.])(?<!\w[./-])(?<!\d:){_NUMBER}(?={_MULTIPLIER})"
    rf"|{_NOT_IN_NUMERAL}(?:{_WORD_WITH_ONE}一|[二三四五六七八九两十]))"
    rf"{_INTEGER}(?!几)"
)
_SINGLE = _pattern(
    rf"{_NOT_IN_NUMERAL}(?:[二三四五六七八九两十](?={_COUNTED})"
    # `一个` is an article more often than a count.
    rf"|{_WORD_WITH_ONE}一(?={_UNIT_OR_RANK})|(?<=第)一(?={_MEASURE_WORD})"
    rf"|[{_ONE_TO_TEN}](?=[至到~-]{_INTEGER}{_COUNTED}))"
)
_HALF_UNIT = r"(?:天|年(?!度)|个月|个?小时|个?钟头|个?星期|个工作日)"
_HALF = _pattern(rf"(?<![上下前后大多小个\d{_ONE_TO_TEN}])半(?={_HALF_UNIT})")
_MEASURE_AND_HALF = _pattern(rf"(\d+|[{_ONE_TO_TEN}])个半(?=小时|月|钟头|星期|工作日)")
_UNIT_AND_HALF = _pattern(rf"(?<![\d.第])(\d+)({_HALF_UNIT})半(?![价径导成数途夜路])")
_BELOW_ZERO = _pattern(rf"零下(?={_NUMBER})")


def _read_chinese_numerals(text: str) -> str:
    text = _FORMAL_AMOUNT.sub(lambda match: match[0].translate(_FORMAL), text)
    text = _PERCENT.sub(lambda match: _with_sign(match, "%"), text)
    text = _PER_MILLE.sub(lambda match: _with_sign(match, "‰"), text)
    text = _FRACTION.sub(_fraction, text)
    text = _MEASURE_AND_HALF.sub(lambda match: f"{_small(match[1])}.5个", text)
    text = _HALF.sub("0.5", _DECIMAL.sub(_decimal, text))
    text = _POSITIONAL.sub(lambda match: _in_digits(match[0]), text)
    text = _RUN.sub(_run, text)
    text = _SINGLE.sub(lambda match: _put(match, _small(match[0])), text)
    return _BELOW_ZERO.sub("-", _UNIT_AND_HALF.sub(r"\1.5\2", text))


def _small(digit: str) -> str:
    return "10" if digit == "十" else str(_DIGITS.get(digit, digit))


def _with_sign(match: re.Match[str], sign: str) -> str:
    whole, _, decimals = match[1].partition("点")
    value = Decimal(100) if whole == "百" else _chinese_value(whole)
    written = "" if value is None else _plain(value) + "." * bool(decimals) + _in_digits(decimals)
    # `1.5点五` is no number.
    is_number = re.fullmatch(_NUMBER, written)
    return _put(match, f"{_plain(Decimal(written))}{sign}") if is_number else match[0]


def _fraction(match: re.Match[str]) -> str:
    below, above = _chinese_value(match[1]), _chinese_value(match[2])
    if below is None or above is None:
        return match[0]
    return _put(match, f"{_plain(above)}/{_plain(below)}")


def _decimal(match: re.Match[str]) -> str:
    whole = _chinese_value(match[1])
    return match[0] if whole is None else f"{_plain(whole)}.{_in_digits(match[2])}"


def _run(match: re.Match[str]) -> str:
    if len(match[0]) == 1 or not set(match[0]) & _MULTIPLIERS.keys():
        return match[0]
    value = _chinese_value(match[0])
    return match[0] if value is None else _put(match, _plain(value))


def _in_digits(numeral: str) -> str:
    return "".join(str(_DIGITS.get(each, each)) for each in numeral)


def _chinese_value(numeral: str) -> Decimal | None:
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
    return Decimal(numeral) if re.fullmatch(_NUMBER, numeral) else None


def _head_value(head: str, scale: int) -> Decimal | None:
    if not head:
        return Decimal(1) if scale == _MULTIPLIERS["十"] else None  # not `万一`, `百般`
    value = _chinese_value(head)
    # A number below ten before `十百千`, below ten thousand before `万`: not `五百三千`.
    limit = {10**4: 10**4, 10**8: 10**12}.get(scale, 10)
    return value if value is not None and value < limit else None


def _tail_value(tail: str, scale: int) -> Decimal | None:
    digits = tail.lstrip("零〇")
    value = _chinese_value(digits) if digits else Decimal(0)
    if value is None or value >= scale:
        return None
    if digits == tail and digits in _DIGITS and scale > _MULTIPLIERS["十"]:
        return value * scale / 10  # `两万五`
    ambiguous = digits == tail and digits.isascii() and digits and value * 10 < scale  # `1万5`
    return None if ambiguous else value


# --- Times and dates ----------------------------------------------------------------------------

_PART_OF_DAY = "上午|早上|早晨|清晨|凌晨|中午|下午|傍晚|晚上|晚间|夜间"
_AFTERNOON: Final = frozenset({"下午", "傍晚", "晚上", "晚间", "夜间", "p"})
_NIGHT: Final = frozenset({"晚上", "夜间", "凌晨", "a"})
_HOUR = r"(?:\d{1,2}|二十[一二三四]?|十[一二三四五六七八九]?|[零一二两三四五六七八九])"
_MINUTE = (
    r"(?:\d{2}(?:分(?!钟))?|(?:[二三四五]?十[一二三四五六七八九]?|零[一二三四五六七八九])(?:分(?!钟))?"
    r"|[\d一二三四五六七八九]分(?!钟))"
)
# Without one of these `三点` are three points of a list.
_CLOCK_FOLLOWS = "整|钟|(?=之?[前后]|以[前后]|开始|截止|结束|上班|下班|开门|关门|至|到|[-~])"
_CHINESE_TIME = _pattern(
    rf"(?<![\w.:几零{_ONE_TO_TEN}])(?P<part>{_PART_OF_DAY})?(?P<hour>{_HOUR})[点时]"
    rf"(?:(?P<half>半)|(?P<minute>{_MINUTE})|(?P<end>{_CLOCK_FOLLOWS})|(?P<nothing>))"
)
_COLON_TIME = _pattern(
    rf"(?P<part>{_PART_OF_DAY})?(?<![\w.:])(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?![\d:])"
    r"(?: ?(?P<half>[ap])(?:m(?![a-z])|\.m\.))?"
)
_ENGLISH_TIME = _pattern(rf"{_FREE}(?P<hour>\d{{1,2}}) ?(?P<half>[ap])(?:m(?![a-z])|\.m\.)")
_OCLOCK = _pattern(r"\b(\d{1,2}) o'clock\b")
_NOON = _pattern(r"\b(?:12 )?noon\b|正午")
_MIDNIGHT = _pattern(r"\b(?:12 )?midnight\b|午夜")


def _read_times(text: str) -> str:
    text = _COLON_TIME.sub(_colon_time, text)
    text = _ENGLISH_TIME.sub(lambda m: _time(m, int(m["hour"]), 0, m["half"]), text)
    text = _OCLOCK.sub(lambda m: _time(m, int(m[1]), 0, ""), text)
    text = _CHINESE_TIME.sub(_chinese_time, text)
    return _MIDNIGHT.sub("t00h00", _NOON.sub("t12h00", text))


def _colon_time(match: re.Match[str]) -> str:
    part = match["part"] or match["half"] or ""
    return _time(match, int(match["hour"]), int(match["minute"]), part)


def _chinese_time(match: re.Match[str]) -> str:
    said = match["part"] or match["half"] or match["minute"] or match["end"] is not None
    hour, minute = _chinese_value(match["hour"]), Decimal(30 if match["half"] else 0)
    if match["minute"]:
        minute = _chinese_value(match["minute"].removesuffix("分").lstrip("零")) or minute
    after_range = match.string[: match.start()].endswith(("至", "到", "~", "-"))
    if hour is None or not (said or after_range):
        return match[0]
    return _time(match, int(hour), int(minute), match["part"] or "")


def _time(match: re.Match[str], hour: int, minute: int, part: str) -> str:
    if (part in _AFTERNOON and hour in range(12)) or (part == "中午" and hour in range(3)):
        hour += 12
    elif part in _NIGHT:
        hour = {12: 0}.get(hour, hour)
    if hour not in range(25) or minute not in range(60):
        return match[0]
    return _put(match, f"t{hour % 24:02d}h{minute:02d}")


_MONTH_NUMBERS: Final[Mapping[str, int]] = {
    name: number
    for number, month in enumerate(_MONTHS, start=1)
    for name in (month, month[:3], month[:4] if month == "september" else month)
}
_MONTH_NAME = rf"(?P<name>{_one_of(_MONTH_NUMBERS)})\b\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?(?![\w/-]|\.\d)"
_YEAR = r"(?P<year>(?:19|20)\d{2})(?!\w|\.\d)"
_MONTH = r"(?P<month>\d{1,2})"
_BEFORE_DATE = r"(?<![\w.:/-])"
_DATES: Final = tuple(
    _pattern(form)
    for form in (
        rf"{_BEFORE_DATE}(?P<year>\d{{4}})年{_MONTH}月(?:份|(?P<day>\d{{1,2}})[日号])?",
        rf"{_BEFORE_DATE}{_MONTH}月(?P<day>\d{{1,2}})[日号]",
        rf"{_BEFORE_DATE}(?P<year>\d{{4}})(?P<mark>[-/.]){_MONTH}(?P=mark)(?P<day>\d{{1,2}})(?![\d/-]|\.\d)",
        rf"{_BEFORE_DATE}(?P<year>(?:19|20)\d{{2}})[-/](?P<month>0[1-9]|1[0-2])(?![\w/-]|\.\d)",
        rf"(?<![\w.:/]){_DAY}(?: day)?(?: of)? {_MONTH_NAME},? ?{_YEAR}",
        rf"\b{_MONTH_NAME} ?{_DAY},? ?{_YEAR}",
        rf"\b{_MONTH_NAME},? (?:of )?{_YEAR}",
        rf"(?<![\w.:/]){_DAY}(?: day)?(?: of)? (?!may\b){_MONTH_NAME}",  # `option 1 may be used`
        rf"\b{_MONTH_NAME} {_DAY}",
        rf"\b(?P<name>{_one_of(set(_MONTHS) - {'march', 'may'})})\b",
        r"(?:(?<=\bin )|(?<=\bby )|(?<=\bof )|(?<=\bsince )|(?<=\buntil ))(?P<name>march|may)\b",
        rf"(?<![\w.:/\-个第]){_MONTH}月(?:份)?(?![{_NOT_BEFORE['月']}])",
    )
)
_ORDINALS: Final = ("first", "second", "third", "fourth")
_QUARTERS: Final = tuple(
    _pattern(form)
    for form in (
        r"(?<![\w-])(?P<year>\d{4})年第?(?P<q>[1-4])季度",
        r"(?<![\w-])(?P<year>\d{4})[ -]?q(?P<q>[1-4])(?!\w)",
        r"\bq(?P<q>[1-4])(?: of| in)?,? (?P<year>\d{4})(?!\w)",
        rf"\b(?P<q>{'|'.join(_ORDINALS)}) quarter(?: of| in)?,? (?P<year>\d{{4}})(?!\w)",
        r"(?<![\w.])第?(?P<q>[1-4])季度",
        rf"\b(?P<q>{'|'.join(_ORDINALS)}) quarter\b",
    )
)
_YEAR_ALONE = _pattern(r"(?<![\w.第])((?:19|20)\d{2})年(?![度级代龄])")
_UNIT_FOLLOWS = _pattern(_UNIT)
_CHINESE_WEEKDAY = _pattern(
    rf"(?<![\d几零{_ONE_TO_TEN}])(?:周|星期|礼拜)([一二三四五六日天])(?![次个年月小天])"
)
_ENGLISH_WEEKDAY = _pattern(rf"\b({'|'.join(_WEEKDAYS)})s\b")


def _read_dates(text: str) -> str:
    for form in _QUARTERS:
        text = form.sub(_quarter, text)
    for form in _DATES:
        text = form.sub(_date, text)
    text = _YEAR_ALONE.sub(_year, text)
    return _ENGLISH_WEEKDAY.sub(r"\1", text)


def _date(match: re.Match[str]) -> str:
    found = match.groupdict()
    month = _MONTH_NUMBERS.get(found.get("name") or "") or int(found["month"])
    day = int(found.get("day") or 1)
    if month not in range(1, 13) or day not in range(1, 32):
        return match[0]
    parts = [found.get("year"), f"m{month:02d}", f"d{day:02d}" if found.get("day") else None]
    return _put(match, "/".join(part for part in parts if part))


def _year(match: re.Match[str]) -> str:
    # `2007年人均` speaks of no 2007 persons.
    unit_follows = _UNIT_FOLLOWS.match(match.string, match.end())
    return f"{match[1]}/" if unit_follows else _put(match, match[1])


def _quarter(match: re.Match[str]) -> str:
    said = match["q"]
    quarter = f"q{said if said.isdigit() else _ORDINALS.index(said) + 1}"
    year = match.groupdict().get("year")
    return _put(match, f"{year}/{quarter}" if year else quarter)


def _read_weekdays(text: str) -> str:
    """Read `周一` as Monday; before the numerals, which would make one week of `一周`."""
    return _CHINESE_WEEKDAY.sub(
        lambda match: _put(match, _WEEKDAYS["一二三四五六日".find(match[1].replace("天", "日"))]),
        text,
    )


# --- Quantities and ranges ----------------------------------------------------------------------

_SAME_KIND = (
    r"(?:\d{4}/)?m\d\d(?:/d\d\d)?",
    r"t\d\dh\d\d",
    "|".join(_WEEKDAYS),
)
_RANGES: Final = tuple(
    _pattern(rf"\b({kind}) ?(?:-|~|至|到|(?:to|through|until) ) ?(?=(?:{kind})\b)")
    for kind in _SAME_KIND
)
# Not in phone numbers and codes: `0755-8110`, `2024-017`, `138-1234-5678`.
_NUMBER_RANGE = _pattern(
    rf"(?<![\w./:-])(?!-?0\d)(-?{_NUMBER}(?:\^\d+)?(?: ?(?:{_UNIT}))?) ?(?:-|~|至|到|to ) ?"
    rf"(?=-?(?:us|hk)?[$¥€£]?{_NUMBER})(?!0\d|\d+-\d)"
)
_CURRENCY = _pattern(
    rf"(?<![\w$])(?P<currency>{_one_of(_CURRENCIES)})[ :]?(?P<number>{_NUMBER})"
    rf"(?: ?(?P<scale>k|m|mn|bn)(?!\w))?(?: ?(?:yuan|cny|rmb|usd|hkd|元|圆)(?!\w))?"
)
_QUANTITY = _pattern(
    rf"{_FREE}(?!\d{{4}}s\b)(?P<number>{_NUMBER})"
    rf"(?: ?(?P<unit>{_UNIT})|-(?P<word>{_ENGLISH_UNIT})(?!\w))(?!-\d)"
)
_DAYS = _pattern(rf"{_FREE}({_NUMBER})(?:个?日历)?日(?=之?内|以内|前|以上|以下|期限)")


def _read_quantities(text: str) -> str:
    text = _CURRENCY.sub(_amount, text)
    text = _DAYS.sub(lambda match: f"{match[1]}天", text)
    return _QUANTITY.sub(_quantity, text)


def _amount(match: re.Match[str]) -> str:
    number = _scaled(match["number"], match["scale"]) if match["scale"] else match["number"]
    return _put(match, f"{_plain(Decimal(number))} {_CURRENCIES[match['currency']]}")


def _quantity(match: re.Match[str]) -> str:
    unit = _UNITS[match["unit"] or match["word"]]
    space = "" if unit in {"%", "‰"} else " "
    return _put(match, f"{_plain(Decimal(match['number']))}{space}{unit}")


def _mark_ranges(text: str) -> str:
    for pattern in (*_RANGES, _NUMBER_RANGE):
        text = pattern.sub(r"\1~", text)
    return text


_STEPS: Final[tuple[Callable[[str], str], ...]] = (
    _unify_characters,
    _unify_spaces,
    _join_thousands,
    _read_weekdays,
    _read_number_words,
    _read_times,
    _read_chinese_numerals,
    _read_dates,
    _mark_ranges,
    _read_quantities,
)
