"""Names, roles and things that a sentence brings in and its passages do not know."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from models.chinese import is_noun, segment, to_simplified
from models.language import detect_language
from models.normalise.units import CURRENCIES, UNITS
from models.terms import stem

_HAN_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+(?:['’-][A-Za-z\u00c0-\u024f]+)*")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;。！？：；]\s*|\n)[\"'“‘(（\d.)\s-]*$")
_POSSESSIVE = re.compile(r"['’]s?$")
_LEAST_CHARACTERS: Final = 2
_LEAST_PREFIX: Final = 4
"""`German` and `Germany`, `Chinese` and `China` begin alike; so do no two places."""
_ROLE = re.compile(
    r"(?:manager|director|department|team|board|office|officer|supplier|engineer|auditor|controller"
    r"|desk|committee|supervisor|leader|chairman|president|minister|doctor|nurse|teacher|author"
    r"|council|government|court|university|division|headquarters|inspector|secretary|accountant"
    r"|lawyer|owner|head|chief|treasurer|administrator|coordinator|warehouse|buyer|customer)s?"
)
# What stands before a role and says nothing of it.
_NO_MODIFIER = re.compile(
    r"the|an?|any|each|every|your|their|its|his|her|our|this|that|these|of|by|to|and|or|for|from"
    r"|with|is|are|all|one|other|both"
)
# Words that speak of the answer's own form.
_OF_THE_TEXT = re.compile(
    r"规定|现行|时间|情况|版本|内容|资料|文件|证据|信息|方面|条件|要求|方式|问题|答案|原因|结果|公司|人员|员工"
    r"|部门|数量|金额|费用|字符|期限|期间|时候|地方|同事|目前|当时|总共|总额|合计|一共|以上|以下|之间|之前|之后"
)
_CALENDAR = re.compile(
    r"january|february|march|april|may|june|july|august|september|october|november|december"
    r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
)


def strange_names(sentence: str, passages: Sequence[str], *, question: str) -> Iterator[str]:
    """Yield what a sentence names and neither its passages nor the question do.

    Chinese nouns of the dictionary, capitalised words within a sentence, and what stands before a
    word for a role (`finance department`). A translated name cannot be looked up, so that
    each script is compared only with passages that are written in it.
    """
    known = to_simplified("\n".join((*passages, question)))
    languages = {detect_language(passage) for passage in passages}
    if "zh" in languages:
        yield from _strange_nouns(to_simplified(sentence), known)
    if "en" in languages or detect_language(sentence) == "zh":
        yield from _strange_words(sentence, known)


def _strange_nouns(sentence: str, known: str) -> Iterator[str]:
    for run in _HAN_RUN.findall(sentence):
        for word in segment(run):
            # Where the dictionary takes a counter and its noun for one word: `个字符`.
            thing = word.removeprefix("个")
            is_new = len(thing) >= _LEAST_CHARACTERS and thing not in known
            is_other = not (_is_measure(word) or _OF_THE_TEXT.fullmatch(thing))
            if is_new and is_other and is_noun(word):
                yield word


def _is_measure(word: str) -> bool:
    return word in UNITS or word in CURRENCIES


def _strange_words(sentence: str, known: str) -> Iterator[str]:
    lower = [word.lower() for word in _WORD.findall(known)]
    stems = {stem(_POSSESSIVE.sub("", word)) for word in lower}
    before = "the"
    for match in _WORD.finditer(sentence):
        word = _POSSESSIVE.sub("", match.group())
        if _is_name(word, sentence, match.start()) and not _is_known(word, stems, lower):
            yield word
        if _ROLE.fullmatch(word.lower()):
            phrase = (word.lower(),) if _NO_MODIFIER.fullmatch(before) else (before, word.lower())
            if not stems.issuperset(map(stem, phrase)):
                yield " ".join(phrase)
        before = word.lower()


def _is_name(word: str, sentence: str, start: int) -> bool:
    is_word = len(word) >= _LEAST_CHARACTERS and not _is_measure(word.lower())
    if not (is_word and word[0].isupper()) or _CALENDAR.fullmatch(word.lower()):
        return False
    return word.isupper() or not _SENTENCE_START.search(sentence[:start])


def _is_known(word: str, stems: set[str], lower: Sequence[str]) -> bool:
    if stem(word.lower()) in stems:
        return True
    if word.isupper():
        initials = "".join(each[0] for each in lower)
        return word.lower() in initials or any(each.startswith(word.lower()) for each in lower)
    prefix = word.lower()[:_LEAST_PREFIX]
    return len(prefix) == _LEAST_PREFIX and any(each.startswith(prefix) for each in lower)
