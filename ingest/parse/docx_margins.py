"""Headers and footers of a Word document: what they say, once."""

import re
from collections.abc import Iterator

from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from ingest.parse.docx_notes import part_root

_REFERENCES = (qn("w:headerReference"), qn("w:footerReference"))
_OFF = frozenset({"0", "false", "off"})
_PAGE_FIELD = re.compile(r"\s*(?:PAGE|NUMPAGES|SECTIONPAGES|SECTION)\b")
_FIELD, _FIELD_MARK, _INSTRUCTION = qn("w:fldSimple"), qn("w:fldChar"), qn("w:instrText")
_PAGE_WORDS = re.compile(
    r"(?:page|seite|p\.)?\s*(?:of|von|/)\s*|\b(?:page|seite)\b|[-–—]\s*[-–—]|第\s*页|共\s*页",
    re.IGNORECASE,
)


def margins(document: Document) -> Iterator[BaseOxmlElement]:
    """Yield the headers and footers that are shown on a page, without their page numbers."""
    settings = part_root(document, RELATIONSHIP_TYPE.SETTINGS)
    shows_even = _is_on(settings, "w:evenAndOddHeaders")
    for section in document.element.iter(qn("w:sectPr")):
        shown = {"default", "even" if shows_even else "", "first" * _is_on(section, "w:titlePg")}
        for reference in section.iterchildren(*_REFERENCES):
            part = document.part.related_parts.get(reference.get(qn("r:id")))
            element = getattr(part, "element", None)
            if reference.get(qn("w:type"), "default") in shown and element is not None:
                _drop_page_numbers(element)
                yield element


def without_page_words(text: str) -> str:
    """Return the line of a footer without the words around a page number that was taken out."""
    return " ".join(_PAGE_WORDS.sub(" ", text).split())


def has_page_number(paragraph: BaseOxmlElement) -> bool:
    """Tell whether a paragraph shows the number of the page."""
    fields = [node.get(qn("w:instr"), "") for node in paragraph.iter(_FIELD)]
    fields += [node.text or "" for node in paragraph.iter(_INSTRUCTION)]
    return any(map(_PAGE_FIELD.match, fields))


def _is_on(node: BaseOxmlElement | None, name: str) -> bool:
    found = node.find(qn(name)) if node is not None else None
    return found is not None and found.get(qn("w:val"), "true") not in _OFF


def _drop_page_numbers(root: BaseOxmlElement) -> None:
    """Empty the results of page fields: those that are stored are of some page, or of none."""
    for field in root.iter(_FIELD):
        if _PAGE_FIELD.match(field.get(qn("w:instr"), "")):
            _empty(field)
    for paragraph in root.iter(qn("w:p")):
        _drop_results(paragraph)


def _drop_results(paragraph: BaseOxmlElement) -> None:
    """Empty what stands between `separate` and `end` of a page field."""
    instruction, in_result = "", False
    for node in paragraph.iter(_FIELD_MARK, _INSTRUCTION, qn("w:t")):
        if node.tag == _FIELD_MARK:
            kind = node.get(qn("w:fldCharType"))
            in_result = kind == "separate" and _PAGE_FIELD.match(instruction) is not None
            instruction = "" if kind == "begin" else instruction
        elif node.tag == _INSTRUCTION:
            instruction += node.text or ""
        elif in_result:
            node.text = ""


def _empty(field: BaseOxmlElement) -> None:
    for text in field.iter(qn("w:t")):
        text.text = ""
