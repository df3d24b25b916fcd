"""The items that a text lists, in both languages: lines, numbers, ordinal words, enumerations."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from models.chinese import to_simplified, words
from models.language import detect_language

_MAX_CHARACTERS = 80
_MARK = re.compile(r"\s*\[\d{1,2}\]|\*\*|__|`")
_CHINESE_DIGITS = "一二三四五六七八九十"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩"
_NUMBERED_LINE = re.compile(
    rf"^[ \t]*(?:\d{{1,2}}(?:[)）、．]|\.(?!\d))|[（(]\d{{1,2}}[)）]|[{_CIRCLED}]"
    rf"|[{_CHINESE_DIGITS}]{{1,2}}[、.．]|[A-Ha-h][.)])[ \t]*(\S.*)$",
    re.MULTILINE,
)
_BULLET_LINE = re.compile(r"^[ \t]*[-*•·‣▪–—][ \t]+(\S.*)$", re.MULTILINE)
_ORDINAL_WORDS = (
    ("first", "firstly"), ("second", "secondly"), ("third", "thirdly"), ("fourth", "fourthly"),
    ("fifth", "fifthly"),
)  # fmt: skip
# What counts the items within running text.
_COUNTER = re.compile(
    rf"[（(](?P<round>\d{{1,2}})[)）]|(?<![\d.])(?P<digit>\d{{1,2}})[)）、]|(?P<circled>[{_CIRCLED}])"
    rf"|(?<![{_CHINESE_DIGITS}])(?:第|其)?(?P<chinese>[{_CHINESE_DIGITS}])(?:是|[，、:：])"
    r"|(?P<opens>首先|(?<!\w)first(?:ly)?,)|(?P<goes_on>其次|再次|(?<!\w)then,)"
    r"|(?P<ordinal>(?<!\w)(?:second|third|fourth|fifth)(?:ly)?,)"
    r"|(?P<ends>最后[，,]?|(?<!\w)(?:finally|lastly),)",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[。！？!?\n]|\.(?=\s|$)")
_CLAUSE_END = re.compile(r"[。！？!?\n；;：:（）()]|\.(?=\s|$)|\s[-–—]+\s|——")
_CHINESE_CLAUSE_END = re.compile(r"[，,]")
_CHINESE_AND = ("以及", "或者", "还是", "和", "及", "与", "或", "跟")
_ENGLISH_AND = re.compile(r",?\s+(?:and|or|as well as)\s+|^(?:and|or)\s+", re.IGNORECASE)
# What leads up to the first item. The last of them counts.
_LEADS = re.compile(
    r".*(?:包括|包含|分为|分别|有|是|为|即|例如|比如|如|可选|选择|提供|支持)"
    r"|.*\b(?:are|is|be|includes?|including|offers?|choose|between|from|either|both|have|has)\b\s*",
    re.IGNORECASE,
)
_TAIL = re.compile(
    rf"(?:等(?!级|待|候|额)|[这共]?[两{_CHINESE_DIGITS}\d]+[种个类项款样]|都|均|可以|可供|,).*$"
)
_GOES_ON = frozenset({
    "for", "to", "at", "in", "on", "of", "with", "per", "when", "if", "until", "from", "by", "as",
    "which", "that", "who", "is", "are", "was", "were", "may", "can", "must", "will", "should",
    "has", "have", "do", "does", "need", "apply", "需要", "需", "须", "应", "应当", "必须", "能",
    "能够", "有", "之间", "哪", "谁", "怎么", "要", "会", "用于", "进行", "由",
    "在", "是", "的", "也", "不", "没有", "适用", "供",
})  # fmt: skip
_BRACKETS = re.compile(r"\s?[（(][^（）()]*[)）]")
_HEAD_END = re.compile(r"[:：]|——|\s[-–—]\s|\s?[（(]")
_CHUNK = re.compile(r"[\u3400-\u9fff]+|[^\W\u3400-\u9fff](?:[\w'’.%/-]*\w)?")


def listed_items(text: str) -> list[str]:
    """Return what a text lists, in order, each item without its number and what explains it.

    Numbered lines go before bullets, these before items counted in running text, these before an
    enumeration with commas. Fewer than two items are no list.
    """
    plain = to_simplified(_MARK.sub("", text))
    found: Iterator[list[str]] = (
        each
        for each in (
            _NUMBERED_LINE.findall(plain),
            _BULLET_LINE.findall(plain),
            _counted(plain),
            _enumerated(plain),
        )
        if len(each) > 1
    )
    return [_named(item) for item in next(found, [])]


def word_places(text: str) -> list[tuple[int, int]]:
    """Return start and end of the words of a text; Chinese ones by the dictionary."""
    places: list[tuple[int, int]] = []
    for chunk in _CHUNK.finditer(text):
        start = chunk.start()
        for word in words(chunk.group()) if chunk.group() > "\u3400" else [chunk.group()]:
            places.append((start, start + len(word)))
            start += len(word)
    return places


def _named(item: str) -> str:
    """Return the name of an item: what stands before a colon, a dash or a bracket."""
    head = _HEAD_END.split(item.strip(), maxsplit=1)[0]
    name = (head or item).strip(" ,，.。;；、")
    return name if len(name) <= _MAX_CHARACTERS else name[: _MAX_CHARACTERS - 1] + "…"


def _counted(text: str) -> list[str]:
    """Return the items of the first run of counters 1, 2, … in running text."""
    run: list[re.Match[str]] = []
    for match in _COUNTER.finditer(text):
        number = _number(match, expected=len(run) + 1)
        if number == len(run) + 1:
            run.append(match)
        elif len(run) > 1:
            break
        else:
            run = [match] if number == 1 else []
    if len(run) < 2:  # noqa: PLR2004  (one item is no list)
        return []
    last_end = _SENTENCE_END.search(text, run[-1].end())
    end = last_end.start() if last_end else len(text)
    items = [text[one.end() : other.start()] for one, other in pairwise(run)]
    return [item.strip(" ;；,，。.\n") for item in (*items, text[run[-1].end() : end])]


def _number(match: re.Match[str], *, expected: int) -> int:
    said = match[match.lastgroup or ""]
    match match.lastgroup:
        case "round" | "digit":
            return int(said)
        case "circled":
            return _CIRCLED.index(said) + 1
        case "chinese":
            return _CHINESE_DIGITS.index(said) + 1
        case "opens":
            return 1
        case "ordinal":
            word = said.lower().rstrip(",")
            return next(i for i, names in enumerate(_ORDINAL_WORDS, start=1) if word in names)
        case _:
            return expected if expected > 1 else 0


def _enumerated(text: str) -> list[str]:
    """Return the longest enumeration of a clause, the first of equal ones."""
    bare = _BRACKETS.sub("", text)
    return max(map(_items_of_clause, _CLAUSE_END.split(bare)), key=len, default=[])


def _items_of_clause(clause: str) -> list[str]:
    if detect_language(clause) == "zh":
        parts = max(map(_chinese_items, _CHINESE_CLAUSE_END.split(clause)), key=len)
    else:
        parts = _english_items(clause)
    return _trimmed([part.strip() for part in parts if part.strip()])


def _chinese_items(clause: str) -> list[str]:
    *items, last = clause.split("、")
    # `年假、病假和事假`: the word that joins the last one. With no comma it is the only sign.
    for start, end in word_places(last):
        if last[start:end] in _CHINESE_AND and start > 0:
            return [*items, last[:start], last[end:]]
    return [*items, last]


def _english_items(clause: str) -> list[str]:
    items: list[str] = []
    for part in re.split(r",\s+", clause):
        joined = [each for each in _ENGLISH_AND.split(part) if each]
        items += joined[:2]
        if len(joined) > 1 or _ENGLISH_AND.match(part):
            return items
    return []


def _trimmed(items: Sequence[str]) -> list[str]:
    """Return the items without what leads up to the first and what follows the last.

    What stands between two commas is an item as a whole; the first is cut to the size of the
    largest of these, or where there is none to that of the last, and so the other way round, more
    gently. Items are built alike: in `park in Lot A or Lot B` the first begins where the second
    does.
    """
    if len(items) < 2:  # noqa: PLR2004  (one item is no list)
        return []
    led = _LEADS.match(items[0])
    first = (items[0][led.end() :].strip() if led else "") or items[0]
    last = _TAIL.sub("", items[-1]).strip() or items[-1]
    first = _from_word(first, _words(last)[:1])
    sizes = [_size(item) for item in items[1:-1]] or [min(_size(first), _size(last))]
    return [
        first if led else _end_of(first, max(sizes)),
        *items[1:-1],
        _start_of(last, max(sizes)),
    ]


def _words(text: str) -> list[str]:
    return [text[start:end].lower() for start, end in word_places(text)]


def _size(text: str) -> int:
    """Return how long a text is: in characters for Chinese, in words else."""
    return sum(_word_size(word) for word in _words(text))


def _word_size(word: str) -> int:
    return len(word) if word > "\u3400" else 1


def _from_word(text: str, opening: Sequence[str]) -> str:
    places = word_places(text)
    begins = [start for start, end in places if [text[start:end].lower()] == opening]
    return text[begins[-1] :] if begins else text


def _end_of(text: str, size: int) -> str:
    """Return as many of the last words as make up the size."""
    for start, _ in reversed(word_places(text)):
        if _size(text[start:]) >= size:
            return text[start:]
    return text


def _start_of(text: str, size: int) -> str:
    """Return the first words that make up the size, and more up to one that goes on from a list.

    At most twice the size.
    """
    end_of_item = len(text)
    for start, end in word_places(text):
        before, after = _size(text[:start]), _size(text[:end])
        goes_on = text[start:end].lower() in _GOES_ON
        if before and ((before >= size and goes_on) or after > 2 * size):
            end_of_item = start
            break
    return text[:end_of_item].strip()
