"""`第二个`, `the latter`: ordinal references, resolved by what the turn before listed."""

import re
from dataclasses import dataclass

from models.chinese import to_simplified
from models.language import detect_language
from models.terms import units
from retrieval.records import Turn
from retrieval.understanding.listed import listed_items, word_places

_LAST = -1
_MOST_REFERENCES = 2
"""In one question: `前者和后者有什么区别？`."""

_NUMERALS = "一二三四五六七八九十"
_ENGLISH_ORDINALS = {
    "first": 1, "1st": 1, "former": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4,
    "4th": 4, "fifth": 5, "5th": 5, "sixth": 6, "6th": 6, "last": _LAST, "latter": _LAST,
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
}  # fmt: skip
_ZH = re.compile(
    rf"(?P<former>前者)|(?P<latter>后者)|(?:最后(?:那|这)?一?|末尾那?一?)(?P<last>[个种项点款])"
    rf"|(?P<before_last>倒数)?第(?P<number>[{_NUMERALS}]|\d{{1,2}})(?P<classifier>[个种项点款条类家位样套份])"
    rf"|选项(?P<option>[{_NUMERALS}]|\d{{1,2}})"
)
_EN = re.compile(
    r"\bthe (?P<ordinal>first|second|third|fourth|fifth|sixth|last|former|latter|1st|2nd|3rd"
    r"|[456]th)"
    r"(?P<one> (?:one|option|item|point|choice|possibility)s?)?\b(?![-'’])"
    r"|\b(?:option|number) (?P<number>\d|one|two|three|four|five|six)\b",
    re.IGNORECASE,
)
_MOST_WORDS_BEFORE = 8
"""A reference behind more words than this speaks of what its own question names, mostly."""

# Of other classifiers a noun mostly follows that is counted: `第二个工作日`.
_COUNT_NO_NOUN = frozenset("种项点款")
_ZH_GOES_ON = re.compile(
    r"$|\W|[的呢吧吗是有要能可怎如多什需在和跟比与为会应该由谁哪几适包支都还也不没算行好对就了啊呀]"
)
_EN_GOES_ON = re.compile(
    r"\W*$|\s*[^\w\s]|\s+(?:is|are|was|were|does|do|did|can|could|will|would|has|have|had|should"
    r"|must|may|might|of (?:them|these|those)|in|for|to|with|on|at|and|or|please|costs?|needs?"
    r"|takes?|means?|appl(?:y|ies)|works?|instead|then|too|also|as|than|if|when|from|by|includes?"
    r"|requires?|starts?|ends?|looks?|sounds?|about)\b",
    re.IGNORECASE,
)
# `Is the second refundable?`
_EN_PREDICATE = re.compile(r"(?:is|are|was|were) the \w+ \w+\W*$", re.IGNORECASE)
# Said before a reference without naming anything.
_LEAD_INS = frozenset({
    "那么", "那个", "请问", "一下", "想要", "我要", "我想", "我选", "了解", "知道", "告诉", "介绍",
    "详细", "具体", "说说", "讲讲", "看看", "关于", "如果", "要是", "选择", "是的", "好的", "对的",
    "可以", "就是", "还有", "另外", "再问", "然后", "其中", "里面", "上面", "刚才", "怎么", "什么",
    "如何",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Reference:
    """Where a question refers to an item, and to which: 1-based, or from the end if negative."""

    start: int
    end: int
    item: int


def point_out(question: str, before: Turn) -> str | None:
    """Return the question with the item that it refers to, named; None if it refers to none.

    The items are those that the answer before lists, or else the question before. `第二个工作日`
    counts something else than they are, and is no reference to them.
    """
    items = next(filter(None, map(listed_items, (before.answer, before.question))), [])
    pointed = question
    for _ in range(_MOST_REFERENCES):
        found = _find(to_simplified(pointed), said=f"{before.question} {before.answer}")
        if found is None or not items or not 0 < abs(found.item) <= len(items):
            break
        item = items[found.item - 1 if found.item > 0 else found.item]
        pointed = pointed[: found.start] + item + pointed[found.end :]
    return None if pointed == question else pointed


def _find(question: str, *, said: str) -> _Reference | None:
    find = _find_chinese if detect_language(question) == "zh" else _find_english
    return find(question, said)


def _find_chinese(question: str, said: str) -> _Reference | None:
    match = _ZH.search(question)
    if match is None or _names_something(question[: match.start()], said):
        return None
    end = _past_noun(question, match.end(), said)
    lax = match["classifier"] is None or match["classifier"] in _COUNT_NO_NOUN
    if end == match.end() and not lax and not _ZH_GOES_ON.match(question, end):
        return None
    if match["former"]:
        item = 1
    elif match["latter"] or match["last"]:
        item = _LAST
    else:
        number = match["number"] or match["option"]
        item = _NUMERALS.index(number) + 1 if number in _NUMERALS else int(number)
    return _Reference(match.start(), end, -item if match["before_last"] else item)


def _names_something(text: str, said: str) -> bool:
    """Tell whether a Chinese text names anything that was not spoken of before."""
    simplified = to_simplified(said)
    names = (text[start:end] for start, end in word_places(text) if end - start > 1)
    return not all(name in _LEAD_INS or name in simplified for name in names)


def _find_english(question: str, said: str) -> _Reference | None:
    match = _EN.search(question)
    if match is None or len(word_places(question[: match.start()])) > _MOST_WORDS_BEFORE:
        return None
    end = _past_noun(question, match.end(), said)
    bare = match["one"] or _EN_GOES_ON.match(question, end) or _EN_PREDICATE.match(question)
    if end == match.end() and not bare:
        return None
    word = (match["ordinal"] or match["number"]).lower()
    return _Reference(match.start(), end, int(word) if word.isdigit() else _ENGLISH_ORDINALS[word])


def _past_noun(question: str, end: int, said: str) -> int:
    """Return where a noun ends that directly follows and was said before: `the second plan`."""
    following = next(iter(word_places(question[end:])), None)
    if following is None or question[end : end + following[0]].strip():
        return end
    noun = question[end:][following[0] : following[1]]
    if _ZH_GOES_ON.match(noun) or _EN_GOES_ON.match(f" {noun}"):
        return end
    return end + following[1] if set(units(noun)) <= set(units(said)) else end
