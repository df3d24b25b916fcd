"""Lexical terms: the one function that cuts questions and passages into what BM25 counts."""

import threading
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Protocol

from models.chinese import segment
from models.tokens import Token, tokens

TERMS_VERSION = 2
"""Raised by every change to the terms or to their weights; part of an index's identity."""

_LONGEST_WORD = 40
_STEM_LOCK = threading.Lock()
_WRITTEN_WITH_SIGNS = ("++", "#")


class Phrases(Protocol):
    """Knows words that no dictionary has; `models.company_words.CompanyWords` is one."""

    def among(self, units: Sequence[str]) -> list[str]:
        """Return the terms of the words that stand in a text of these units."""


def terms(text: str, words: Phrases | None = None) -> list[str]:
    """Cut a text into terms, in order, with repetitions; those of `words` come last.

    The text is normalised and cut into tokens as `models.tokens` says. Then

    - Chinese gives jieba's words for search and those character pairs that are no such word: the
      dictionary misses words of companies (`年假`), and pairs find them all the same;
    - words of other scripts are stemmed (English Porter2); possessives go;
    - codes, dates, telephone numbers and measures give one spelling of the whole, so that `E-204`
      meets `E204`, `5 kg` meets `5kg` and `2025-07-10` meets `2025年7月10日`, and then their parts:
      `hr2024017`, `hr`, `2024`, `017`.

    There is no stop list: the IDF gives such words next to no weight, in both languages.

    Parameters
    ----------
    words
        The words of a company; they add terms and change none.
    """
    cut = list(tokens(text))
    found = [term for token in cut for term in _terms_of(token)]
    if words is not None:
        found.extend(words.among([unit for token in cut for unit in _units_of(token)]))
    return found


def units(text: str) -> list[str]:
    """Return the smallest pieces of a text: Chinese characters, stems and numbers, in order.

    Two spellings of a name that people take for the same have the same units: `TP-380`, `TP 380`
    and `ＴＰ３８０` have `tp`, `380`.
    """
    return [unit for token in tokens(text) for unit in _units_of(token)]


def _terms_of(token: Token) -> Iterator[str]:
    if token.kind == "chinese":
        yield from _chinese_terms(token.text)
    elif token.text.isalpha():
        yield stem(token.text)
    else:
        yield token.whole
        for part in token.parts():
            # A single letter of a code (`v`, `t`) says nothing; a digit may be the number asked
            # for.
            if part != token.whole and (len(part) > 1 or part.isdigit()):
                yield stem(part) if part.isalpha() else part


def _units_of(token: Token) -> Iterator[str]:
    if token.kind == "chinese":
        yield from token.text
    elif token.text.endswith(_WRITTEN_WITH_SIGNS):
        yield token.whole
    else:
        yield from (stem(part) for part in token.parts())


def _chinese_terms(run: str) -> Iterator[str]:
    words = segment(run)
    yield from words
    known = set(words)
    pairs = (run[i : i + 2] for i in range(len(run) - 1))
    yield from (pair for pair in pairs if pair not in known)


def stem(word: str) -> str:
    """Return the stem of a lower-case word; what is no English word stays as it is."""
    short = word.isascii() and word.isalpha() and len(word) <= _LONGEST_WORD
    return _english_stem(word) if short else word


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
