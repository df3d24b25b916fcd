"""The questions that one question asks."""

import re
from typing import Final

_LEAST_CHARACTERS: Final = 4
_ENDS = re.compile(r"(?<=[?？])\s*")
_JOINTS = {
    "zh": re.compile(r"[，,；;]\s*(?:以及|并且|而且|还有|另外|同时|和)?|(?:以及|还有)"),
    "en": re.compile(r"[,;]\s*(?:and |or )?|\s+and\s+", re.IGNORECASE),
}
_LAST_JOINT = re.compile(
    r"(?:[\s,，;；?？]+(?:and|or|以及|并且|而且|还有|另外|同时|和)?\s*)+$", re.IGNORECASE
)
_ASKS = {
    "zh": re.compile(
        r"多少|几|什么|哪|谁|怎|如何|何时|何地|为何|是否|能否|可否|吗|多[久长大高远快]|[能可要会是有][不没]"
    ),
    "en": re.compile(
        r"^(?:(?:by|for|at|in|on|from|to|until|within|under|with|of) )?"
        r"(?:how|what|when|where|which|who|whom|whose|why|whether)\b"
        r"|^(?:is|are|was|were|do|does|did|can|could|may|must|should|will|has|have)\b.*\b\w+\b",
        re.IGNORECASE,
    ),
}


def question_parts(question: str, lang: str) -> tuple[str, ...]:
    """Return the questions in a text, each as it stands; the text itself if it is one.

    `How long is it, and who approves it?` asks two. A comma parts two questions only if both ask by
    a word for it: what comes before the first of them belongs to it, as a condition mostly does.
    """
    pieces = [piece for end in _ENDS.split(question.strip()) for piece in _cut(end, lang)]
    parts: list[str] = []
    waiting = ""
    for piece in pieces:
        text = f"{waiting}{piece}"
        if _ASKS[lang].search(_bare(piece)) and len(_bare(piece)) >= _LEAST_CHARACTERS:
            parts.append(text)
            waiting = ""
        else:
            waiting = text
    if waiting and parts:
        parts[-1] += waiting
    asked = tuple(_bare(part) for part in parts)
    return asked if len(asked) > 1 else (question.strip(),)


def _cut(text: str, lang: str) -> list[str]:
    """Return a sentence cut at its joints; what joins stays with the piece before."""
    pieces, start = [], 0
    for joint in _JOINTS[lang].finditer(text):
        pieces.append(text[start : joint.end()])
        start = joint.end()
    return [piece for piece in (*pieces, text[start:]) if piece]


def _bare(text: str) -> str:
    return _LAST_JOINT.sub("", text.strip()).strip()
