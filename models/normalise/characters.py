"""Characters, spaces and separators: what differs in writing only."""

import re
import unicodedata

from models.chinese import to_simplified
from models.normalise.patterns import pattern

_CJK = r"\u3001-\u303f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_BEFORE_NFKC = str.maketrans({"º": "°", "˚": "°", "¼": ".25", "½": ".5", "¾": ".75"})
_AFTER_NFKC = str.maketrans(
    dict.fromkeys("‐‑‒–−﹣", "-")
    | dict.fromkeys("〜∼～", "~")
    | dict.fromkeys("‘’′", "'")
    | dict.fromkeys("“”″", '"')
    | dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad`")
)
# Between digits these separate, unlike their ASCII forms: `1，200`, `E04：3 次`; but `9：30`.
_FULL_WIDTH = pattern(r"(?<=[0-9])([，：])(?=[0-9])(?!(?<=：)[0-5][0-9](?![0-9]))")
_VULGAR_FRACTION = pattern(r"(?<![0-9])(?=[¼½¾])")
_SUPERSCRIPT = pattern(r"(?<=[0-9])(?=[²³¹⁰⁴⁵⁶⁷⁸⁹])")
_THIN_SPACE = pattern(r"(?<=[0-9])[\u00a0\u2009\u202f](?=[0-9]{3}(?![0-9]))")
_DASH = pattern(r"[—―]+")
_EMPHASIS = pattern(r"\*\*")
_SPACES = re.compile(r"\s+")
_CHINESE_SPACE = pattern(rf"(?<=[{_CJK}]) | (?=[{_CJK}])")
_THOUSANDS = pattern(r"(?<![\w.])\d{1,3}(?:,\d{3})+(?!\d|,\d)")


def unify_characters(text: str) -> str:
    """Write alike what differs in width, case, script, quotes, dashes or emphasis."""
    text = _FULL_WIDTH.sub(r"\1 ", _THIN_SPACE.sub("", text))
    text = _SUPERSCRIPT.sub("^", _VULGAR_FRACTION.sub("0", text)).translate(_BEFORE_NFKC)
    text = unicodedata.normalize("NFKC", text).casefold()
    text = to_simplified(unicodedata.normalize("NFKC", text)).translate(_AFTER_NFKC)
    return _DASH.sub(" - ", _EMPHASIS.sub("", text))


def unify_spaces(text: str) -> str:
    """Keep one space between words, and none beside Chinese."""
    return _CHINESE_SPACE.sub("", _SPACES.sub(" ", text))


def join_thousands(text: str) -> str:
    """Drop the separators of thousands: `1,200` becomes `1200`."""
    return _THOUSANDS.sub(lambda match: match[0].replace(",", ""), text)
