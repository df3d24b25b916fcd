"""Words that are exchanged for others of their kind, and verbs for their negation."""

import random
import re
from collections.abc import Sequence
from typing import Final

_PLACES: Final = (
    [
        "北京",
        "上海",
        "深圳",
        "广州",
        "成都",
        "杭州",
        "宁波",
        "香港",
        "苏州",
        "武汉",
        "西安",
        "天津",
        "重庆",
        "南京",
        "青岛",
        "海防",
        "河内",
        "新加坡",
        "越南",
        "德国",
        "法国",
        "美国",
        "日本",
        "澳门",
        "台湾",
    ],
    [
        "Beijing",
        "Shanghai",
        "Shenzhen",
        "Guangzhou",
        "Chengdu",
        "Hangzhou",
        "Ningbo",
        "Hong Kong",
        "Suzhou",
        "Wuhan",
        "Tianjin",
        "Nanjing",
        "Qingdao",
        "Hai Phong",
        "Hanoi",
        "Singapore",
        "Vietnam",
        "Germany",
        "France",
        "Japan",
        "Macau",
        "Taiwan",
        "Berlin",
        "Paris",
        "London",
        "Munich",
        "Rotterdam",
    ],
)
_ACTORS: Final = (
    [
        "财务部",
        "人力资源部",
        "人事部",
        "行政部",
        "采购部",
        "法务部",
        "销售部",
        "市场部",
        "研发部",
        "质量部",
        "生产部",
        "信息部",
        "总经理",
        "部门经理",
        "直属上级",
        "财务总监",
        "首席财务官",
        "董事会",
        "总裁",
        "班组长",
        "供应商",
        "客户",
        "厂长",
        "质检员",
        "工程师",
        "会计",
        "出纳",
    ],
    [
        "finance department",
        "HR department",
        "Human Resources",
        "Finance",
        "Purchasing",
        "Procurement",
        "Legal",
        "Quality",
        "line manager",
        "department head",
        "managing director",
        "board",
        "CFO",
        "CEO",
        "plant manager",
        "sales director",
        "service desk",
        "customer",
        "supplier",
        "warehouse",
        "manager",
        "director",
        "buyer",
        "shift leader",
        "controller",
        "auditor",
    ],
)
_NEGATED: Final = (
    ("不得", "可以"), ("不能", "可以"), ("不可以", "可以"), ("不需要", "需要"), ("不必", "必须"),
    ("无需", "须"), ("不会", "会"), ("没有", "有"), ("不是", "是"), ("必须", "不必"),
    ("需要", "不需要"), ("可以", "不可以"), ("应当", "不应当"), ("是", "不是"), ("有", "没有"),
    ("由", "不由"), ("按", "不按"), ("须", "无须"), ("为", "不为"),
    (" must not ", " must "), (" cannot ", " can "), (" may not ", " may "), (" not ", " "),
    (" never ", " always "), (" must ", " need not "), (" can ", " cannot "),
    (" may ", " may not "), (" will ", " will not "), (" is ", " is not "),
    (" are ", " are not "), (" was ", " was not "), (" were ", " were not "),
    (" has ", " has not "), (" have ", " have not "),
)  # fmt: skip


def negated(sentence: str, _: random.Random) -> str | None:
    """Return the sentence with its first verb of a list turned round, if it has one."""
    for words, others in _NEGATED:
        if words in sentence:
            return sentence.replace(words, others, 1)
    return None


def moved(sentence: str, chance: random.Random) -> str | None:
    """Return the sentence about another place, if it names one."""
    return _exchanged(sentence, _PLACES, chance)


def done_by_another(sentence: str, chance: random.Random) -> str | None:
    """Return the sentence with another department, role or party, if it names one."""
    return _exchanged(sentence, _ACTORS, chance)


def _exchanged(
    sentence: str, languages: Sequence[Sequence[str]], chance: random.Random
) -> str | None:
    for words in languages:
        for word in sorted(words, key=lambda each: (-len(each), each)):
            border = r"\b" if word.isascii() else ""
            found = re.search(f"{border}{re.escape(word)}{border}", sentence)
            if found:
                others = [each for each in words if each not in sentence and each not in word]
                return sentence[: found.start()] + chance.choice(others) + sentence[found.end() :]
    return None
