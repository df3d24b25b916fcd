"""Text of a Word document that is not seen: formatted as hidden, white on white, or tiny."""

from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from stores.records import HiddenKind

_RUN, _RUN_PROPERTIES = qn("w:r"), qn("w:rPr")
_VALUE = qn("w:val")
_OFF = frozenset({"0", "false", "off"})
_WHITE = "FFFFFF"
_UNFILLED = frozenset({"", "AUTO", _WHITE})
_TINY_HALF_POINTS = 4
_MAX_INHERITANCE = 20
_FILLED = frozenset({qn("w:p"), qn("w:tc")})
_BOX = qn("w:txbxContent")


class HiddenRuns:
    """Tells which runs of a document are not seen.

    Parameters
    ----------
    styles
        The styles of the document, of which some may hide text.
    document
        Its root: white text is seen on a coloured page.
    """

    def __init__(self, styles: BaseOxmlElement, document: BaseOxmlElement) -> None:
        nodes = {node.get(qn("w:styleId")): node for node in styles.findall(qn("w:style"))}
        self._vanishing = {name for name in nodes if name and _style_vanishes(name, nodes)}
        self._is_page_white = document.find(qn("w:background")) is None

    def kind(self, node: BaseOxmlElement) -> HiddenKind | None:
        """Return how a run is hidden; None for one that is seen, and for what is no run."""
        properties = node.find(_RUN_PROPERTIES) if node.tag == _RUN else None
        if properties is None:
            return None
        own = _vanishes(properties)
        if own if own is not None else self._has_vanishing_style(properties):
            return HiddenKind.VANISHED
        size = _value(properties, "w:sz")
        if size.isascii() and size.isdigit() and int(size) < _TINY_HALF_POINTS:
            return HiddenKind.TINY
        is_white = _value(properties, "w:color").upper() == _WHITE
        if is_white and self._is_page_white and not _is_on_ground(node, properties):
            return HiddenKind.WHITE
        return None

    def _has_vanishing_style(self, properties: BaseOxmlElement) -> bool:
        paragraph = properties.getparent().getparent()
        outer = paragraph.find(qn("w:pPr")) if paragraph is not None else None
        own = {_value(properties, "w:rStyle"), _value(outer, "w:pStyle")}
        return not own.isdisjoint(self._vanishing)


def _style_vanishes(name: str, nodes: dict[str, BaseOxmlElement]) -> bool:
    current = name
    for _ in range(_MAX_INHERITANCE):
        node = nodes.get(current)
        if node is None:
            return False
        properties = node.find(_RUN_PROPERTIES)
        own = None if properties is None else _vanishes(properties)
        if own is not None:
            return own
        current = _value(node, "w:basedOn")
    return False


def _vanishes(properties: BaseOxmlElement) -> bool | None:
    node = properties.find(qn("w:vanish"))
    return None if node is None else node.get(_VALUE, "true") not in _OFF


def _is_on_ground(node: BaseOxmlElement, properties: BaseOxmlElement) -> bool:
    """Tell whether a run may stand on a colour: where that is not known, it does."""
    if _is_filled(properties) or properties.find(qn("w:highlight")) is not None:
        return True
    for outer in node.iterancestors():
        if outer.tag == _BOX:
            return True
        inner = outer.find(f"{outer.tag}Pr") if outer.tag in _FILLED else None
        if inner is not None and (_is_filled(inner)):
            return True
        table = outer.find(qn("w:tblPr")) if outer.tag == qn("w:tbl") else None
        if table is not None and (_is_filled(table) or _value(table, "w:tblStyle")):
            return True
    return False


def _is_filled(properties: BaseOxmlElement) -> bool:
    shade = properties.find(qn("w:shd"))
    if shade is None:
        return False
    fill = shade.get(qn("w:fill"), "").upper()
    return fill not in _UNFILLED or shade.get(qn("w:themeFill")) is not None


def _value(properties: BaseOxmlElement | None, name: str) -> str:
    node = properties.find(qn(name)) if properties is not None else None
    return "" if node is None else node.get(_VALUE, "")
