"""Which paragraphs of a PDF are headings: by its outline, by their size, by their numbers."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from ingest.parse.chinese_headings import chinese_heading_level
from ingest.parse.pdf_paragraphs import Paragraph
from ingest.parse.pdf_text import OutlineEntry
from stores.records import BlockKind

_NOT_LETTERS = re.compile(r"[\W_]+")
_PREFIX = re.compile(r"[\divxa-z第一二三四五六七八九十百章节]{0,8}")
_MIN_OUTLINE = 3
_MIN_LARGER = 1.08
"""A heading by size is this much larger than most of the text."""
_MAX_SHARE = 0.15
"""Share of all characters; a size that is used for more than this is that of other text."""
_MAX_LENGTH = 120
_MAX_LINES = 3
_DEEPEST = 6
_NO_HEADING_END = tuple("。；，、;,.：:")


def heading_levels(
    paragraphs: Sequence[Paragraph], outline: Sequence[OutlineEntry]
) -> dict[int, int]:
    """Return the level of each paragraph, by its position, that is a heading.

    The outline is what the author says, and is taken if most of it is found in the text; else
    larger letters count; else, in Chinese documents, the numbering of chapters.
    """
    by_outline = _by_outline(paragraphs, outline)
    if len(by_outline) >= max(_MIN_OUTLINE, len(outline) / 2):
        return by_outline
    by_size = _by_size(paragraphs)
    return by_size or _by_number(paragraphs)


def _by_outline(paragraphs: Sequence[Paragraph], outline: Sequence[OutlineEntry]) -> dict[int, int]:
    entries: dict[int | None, list[tuple[str, int]]] = defaultdict(list)
    for entry in outline:
        key = _key(entry.title)
        if key:
            entries[entry.page].append((key, entry.level))
    levels: dict[int, int] = {}
    for position, paragraph in enumerate(paragraphs):
        if len(paragraph.text) > _MAX_LENGTH:
            continue
        key = _key(paragraph.text)
        for title, level in entries.get(paragraph.page, ()):
            if key == title or (key.endswith(title) and _PREFIX.fullmatch(key[: -len(title)])):
                levels[position] = level
                break
    return levels


def _by_size(paragraphs: Sequence[Paragraph]) -> dict[int, int]:
    counts = _characters_by_size(paragraphs)
    body = max(counts, key=lambda size: counts[size], default=0)
    large = {
        size
        for size, count in counts.items()
        if size >= _MIN_LARGER * body and count <= _MAX_SHARE * counts.total()
    }
    sizes = {
        position: _rounded(paragraph.size)
        for position, paragraph in enumerate(paragraphs)
        if _rounded(paragraph.size) in large and _looks_like_heading(paragraph)
    }
    ranks = {size: rank for rank, size in enumerate(sorted(set(sizes.values()), reverse=True), 1)}
    return {position: min(ranks[size], _DEEPEST) for position, size in sizes.items()}


def _characters_by_size(paragraphs: Sequence[Paragraph]) -> Counter[float]:
    counts: Counter[float] = Counter()
    for paragraph in paragraphs:
        counts[_rounded(paragraph.size)] += len(paragraph.text)
    return counts


def _rounded(size: float) -> float:
    return round(size * 2) / 2


def _looks_like_heading(paragraph: Paragraph) -> bool:
    text = paragraph.text
    letters = sum(character.isalpha() for character in text)
    return (
        paragraph.kind is BlockKind.TEXT
        and "\n" not in text
        and len(text) <= _MAX_LENGTH
        and paragraph.lines <= _MAX_LINES
        and letters > 1
        and letters >= len(text) / 3
        and not text.endswith(_NO_HEADING_END)
    )


def _by_number(paragraphs: Sequence[Paragraph]) -> dict[int, int]:
    levels = {
        position: chinese_heading_level(paragraph.text)
        for position, paragraph in enumerate(paragraphs)
    }
    return {position: level for position, level in levels.items() if level is not None}


def _key(text: str) -> str:
    return _NOT_LETTERS.sub("", text).casefold()
