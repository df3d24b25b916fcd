"""What the styles of a Word document say: which are headings, lists, code or contents."""

import re
from dataclasses import dataclass, replace

from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

_HEADING_NAME = re.compile(r"(?:heading|标题|標題)\s*([1-9])$", re.IGNORECASE)
_TITLE_NAMES = frozenset({"title", "标题", "標題", "文档标题"})
_CONTENTS_NAME = re.compile(
    r"(?:toc|目录|目錄|table of (?:figures|authorities))\s*\d*", re.IGNORECASE
)
_LIST_NAME = re.compile(r"(?:list|列表|列出段落)(?! paragraph|段落)", re.IGNORECASE)
_CODE_NAME = re.compile(r"code|preformatted|代码|verbatim", re.IGNORECASE)
_DEEPEST_LEVEL = 9
_MAX_INHERITANCE = 20

TITLE_LEVEL = 0


@dataclass(frozen=True, slots=True)
class Style:
    """What a paragraph is by its style; `level` is that of a heading, 0 for the title."""

    level: int | None = None
    is_list: bool = False
    is_code: bool = False
    is_contents: bool = False


PLAIN = Style()


def read_styles(element: BaseOxmlElement) -> dict[str, Style]:
    """Return what each paragraph style is, by its id; ids are localized, as names may be."""
    nodes = {node.get(qn("w:styleId")): node for node in element.findall(qn("w:style"))}
    return {style_id: _style(style_id, nodes) for style_id in nodes if style_id}


def outline_level(properties: BaseOxmlElement) -> int | None:
    """Return the level that paragraph properties state: 1 to 9; 10 is body text."""
    node = properties.find(qn("w:outlineLvl")) if properties is not None else None
    value = node.get(qn("w:val"), "") if node is not None else ""
    return int(value) + 1 if value.isascii() and value.isdigit() else None


def list_depth(properties: BaseOxmlElement) -> int | None:
    """Return how deep in a list paragraph properties put it, 0 for the outermost level."""
    numbering = properties.find(qn("w:numPr")) if properties is not None else None
    if numbering is None:
        return None
    number, level = numbering.find(qn("w:numId")), numbering.find(qn("w:ilvl"))
    if number is not None and number.get(qn("w:val")) == "0":  # "no list", against the style
        return None
    value = level.get(qn("w:val"), "0") if level is not None else "0"
    is_level = len(value) == 1 and value in "012345678"
    return int(value) if is_level else 0


def _style(style_id: str, nodes: dict[str, BaseOxmlElement]) -> Style:
    """Follow a style and those it is based on until one says something."""
    style = PLAIN
    current: str | None = style_id
    for _ in range(_MAX_INHERITANCE):
        node = nodes.get(current or "")
        if node is None:
            break
        style = _merged(style, _own_style(node))
        based_on = node.find(qn("w:basedOn"))
        current = based_on.get(qn("w:val")) if based_on is not None else None
    return replace(style, level=None) if style.level == _DEEPEST_LEVEL + 1 else style


def _merged(style: Style, parent: Style) -> Style:
    return Style(
        level=style.level if style.level is not None else parent.level,
        is_list=style.is_list or parent.is_list,
        is_code=style.is_code or parent.is_code,
        is_contents=style.is_contents or parent.is_contents,
    )


def _own_style(node: BaseOxmlElement) -> Style:
    name_node, properties = node.find(qn("w:name")), node.find(qn("w:pPr"))
    name = (name_node.get(qn("w:val"), "") if name_node is not None else "").strip()
    heading = _HEADING_NAME.match(name)
    level = int(heading.group(1)) if heading else outline_level(properties)
    is_title = name.lower() in _TITLE_NAMES
    return Style(
        level=TITLE_LEVEL if is_title else level,
        is_list=list_depth(properties) is not None or _LIST_NAME.match(name) is not None,
        is_code=_CODE_NAME.search(name) is not None,
        is_contents=_CONTENTS_NAME.fullmatch(name) is not None,
    )
