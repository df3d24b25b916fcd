"""Lexical terms: the one function that cuts questions and passages into what BM25 counts."""

import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from models.chinese import segment, to_simplified

TERMS_VERSION = 1
"""Raised by every change to the terms or to their weights; part of an index's identity."""

_CJK = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_WORD = rf"[^\W_{_CJK}]+"
_TOKEN = re.compile(
    rf"(?P<cjk>[{_CJK}]+)"
    # A standard: `gb/t 7714-2015`, with or without the space.
    rf"|[a-z]+/[a-z]+ ?\d+(?:[-.]\d+)*(?!{_WORD})"
    # A word, a number, or several joined: `e-mail`, `hr-2024-017`, `v1.2.3`, `r&d`, `c++`.
    rf"|{_WORD}(?:[-_./&]+{_WORD})*(?:\+\+|\#)?"
)
_PART = re.compile(r"[^\W\d_]+|\d+(?:\.\d+)*")
_APOSTROPHE = re.compile(r"['’](?:s\b)?")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_JOINER = re.compile(r"[-_/ ]+")
_LONGEST_WORD = 40
_STEM_LOCK = threading.Lock()


def terms(text: str) -> list[str]:
    """Cut a text into terms, in order, with repetitions.

    The text is brought to NFKC, lower case and Simplified Chinese. Then

    - Chinese gives jieba's words for search and those character pairs that are no such word: the
      dictionary misses words of companies (`年假`), and pairs find them all the same;
    - words of other scripts are stemmed (English Porter2); possessives and thousands separators go;
    - codes stay whole, with the joiners `-`, `_`, `/` and spaces taken out, so that `E-204` meets
      `E204`, and are followed by their parts: `hr2024017`, `hr`, `2024`, `017`.

    There is no stop list: the IDF gives such words next to no weight, in both languages.
    """
    normal = to_simplified(unicodedata.normalize("NFKC", text).lower())
    normal = _THOUSANDS.sub("", _APOSTROPHE.sub("", normal))
    found: list[str] = []
    for match in _TOKEN.finditer(normal):
        token = match.group()
        found.extend(_chinese_terms(token) if match["cjk"] else _word_terms(token))
    return found


def _chinese_terms(run: str) -> Iterator[str]:
    words = segment(run)
    yield from words
    known = set(words)
    pairs = (run[i : i + 2] for i in range(len(run) - 1))
    yield from (pair for pair in pairs if pair not in known)


def _word_terms(token: str) -> Iterator[str]:
    if token.isalpha():
        yield _stem(token)
        return
    whole = _JOINER.sub("", token)
    yield whole
    for part in _PART.findall(token):
        # A single letter of a code (`v`, `t`) says nothing; a digit may be the number asked for.
        if part != whole and (len(part) > 1 or part.isdigit()):
            yield _stem(part) if part.isalpha() else part


def _stem(word: str) -> str:
    return _english_stem(word) if word.isascii() and len(word) <= _LONGEST_WORD else word


@lru_cache(maxsize=65_536)
def _english_stem(word: str) -> str:
    with _STEM_LOCK:  # the stemmer keeps the word it works on in itself
        return str(_stemmer().stemWord(word))


@lru_cache(maxsize=1)
def _stemmer():  # type: ignore[no-untyped-def]  # noqa: ANN202 - the library has no types
    # Not `snowballstemmer.stemmer()`: that takes PyStemmer where it is installed, and the terms of
    # an index must not depend on that.
    from snowballstemmer.english_stemmer import EnglishStemmer  # noqa: PLC0415

    return EnglishStemmer()
