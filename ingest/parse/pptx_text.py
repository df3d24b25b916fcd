"""The paragraphs of a shape on a slide, with their bullets and the numbers PowerPoint counts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pptx.oxml.ns import qn
from pptx.shapes.autoshape import Shape
from pptx.text.text import TextFrame, _Paragraph

from ingest.parse.numerals import numeral
from stores.records import BlockKind

_BULLETS = {qn(f"a:{name}"): name for name in ("buNone", "buChar", "buBlip", "buAutoNum")}
_SCHEME = re.compile(r"(?P<signs>\w+?)(?P<marks>ParenBoth|ParenR|Period|Plain|Minus)")
_FORMATS = {
    "alphaLc": "lowerLetter",
    "alphaUc": "upperLetter",
    "romanLc": "lowerRoman",
    "romanUc": "upperRoman",
    "circleNumDb": "decimalEnclosedCircle",
    "circleNumWdBlack": "decimalEnclosedCircle",
    "circleNumWdWhite": "decimalEnclosedCircle",
    "arabicDb": "decimalFullWidth",
    "ea1Chs": "chineseCountingThousand",
    "ea1Cht": "chineseCountingThousand",
    "ea1JpnChsDb": "chineseCountingThousand",
    "ea1JpnKor": "chineseCountingThousand",
}
_MARKS = {"ParenBoth": "({})", "ParenR": "{})", "Period": "{}.", "Minus": "{}-"}
_MOST_DIGITS = 5


@dataclass(frozen=True, slots=True)
class _Bullet:
    """What stands before a paragraph: the name of a bullet's tag, and how a number is counted."""

    name: str
    scheme: str = ""
    start: int = 1


_NOTHING = _Bullet("")


def shape_text(shape: Shape) -> tuple[BlockKind, str]:
    """Return the paragraphs of a shape; in a body placeholder, or with bullets, they are a list."""
    is_body = shape.is_placeholder and shape.placeholder_format.idx > 0
    labelled = list(_labelled(shape.text_frame))
    is_marked = any(label for _, label in labelled)
    if len(labelled) > 1 and (is_body or is_marked):
        lines = [
            f"{'  ' * paragraph.level}{label or '-'} {' '.join(paragraph.text.split())}"
            for paragraph, label in labelled
        ]
        return BlockKind.LIST, "\n".join(lines)
    lines = [
        f"{label} {paragraph.text}" if label not in {"", "-"} else paragraph.text
        for paragraph, label in labelled
    ]
    return BlockKind.TEXT, "\n".join(lines)


def _labelled(frame: TextFrame) -> Iterator[tuple[_Paragraph, str]]:
    """Yield the paragraphs that have text, each with its number, `-` for a bullet, or "".

    A number goes on as long as nothing but deeper paragraphs stands between.
    """
    counted: dict[int, tuple[_Bullet, int]] = {}
    for paragraph in frame.paragraphs:
        if not paragraph.text.strip():
            continue
        level = paragraph.level
        bullet = _bullet(paragraph, frame)
        counted = {depth: last for depth, last in counted.items() if depth <= level}
        before, number = counted.pop(level, (_NOTHING, 0))
        if bullet.name != "buAutoNum":
            yield paragraph, "" if bullet.name in {"", "buNone"} else "-"
            continue
        number = number + 1 if before == bullet else bullet.start
        counted[level] = (bullet, number)
        yield paragraph, _label(bullet.scheme, number)


def _bullet(paragraph: _Paragraph, frame: TextFrame) -> _Bullet:
    """Return the bullet of a paragraph, or else that of its level in the shape's list styles."""
    styles = frame._txBody.find(qn("a:lstStyle"))  # bullets have no public name
    levels = [] if styles is None else styles.findall(qn(f"a:lvl{paragraph.level + 1}pPr"))
    for properties in (paragraph._p.pPr, *levels):
        for node in properties if properties is not None else ():
            if node.tag in _BULLETS:
                start = node.get("startAt", "1")
                is_number = start.isascii() and start.isdigit() and len(start) <= _MOST_DIGITS
                return _Bullet(
                    _BULLETS[node.tag], node.get("type", ""), int(start) if is_number else 1
                )
    return _NOTHING


def _label(scheme: str, number: int) -> str:
    """Return a number as its scheme writes it (ISO 29500-1, 20.1.10.61 ST_TextAutonumberScheme)."""
    match = _SCHEME.fullmatch(scheme)
    signs, marks = (match["signs"], match["marks"]) if match else ("arabic", "Period")
    shown = numeral(number, _FORMATS.get(signs, "decimal"))
    return _MARKS.get(marks, "{}").format(shown)
