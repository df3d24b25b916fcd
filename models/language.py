"""Which of the two languages a text is written in."""

import re
from typing import Literal

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_LATIN_WORD = re.compile(r"[^\W\d_\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_FUNCTION_WORD = re.compile(
    r"a|an|and|are|as|at|be|by|can|did|do|does|for|from|have|how|i|if|in|is|it|must|my|of|on|or|"
    r"our|should|that|the|this|to|was|we|were|what|when|where|which|who|why|will|with|you|your"
)


def detect_language(text: str) -> Literal["zh", "en"]:
    """Return the language of a text by its script.

    It is `zh` if there are more Han characters than words of other scripts, or if there are some
    and no English function word: `iPhone 15 Pro Max 价格` is Chinese, `What does 年假 mean?` is
    English. Text without letters counts as `en`.
    """
    han = len(_HAN.findall(text))
    words = _LATIN_WORD.findall(text.lower())
    if han > len(words):
        return "zh"
    return "zh" if han and not any(map(_FUNCTION_WORD.fullmatch, words)) else "en"
