"""The numbers that Word counts itself: 第三条, 1.2.3, (a).

They stand nowhere in the text of a document. A paragraph, or its style, names a list (`w:num`), the
list names a definition (`w:abstractNum`) whose levels have a number format and a pattern, and what
is shown follows from all numbered paragraphs before (ISO 29500-1, 17.9).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from ingest.parse.numerals import numeral
from ingest.text import is_wide

_PLACE = re.compile(r"%([1-9])")
_VALUE = qn("w:val")
_OFF = frozenset({"0", "false", "off"})
_NO_LIST = "0"
_MAX_INHERITANCE = 20
_MOST_DIGITS = 9
_DEEPEST_LEVEL = 8
_GLUES = {"nothing": "", "space": " "}


@dataclass(frozen=True, slots=True)
class NumberLabel:
    """What stands before a paragraph; `text` is empty for a bullet, `glue` for no space behind."""

    text: str
    glue: str = " "

    def before(self, text: str) -> str:
        """Return a text behind its number; none is put before nothing."""
        if not self.text or not text.strip():
            return text
        return f"{self.text}{'' if self._ends_wide() else self.glue}{text.lstrip()}"

    @property
    def is_clause(self) -> bool:
        """Tell whether it numbers a clause of a rule, as 第三条: a paragraph, no item of a list."""
        return self.text.startswith("第")

    def _ends_wide(self) -> bool:
        """Tell whether the number ends in 、 or （一）, behind which Chinese has no space."""
        return is_wide(self.text[-1]) and not self.text[-1].isalnum()


NO_LABEL: Final = NumberLabel("")


@dataclass(frozen=True, slots=True)
class _Level:
    """A level of a list; `restart` is the level, from 1, behind which it begins anew, 0 for none.

    None is behind any level that is further out.
    """

    start: int = 1
    number_format: str = "decimal"
    pattern: str = ""
    restart: int | None = None
    is_legal: bool = False
    glue: str = " "
    style: str = ""


@dataclass(frozen=True, slots=True)
class _List:
    """A list; those with the same `definition` count on from each other."""

    definition: str
    levels: Mapping[int, _Level]
    starts: Mapping[int, int]


class Numbering:
    """Counts the numbered paragraphs of a document, which are to be shown to it in their order.

    Parameters
    ----------
    styles
        The styles of the document; a style may be numbered, as those of headings often are.
    numbering
        The root of its numbering part; None where it has none.
    """

    def __init__(self, styles: BaseOxmlElement, numbering: BaseOxmlElement | None) -> None:
        self._styles = {node.get(qn("w:styleId")): node for node in styles.findall(qn("w:style"))}
        self._lists = {} if numbering is None else _read_lists(numbering, self._styles)
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()

    def count(self, properties: BaseOxmlElement | None) -> NumberLabel:
        """Return the number of the next paragraph by its properties (`w:pPr`)."""
        number, depth = self._place(properties)
        found = self._lists.get(number)
        level = None if found is None else found.levels.get(depth)
        if found is None or level is None:
            return NO_LABEL
        counts = self._counts.setdefault(found.definition, {})
        self._step(found, number, depth, counts)
        shown = _PLACE.sub(lambda match: _shown(match, found, level, counts), level.pattern)
        is_bullet = level.number_format == "bullet"
        return NO_LABEL if is_bullet else NumberLabel(shown.strip(), level.glue)

    def _step(self, found: _List, number: str, depth: int, counts: dict[int, int]) -> None:
        if depth in found.starts and (number, depth) not in self._begun:
            counts[depth] = found.starts[depth]
        elif depth in counts:
            counts[depth] += 1
        else:
            counts[depth] = found.levels[depth].start
        self._begun.add((number, depth))
        for inner, level in found.levels.items():
            outermost = inner if level.restart is None else level.restart
            if inner > depth and depth < outermost:
                counts.pop(inner, None)
        for outer in range(depth):
            counts.setdefault(outer, found.levels.get(outer, _Level()).start)

    def _place(self, properties: BaseOxmlElement | None) -> tuple[str, int]:
        """Return the list and the level of a paragraph, by itself or else by its style."""
        style_number, style_depth = self._style_place(_value(properties, "w:pStyle"))
        own = properties.find(qn("w:numPr")) if properties is not None else None
        if own is None:
            return style_number, style_depth
        return _value(own, "w:numId") or style_number, _depth(_value(own, "w:ilvl"))

    def _style_place(self, style: str) -> tuple[str, int]:
        """Return the list and the level of a style, by itself or by one it is based on."""
        depth = ""
        for _ in range(_MAX_INHERITANCE):
            node = self._styles.get(style)
            if node is None:
                break
            properties = node.find(qn("w:pPr"))
            own = properties.find(qn("w:numPr")) if properties is not None else None
            depth = depth or _value(own, "w:ilvl")
            number = _value(own, "w:numId")
            if number:
                return number, self._linked_level(number, style, _depth(depth))
            style = _value(node, "w:basedOn")
        return _NO_LIST, 0

    def _linked_level(self, number: str, style: str, stated: int) -> int:
        """Return the level that names a style as its own, else the one that the style states."""
        found = self._lists.get(number)
        levels = {} if found is None else found.levels
        return next((depth for depth, level in levels.items() if level.style == style), stated)


def _shown(match: re.Match[str], found: _List, level: _Level, counts: Mapping[int, int]) -> str:
    depth = int(match[1]) - 1
    of_level = found.levels.get(depth, _Level())
    number_format = "decimal" if level.is_legal else of_level.number_format
    return numeral(counts.get(depth, of_level.start), number_format)


def _read_lists(
    numbering: BaseOxmlElement, styles: Mapping[str, BaseOxmlElement]
) -> dict[str, _List]:
    definitions = {
        node.get(qn("w:abstractNumId"), ""): node for node in numbering.findall(qn("w:abstractNum"))
    }
    lists = {node.get(qn("w:numId"), ""): node for node in numbering.findall(qn("w:num"))}
    read: dict[str, _List] = {}
    for number, node in lists.items():
        definition = _definition(node, definitions, lists, styles)
        levels = _levels(definitions.get(definition))
        starts: dict[int, int] = {}
        for override in node.findall(qn("w:lvlOverride")):
            depth = _depth(override.get(qn("w:ilvl"), ""))
            own = override.find(qn("w:lvl"))
            if own is not None:
                levels[depth] = _level(own)
            if override.find(qn("w:startOverride")) is not None:
                starts[depth] = _number(override, "w:startOverride", default=1)
                levels[depth] = replace(levels.get(depth, _Level()), start=starts[depth])
        read[number] = _List(definition, levels, starts)
    return read


def _definition(
    node: BaseOxmlElement,
    definitions: Mapping[str, BaseOxmlElement],
    lists: Mapping[str, BaseOxmlElement],
    styles: Mapping[str, BaseOxmlElement],
) -> str:
    """Return the definition of a list, through the list style that it may only point to."""
    name = _value(node, "w:abstractNumId")
    for _ in range(_MAX_INHERITANCE):
        link = _value(definitions.get(name), "w:numStyleLink")
        style = styles.get(link)
        properties = style.find(qn("w:pPr")) if style is not None else None
        own = properties.find(qn("w:numPr")) if properties is not None else None
        target = lists.get(_value(own, "w:numId"))
        if target is None:
            break
        name = _value(target, "w:abstractNumId")
    return name


def _levels(definition: BaseOxmlElement | None) -> dict[int, _Level]:
    nodes = [] if definition is None else definition.findall(qn("w:lvl"))
    return {_depth(node.get(qn("w:ilvl"), "")): _level(node) for node in nodes}


def _level(node: BaseOxmlElement) -> _Level:
    legal = node.find(qn("w:isLgl"))
    has_restart = node.find(qn("w:lvlRestart")) is not None
    return _Level(
        start=_number(node, "w:start", default=0),
        number_format=_value(node, "w:numFmt") or "decimal",
        pattern=_value(node, "w:lvlText"),
        restart=_number(node, "w:lvlRestart", default=0) if has_restart else None,
        is_legal=legal is not None and legal.get(_VALUE, "true") not in _OFF,
        glue=_GLUES.get(_value(node, "w:suff"), " "),
        style=_value(node, "w:pStyle"),
    )


def _value(node: BaseOxmlElement | None, name: str) -> str:
    child = node.find(qn(name)) if node is not None else None
    return "" if child is None else child.get(_VALUE, "")


def _number(node: BaseOxmlElement, name: str, *, default: int) -> int:
    return _integer(_value(node, name), default=default)


def _depth(value: str) -> int:
    """Return a level; one that no list has is taken for the outermost, as in `list_depth`."""
    depth = _integer(value, default=0)
    return depth if depth <= _DEEPEST_LEVEL else 0


def _integer(value: str, *, default: int) -> int:
    is_number = value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS
    return int(value) if is_number else default
