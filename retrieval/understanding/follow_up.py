"""Telling a follow-up from a question that stands on its own, by what both languages leave out."""

import re

from models.chinese import to_simplified
from models.language import detect_language
from models.terms import units

_SHORT_CHINESE = 16
_SHORT_ENGLISH = 7
"""Pieces (characters, words) up to which a pronoun is taken to speak of what was said before."""

_NAMED_BEFORE = 2
_ENGLISH_NAMED_BEFORE = 3
"""A pronoun with no more before it than this has nothing to speak of in its own question."""

_CLASSIFIER = "[个只些种位家台次样份项条款件本张辆套批篇]"
# What opens a question that goes on with the one before. `那台测量机` names something itself.
_ZH_OPENS = re.compile(
    rf"(?:那么?(?! ?\d* ?{_CLASSIFIER}|里|边|时|年|天|儿)|还有|另外|此外|除此之外|除了这|再问|接着"
    r"|然后|后来|要是|换成|如果是|如果换|同样|相比之下|反过来|具体(?:是|来说|呢))"
)
# What stands for something that was said before.
_ZH_POINTS = re.compile(
    r"(?<!其)[他她它](?!人|国|乡|处|方)|(?<!尤)(?<!其)其(?!他|它|中|余|实|次|间|其)"
    r"|(?<!应)该(?=\w)(?!怎|如何|找|去|由)|前者|后者|上述|上面(?:说|提|讲)|刚才|刚刚"
    rf"|这(?={_CLASSIFIER}|是|要|能|算|里|边)|同样的|对此"
)
_ZH_POINTS_FAR = re.compile(rf"那(?={_CLASSIFIER}|里|边|儿)|也(?:是|能|可以|要|适用|算)|一样[吗么]")
# `X 呢？`: the question of before, asked of X.
_ZH_ELLIPSIS = re.compile(r"呢[?？。!！]*$")
_ZH_ASKS = re.compile(
    r"什么|怎么|怎样|如何|多少|多久|几|哪|谁|为什么|为何|吗|是否|能不能|可不可以|可否"
)

_EN_OPENS = re.compile(
    r"(?:(?:ok(?:ay)?|well|thanks?|right)[,.!]* )*"
    r"(?:(?:and|but|or|so|then|also)\b(?! far)|(?:what|how) about\b|same (?:for|with)\b"
    r"|why (?:not|so)\b|in that case\b|if (?:so|not)\b|otherwise\b)",
    re.IGNORECASE,
)
_EN_POINTS = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers|those|these|this"
    r"|(?:that|this|the \w+) ones?|the (?:same|latter|former|others)|there|else|instead"
    r"|that(?=[?.!]*$)|(?:is|was|does|did|will|would|can|about|for|like|than) that)\b(?![-'’])",
    re.IGNORECASE,
)
# `It` that stands for nothing, `there` and `this` that point at nothing said.
_EN_EMPTY = re.compile(
    r"\b(?:is|was|will|would|does|can|may) it (?:be )?(?:allowed|possible|necessary|true|required"
    r"|permitted|ok(?:ay)?|safe|mandatory|compulsory|forbidden|legal|normal|better|enough|cost"
    r"|take|mean)\b"
    r"|\bit (?:is|was|takes?|costs?) (?:\w+ )?(?:to|that|for)\b"
    r"|\b(?:is|are|was|were|will) there\b|\bthere (?:is|are|was|were|will)\b"
    r"|\bthis (?:year|month|week|quarter|morning|afternoon)\b",
    re.IGNORECASE,
)
_EN_WORD = re.compile(r"[A-Za-z][\w'’-]*|\d[\w.,-]*")


def is_follow_up(question: str) -> bool:
    """Tell whether a question needs the one before it to be understood.

    It opens as the continuation of one (`那…`, `And …`, `what about`), is an ellipsis (`金牌呢？`),
    or points at something that it does not name itself. A pronoun far into a long question speaks
    of that question, mostly; there it counts for nothing.
    """
    text = " ".join(question.split())
    if detect_language(text) == "zh":
        return _is_chinese_follow_up(to_simplified(text))
    return _is_english_follow_up(text)


def _is_chinese_follow_up(text: str) -> bool:
    if _ZH_OPENS.match(text) or (_ZH_ELLIPSIS.search(text) and not _ZH_ASKS.search(text)):
        return True
    short = len(units(text)) <= _SHORT_CHINESE
    pointed = _ZH_POINTS.search(text)
    if pointed is None:
        return short and _ZH_POINTS_FAR.search(text) is not None
    return short or len(units(text[: pointed.start()])) <= _NAMED_BEFORE


def _is_english_follow_up(text: str) -> bool:
    if _EN_OPENS.match(text):
        return True
    bare = _EN_EMPTY.sub(" ", text)
    pointed = _EN_POINTS.search(bare)
    if pointed is None:
        return False
    before = len(_EN_WORD.findall(bare[: pointed.start()]))
    return before <= _ENGLISH_NAMED_BEFORE or len(_EN_WORD.findall(bare)) <= _SHORT_ENGLISH
