"""Names of persons, places, organisations and products that a text says."""

import re
from collections.abc import Iterator, Sequence

from models.chinese import proper_names
from models.language import detect_language
from models.normalise import normalise

_LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z'’&.-]*[A-Za-z]")
_MONTHS = re.compile(
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?",
    re.IGNORECASE,
)
_SENTENCE_START = re.compile(r"(?:^|[.!?:]\s+|[“\"(]\s*)$")


def unknown_names(sentence: str, passages: Sequence[str], question: str) -> Iterator[str]:
    """Yield the names of a sentence that stand neither in a passage nor in the question.

    Names of the sentence's own script are looked up where a passage is in its language; across
    languages names are translated, and what is written in the other script must stand there as it
    is.
    """
    lang = detect_language(sentence)
    known = normalise("\n".join((*passages, question)))
    same_language = any(detect_language(passage) == lang for passage in passages)
    if lang == "zh":
        yield from (name for name in _latin_words(sentence) if normalise(name) not in known)
        if same_language:
            yield from (name for name in proper_names(sentence) if normalise(name) not in known)
    elif same_language:
        yield from (name for name in _capitalised(sentence) if normalise(name) not in known)


def _latin_words(text: str) -> list[str]:
    """Return the words of Latin script with a capital; others are terms, not names."""
    found = dict.fromkeys(_LATIN_WORD.findall(text))
    return [word for word in found if not word.islower()]


def _capitalised(text: str) -> Iterator[str]:
    """Yield words with a capital that do not stand where any word would have one.

    Months are parts of dates and compared as such.
    """
    for match in _LATIN_WORD.finditer(text):
        word = match.group()
        opens = _SENTENCE_START.search(text[: match.start()])
        is_name = word[0].isupper() and (word.isupper() or not opens)
        if is_name and not _MONTHS.fullmatch(word):
            yield word.removesuffix("'s").removesuffix("’s")
