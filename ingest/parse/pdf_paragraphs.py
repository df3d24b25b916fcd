"""From the lines of PDF pages to paragraphs, lists and rows of tables."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from ingest.parse.pdf_layout import Line
from ingest.parse.pdf_recognised import of_lines
from ingest.parse.tables import markdown_table, split_captions
from ingest.text import wrapped
from stores.records import BlockKind, Recognised

_BULLET = re.compile(r"[•●▪■◆◇○➢▶►·–*]\s*(?=\S)|[-o]\s+(?=\S)")
_NUMBERED = re.compile(
    r"(?:\(?\d{1,2}[.)]|\d{1,2}(?:\.\d{1,2}){1,3}\.?|\([a-zA-Z]\)|[ivx]{1,4}\.)\s"
    r"|[（(][一二三四五六七八九十\d]{1,3}[）)]|[一二三四五六七八九十]{1,3}、|\d{1,2}[、．]"
    r"|第[一二三四五六七八九十百千零〇\d]+[章节条][\s　]"
)
_SENTENCE_END = tuple("。！？；：.!?:;”」")
_MAX_LEADING = 1.35
"""Step to the next line, in usual steps of the page, up to which a paragraph goes on."""
_TIGHT_LEADING = 1.3
_USUAL_STEP = 3.0
"""Steps larger than this many text sizes are between blocks and do not count."""
_SAME_SIZE = 0.09
_INDENT = 0.9
"""First-line indent in text sizes, from which on a line begins a paragraph."""
_SHORT_LINE = 0.8
"""Share of its column that a line fills at least if it was broken for want of room."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of one page, with the size of its letters in points."""

    kind: BlockKind
    text: str
    size: float
    page: int
    lines: int
    recognised: Recognised | None = None
    """How it was recognised in a scan; None for text of the file."""


def paragraphs(lines: list[Line], *, page: int) -> Iterator[Paragraph]:
    """Yield the paragraphs of a page; rows of a table are one block, each on its own line."""
    step = _usual_step(lines)
    group: list[Line] = []
    for line in lines:
        if group and not _goes_on(group, line, step=step):
            yield from _paragraphs(group, page=page)
            group = []
        group.append(line)
    if group:
        yield from _paragraphs(group, page=page)


def _usual_step(lines: list[Line]) -> float:
    """Return the usual distance from one line to the next, 0 if there is none."""
    steps = [
        following.bottom - line.bottom
        for line, following in pairwise(lines)
        if 0 < following.bottom - line.bottom < _USUAL_STEP * line.size
    ]
    return median(steps) if steps else 0.0


def _goes_on(group: list[Line], line: Line, *, step: float) -> bool:
    last = group[-1]
    if line.rows or last.rows:
        return False
    distance = line.bottom - last.bottom
    is_near = 0 < distance <= max(_MAX_LEADING * step, line.size * _TIGHT_LEADING)
    is_alike = abs(line.size - last.size) <= _SAME_SIZE * max(last.size, line.size)
    if not is_near or not is_alike or (line.cells > 1) != (last.cells > 1):
        return False
    if line.cells > 1:
        return True
    return not _begins(line, last) and not _ended(last, line, is_first=len(group) == 1)


def _begins(line: Line, last: Line) -> bool:
    """Tell whether a line begins a paragraph by its mark or its indent."""
    if _BULLET.match(line.text) or _NUMBERED.match(line.text):
        return True
    indent = line.left - line.column[0]
    is_indented = _INDENT * line.size < indent and line.left > last.left + _INDENT * line.size
    return is_indented and not _BULLET.match(last.text) and not _NUMBERED.match(last.text)


def _ended(last: Line, line: Line, *, is_first: bool) -> bool:
    """Tell whether the paragraph ended with a line that had room for more words."""
    left, right = last.column
    if last.right >= left + _SHORT_LINE * (right - left):
        return False
    is_centred = is_first and last.left > left + line.size and line.left > left + line.size
    first_word = line.text.split(" ", 1)[0]
    has_room = right - last.right > line.size * min(len(first_word), 12)
    return has_room and not is_centred and last.text.endswith(_SENTENCE_END)


def _paragraphs(group: list[Line], *, page: int) -> Iterator[Paragraph]:
    """Yield one paragraph, or a table after the captions that stand in it."""
    size, recognised = group[0].size, of_lines(group)
    if not group[0].rows:
        yield _paragraph(group, page=page, recognised=recognised)
        return
    rows = [list(row) for row in group[0].rows]
    captions, table = split_captions(rows) if rows[0][0] else ([], rows)  # else a merged header
    for caption in captions:
        yield Paragraph(BlockKind.TEXT, caption, size, page, 1, recognised)
    if table:
        yield Paragraph(BlockKind.TABLE, markdown_table(table), size, page, len(table), recognised)


def _paragraph(group: list[Line], *, page: int, recognised: Recognised | None) -> Paragraph:
    texts = [line.text for line in group]
    if group[0].cells > 1:
        kind, text = BlockKind.TEXT, "\n".join(texts)
    else:
        kind, text = BlockKind.TEXT, wrapped(texts)
        bullet = _BULLET.match(text)
        if bullet:
            kind, text = BlockKind.LIST, f"- {text[bullet.end() :]}"
    size = median(line.size for line in group)
    return Paragraph(kind, text, size, page, len(group), recognised)
