"""Which pages of a PDF are pictures of text: by what is drawn, and by what their text layer holds.

Recognition takes seconds a page, and a text layer is what the author wrote; so it is for those
pages only whose layer is missing, is next to nothing beside a picture of the page, or is garbage.
"""

import ctypes
import unicodedata
from collections import Counter
from typing import Final

import pypdfium2
import pypdfium2.raw as pdfium

from ingest.parse.pdf_geometry import object_bounds

_FEW: Final = 100
"""Letters and digits below which the text over a picture of the whole page is its stamp, header or
page number; where it covers less of the page, they are as many fewer."""
_ENOUGH: Final = 20
"""Characters from which on it can be told whether they are garbage."""
_GARBLED: Final = 0.3
"""Share of characters that stand for nothing, from which on the fonts are not to be understood."""
_MISTAKEN: Final = 0.5
"""Share of accented and special Latin characters; French has a tenth, GBK taken for it all."""
_NOTHING: Final = frozenset({"Cc", "Cn", "Co", "Cs"})
_LATIN_SUPPLEMENT: Final = range(0x80, 0x100)


def needs_reading(page: pypdfium2.PdfPage, text: str) -> bool:
    """Tell whether a page has to be recognised, from the text that is seen on it."""
    if not text.strip():
        return bool(pdfium.FPDFPage_CountObjects(page.raw))
    if is_garbage(text):
        return True
    letters = sum(map(str.isalnum, text))
    return letters < _FEW and letters < _FEW * _covered(page)


def is_garbage(text: str) -> bool:
    """Tell whether text is what fonts without a usable encoding, or a wrong one, leave."""
    characters = [character for character in text if not character.isspace()]
    if len(characters) < _ENOUGH:
        return False
    kinds = Counter(map(_kind, characters))
    return kinds["nothing"] >= _GARBLED * len(characters) or kinds["mistaken"] >= _MISTAKEN * len(
        characters
    )


def _kind(character: str) -> str:
    if character == "\ufffd" or unicodedata.category(character) in _NOTHING:
        return "nothing"
    return "mistaken" if ord(character) in _LATIN_SUPPLEMENT else "text"


def _covered(page: pypdfium2.PdfPage) -> float:
    """Return about which share of the page its pictures cover; forms may hold some."""
    left, bottom, right, top = page.get_bbox()
    handles = (
        pdfium.FPDFPage_GetObject(page.raw, index)
        for index in range(pdfium.FPDFPage_CountObjects(page.raw))
    )
    boxes = [object_bounds(handle) for handle in handles if _is_picture(handle)]
    area = sum(
        max(0.0, min(right, box[2]) - max(left, box[0]))
        * max(0.0, min(top, box[3]) - max(bottom, box[1]))
        for box in boxes
    )
    return float(area / max((right - left) * (top - bottom), 1.0))


def _is_picture(handle: ctypes.c_void_p) -> bool:
    kind = pdfium.FPDFPageObj_GetType(handle)
    return kind in {pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM}
