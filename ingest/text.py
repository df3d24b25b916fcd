"""Text hygiene: what every parser's text goes through, once."""

import re
import unicodedata
from functools import reduce

_SPACES = [0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000]
_BULLETS = "\uf0b7\uf0a7\uf06e\uf0d8\uf076\uf0fc\uf06c"
"""Bullets of the Symbol and Wingdings fonts, which Office writes as private characters."""


_RADICALS = "⺠⻁⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳⼾"
_RADICAL_CHARACTERS = "民虎西见角贝车长门青韦页风飞食马骨鬼鱼鸟卤麦黄齐齿龙龟户"
"""Simplified radicals, which Unicode does not map to the characters they look like."""
_HIDING_PLACES = [*range(0x20000), *range(0xE0000, 0xE1000)]
"""All code points that have format or control characters."""


def _is_unwanted(character: str) -> bool:
    """Tell whether a character has no place in text: it is invisible, or cannot be encoded.

    Format characters (Cf) are the zero-width, bidirectional and tag characters: a reader does not
    see them, so they can hide instructions and break up words that a search should find.
    """
    if character in "\t\n":
        return False
    return unicodedata.category(character) in {"Cc", "Cf", "Cs"} or ord(character) in {
        0xFFFE,
        0xFFFF,
        0x115F,  # Hangul fillers show nothing although they count as letters
        0x1160,
        0x3164,
        0xFFA0,
    }


def _build_table() -> dict[int, str | None]:
    table: dict[int, str | None] = {
        code: None for code in _HIDING_PLACES if _is_unwanted(chr(code))
    }
    table |= dict.fromkeys(_SPACES, " ")
    table |= {ord(bullet): "•" for bullet in _BULLETS}
    # PDF fonts often map to radicals and ligatures, which no one types into a search box.
    shapes = [*range(0x2E80, 0x2FE0), *range(0xFB00, 0xFB07)]
    table |= {code: unicodedata.normalize("NFKC", chr(code)) for code in shapes}
    return table | {ord(k): v for k, v in zip(_RADICALS, _RADICAL_CHARACTERS, strict=True)}


_TABLE = _build_table()
_SPACE_RUN = re.compile(r"[ \t]+")
_AROUND_NEWLINE = re.compile(r" ?\n[ \n]*")


def clean(text: str) -> str:
    """Return prose in NFC, without invisible characters, with single spaces and newlines."""
    text = _SPACE_RUN.sub(" ", _normalize(text))
    return _AROUND_NEWLINE.sub("\n", text).strip()


def clean_line(text: str) -> str:
    """Return `clean` text on one line, for headings, titles and table cells."""
    return clean(text).replace("\n", " ")


def clean_code(text: str) -> str:
    """Return code: as `clean`, but spaces, tabs and blank lines mean something and stay."""
    lines = [line.rstrip() for line in _normalize(text).split("\n")]
    return "\n".join(lines).strip("\n")


def _normalize(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    text = text.replace("\u2029", "\n").replace("\x0b", "\n").replace("\x0c", "\n")
    return unicodedata.normalize("NFC", text.translate(_TABLE))


def is_wide(character: str) -> bool:
    """Tell whether a character is written without spaces around it (Chinese, its punctuation)."""
    return unicodedata.east_asian_width(character) in {"W", "F"}


def join_lines(first: str, second: str) -> str:
    """Join a wrapped line to the next: no space between Chinese, one between other words.

    A hyphen at the end of a line is taken out where the word goes on in lower case.
    """
    if not first or not second:
        return first + second
    if is_wide(first[-1]) or is_wide(second[0]):
        return first + second
    if first[-1] in "-\u2010" and first[-2:-1].isalpha() and second[0].islower():
        return first[:-1] + second
    return f"{first} {second}"


def wrapped(lines: list[str]) -> str:
    """Return the lines of one paragraph as one line."""
    return reduce(join_lines, (line.strip() for line in lines), "")
