"""Headings of Chinese documents that have no styles, by how they are numbered."""

import re

_NUMBER = r"[一二三四五六七八九十百千零〇两\d]+"
_LEVELS = (
    (1, re.compile(rf"第\s?{_NUMBER}\s?[编篇部卷]{{1}}(?:分?\s|分?$|\s)")),
    (2, re.compile(rf"第\s?{_NUMBER}\s?[章回](?:\s|$|[^节条的之中及和与、，])")),
    (3, re.compile(rf"第\s?{_NUMBER}\s?节(?:\s|$|[^的之中及和与、，课])")),
    (4, re.compile(r"[一二三四五六七八九十]{1,3}、\s?\S")),
    (5, re.compile(rf"第\s?{_NUMBER}\s?条(?:之{_NUMBER})?(?:\s|$|[（(【])")),
)
_MAX_LENGTH = 30
_SENTENCE = re.compile(r"[。；;！？!?，,：:]")
_CONTENTS_LINE = re.compile(r"(?:\.{3,}|…+|·{3,}|\t)\s*\d*$")


def chinese_heading_level(line: str) -> int | None:
    """Return the level of a paragraph that is a numbered heading, else None.

    Only a short paragraph that is no sentence counts: 第三条 is a heading where it stands alone or
    with a name, and the beginning of a paragraph where the rule itself follows.
    """
    line = line.strip()
    if len(line) > _MAX_LENGTH or _SENTENCE.search(line) or _CONTENTS_LINE.search(line):
        return None
    return next((level for level, pattern in _LEVELS if pattern.match(line)), None)
