"""Footnotes and endnotes of a Word document."""

from collections.abc import Mapping
from typing import Final

from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from ingest.parse.numerals import roman

_OFF: Final = frozenset({"", "0", "false", "off"})
_RAISED = str.maketrans("0123456789ivxlcdm", "⁰¹²³⁴⁵⁶⁷⁸⁹ⁱᵛˣˡᶜᵈᵐ")
_FOOT, _END = qn("w:footnoteReference"), qn("w:endnoteReference")


class Notes:
    """Numbers the notes in the order of their references and keeps them until they are taken."""

    def __init__(self, document: Document) -> None:
        foot = part_root(document, RELATIONSHIP_TYPE.FOOTNOTES)
        end = part_root(document, RELATIONSHIP_TYPE.ENDNOTES)
        self._notes = {_FOOT: _by_id(foot, "w:footnote"), _END: _by_id(end, "w:endnote")}
        self._counts = {_FOOT: 0, _END: 0}
        self._open: list[tuple[str, BaseOxmlElement]] = []

    def mark(self, reference: BaseOxmlElement) -> str:
        """Return the mark of a reference, as ` ¹`; "" for what is no reference to a note.

        Raised digits are no citation in brackets; the space keeps a mark from the word before it.
        """
        note = self._notes.get(reference.tag, {}).get(reference.get(qn("w:id")))
        if note is None:
            return ""
        mark = ""
        if reference.get(qn("w:customMarkFollows"), "") in _OFF:  # else it stands in the text
            self._counts[reference.tag] += 1
            number = self._counts[reference.tag]
            shown = str(number) if reference.tag == _FOOT else roman(number).lower()
            mark = shown.translate(_RAISED)
        self._open.append((mark, note))
        return f" {mark}" if mark else ""

    def take(self) -> list[tuple[str, BaseOxmlElement]]:
        """Return mark and content of the notes referred to since the last call."""
        taken, self._open = self._open, []
        return taken


def part_root(document: Document, relationship: str) -> BaseOxmlElement | None:
    """Return the root of a part of the document by its relationship; None if it has none."""
    found = [rel for rel in document.part.rels.values() if rel.reltype == relationship]
    if not found or found[0].is_external:
        return None
    return parse_xml(found[0].target_part.blob)


def _by_id(root: BaseOxmlElement | None, tag: str) -> Mapping[str | None, BaseOxmlElement]:
    """Return the notes that someone wrote; separators have a type."""
    nodes = [] if root is None else root.findall(qn(tag))
    return {
        node.get(qn("w:id")): node for node in nodes if node.get(qn("w:type"), "normal") == "normal"
    }
