"""Chinese script: Traditional to Simplified (OpenCC) and word segmentation (jieba)."""

import threading
import warnings
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.resources import files
from typing import Protocol

_IDEOGRAPHS = (range(0x3400, 0x4DC0), range(0x4E00, 0xA000), range(0xF900, 0xFB00))
_LOCK = threading.Lock()


class _Segmenter(Protocol):
    def __call__(self, run: str, *, HMM: bool) -> Iterable[str]:
        """Cut a run."""


_segment: _Segmenter | None = None


def to_simplified(text: str) -> str:
    """Replace Traditional characters by Simplified ones, one for one.

    OpenCC's phrase rules are left out on purpose: they depend on the neighbours, so that a question
    and a passage that write the same word could come out different.
    """
    return text.translate(_simplified_characters())


def segment(run: str) -> list[str]:
    """Cut a run of Simplified Chinese into words, long words followed by the words in them.

    jieba's mode for search engines: `北京大学` gives `北京`, `大学`, `北京大学`. Its guessing of
    new words (HMM) is off: it cuts a word differently in different sentences, and measured on four
    Chinese sets it finds nothing more.
    """
    return list(_segmenter()(run, HMM=False))


@lru_cache(maxsize=4096)
def is_noun(word: str) -> bool:
    """Tell whether jieba's dictionary has a word of Simplified Chinese as a noun or a name.

    The dictionary is searched as it lies, 5 MB of lines `word frequency class`: the few words that
    are asked for do not pay for a table of all 349,000.
    """
    dictionary = _dictionary()
    start = dictionary.find(b"\n%s " % word.encode())
    if start < 0:
        return False
    _, _, word_class = dictionary[start + 1 : dictionary.find(b"\n", start + 1)].split()
    return word_class.startswith(b"n")


@cache
def _dictionary() -> bytes:
    return files("jieba").joinpath("dict.txt").read_bytes()


def words(run: str) -> list[str]:
    """Cut a run of Simplified Chinese into words that follow one another: the long ones alone."""
    found: list[str] = []
    end = len(run)
    # A word comes behind the words in it, so the last piece that ends where the text ends is one.
    for piece in reversed(segment(run)):
        if run.endswith(piece, 0, end):
            found.append(piece)
            end -= len(piece)
    return found[::-1]


@cache
def _simplified_characters() -> dict[int, str]:
    from opencc import OpenCC  # noqa: PLC0415 - reads its dictionaries

    characters = [chr(code) for codes in _IDEOGRAPHS for code in codes]
    # A line break between the characters keeps phrases from forming.
    converted = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    pairs = zip(characters, converted, strict=True)
    return {ord(old): new for old, new in pairs if old != new}


def _segmenter() -> _Segmenter:
    global _segment  # noqa: PLW0603 - the dictionary takes 0.8 s and 150 MiB: one for the process
    if _segment is None:
        with _LOCK:
            if _segment is None:
                _segment = _load_segmenter()
    return _segment


def _load_segmenter() -> _Segmenter:
    with warnings.catch_warnings():
        # jieba 0.42 has invalid escapes and, on some machines, imports pkg_resources.
        warnings.simplefilter("ignore")
        import jieba  # noqa: PLC0415 - slow to load

    tokenizer = jieba.Tokenizer()
    # Its own way of loading reads and writes a marshal file in the shared temporary folder, where
    # anybody could lay one down; the dictionary of the package takes 0.4 s longer.
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    cut: _Segmenter = tokenizer.cut_for_search
    return cut
