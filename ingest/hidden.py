"""Characters that show nothing: counted here, and taken out of all text by `ingest.text`."""

import re
from collections import Counter
from typing import Final

from stores.records import HiddenKind

_FLAG: Final = re.compile("\U0001f3f4[\U000e0061-\U000e007a\U000e0030-\U000e0039]{2,6}\U000e007f")
"""The flags of regions such as Scotland are written with tag characters."""
_JOINED: Final = "\u0600-\u0eff\u1000-\u109f\u1780-\u18af"
"""Scripts in which a zero-width joiner or its absence changes how letters are shown."""
_EMOJI: Final = "\u2600-\u27bf\ufe0f\U0001f1e6-\U0001faff"
_PATTERNS: Final = {
    HiddenKind.ZERO_WIDTH: re.compile(
        f"[\u200b\u2060-\u2064]|(?<!\\A)\ufeff|(?<![{_JOINED}{_EMOJI}])[\u200c\u200d]"
    ),
    HiddenKind.BIDI: re.compile("[\u202a-\u202e\u2066-\u2069]"),
    HiddenKind.TAGS: re.compile("[\U000e0000-\U000e007f]"),
}


def invisible_characters(text: str) -> Counter[HiddenKind]:
    """Count zero-width, direction and tag characters, without those that writing needs.

    Soft hyphens, a byte order mark, joiners in scripts and emoji that have them, and the marks
    U+200E and U+200F are not counted: honest texts have them.
    """
    plain = _FLAG.sub("", text)
    found = {kind: len(pattern.findall(plain)) for kind, pattern in _PATTERNS.items()}
    return Counter({kind: count for kind, count in found.items() if count})
