"""Units, currencies and scales: their names in both languages, and the patterns that find them."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from models.normalise.patterns import one_of, plain

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
UNITS: Final[Mapping[str, str]] = {
    name.replace("_", " "): canonical
    for canonical, names in _UNIT_NAMES.items()
    for name in (canonical, *names.split())
}
# What makes another word of a unit: `5 年级`, `3 天津`, `2 次品`.
NOT_BEFORE: Final[Mapping[str, str]] = {
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
CURRENCIES: Final[Mapping[str, str]] = {
    "us$": "usd", "$": "usd", "usd": "usd", "美元": "usd",
    "hk$": "hkd", "hkd": "hkd", "港币": "hkd", "港元": "hkd",
    "¥": "cny", "rmb": "cny", "cny": "cny", "人民币": "cny",
    "€": "eur", "eur": "eur", "£": "gbp", "gbp": "gbp",
}  # fmt: skip
SCALES: Final[Mapping[str, int]] = {
    "hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "k": 10**3, "m": 10**6, "mn": 10**6, "bn": 10**9,
}  # fmt: skip


def _guarded(unit: str) -> str:
    if unit[-1].isascii():
        return re.escape(unit) + ("(?![a-z0-9])" if unit[-1].isalnum() else "")
    barred = NOT_BEFORE.get(unit[-1])
    return re.escape(unit) + (f"(?![{barred}])" if barred else "")


UNIT = "|".join(_guarded(unit) for unit in sorted(UNITS, key=lambda unit: (-len(unit), unit)))
CHINESE_UNIT = "|".join(
    _guarded(unit)
    for unit in sorted(UNITS, key=lambda unit: (-len(unit), unit))
    # One character each, these are parts of words too often to tell what stands before them.
    if not unit.isascii() and unit not in set("安伏瓦巴度帕欧赫圆") | set("°‰ω")
)
ENGLISH_UNIT = one_of(unit for unit in UNITS if unit.isascii() and len(unit) > 1)


def scaled(number: str, scale: str) -> str:
    """Write out `1.5` and `thousand` as `1500`."""
    return plain(Decimal(number) * SCALES[scale])
