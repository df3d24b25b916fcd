"""Text of a PDF page that is not seen: drawn invisibly, or in white on nothing."""

import ctypes
from collections.abc import Callable, Iterator

import pypdfium2
import pypdfium2.raw as pdfium

from ingest.parse.pdf_geometry import Box, object_bounds
from stores.records import HiddenKind

_MAX_DEPTH = 2
_MAX_OBJECTS = 20_000
"""A page of more is a map; its labels are not looked through."""
_SCAN_SHARE = 0.5
"""Share of the page that a picture covers whose invisible text is its recognised text."""
_INVISIBLE = frozenset({pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP})
_WHITE = (255, 255, 255)

_Handle = ctypes.c_void_p
HiddenKindOf = Callable[[int], HiddenKind | None]


def hidden_text(page: pypdfium2.PdfPage, textpage: ctypes.c_void_p) -> HiddenKindOf | None:
    """Return what tells how a character of the page is hidden; None if none of them is.

    Invisible text over a scan is what was recognised in it, and counts as seen. White text is seen
    where anything but white may lie under it.
    """
    found = dict(_hidden_objects(page))
    if not found:
        return None

    def kind_of(index: int) -> HiddenKind | None:
        handle = pdfium.FPDFText_GetTextObject(textpage, index)
        return found.get(_address(handle)) if handle else None

    return kind_of


def _hidden_objects(page: pypdfium2.PdfPage) -> Iterator[tuple[int, HiddenKind]]:
    """Yield the addresses of text objects that are hidden."""
    top = range(min(pdfium.FPDFPage_CountObjects(page.raw), _MAX_OBJECTS))
    objects = [pdfium.FPDFPage_GetObject(page.raw, index) for index in top]
    texts = list(_texts(objects, depth=0))
    invisible = [each for each in texts if pdfium.FPDFTextObj_GetTextRenderMode(each) in _INVISIBLE]
    if invisible and not _is_scan(objects, page.get_size()):
        yield from ((_address(each), HiddenKind.INVISIBLE) for each in invisible)
    own = [each for each in objects if _is_text(each)]
    white = [each for each in own if _colour(each) == _WHITE]
    if white:
        grounds = [object_bounds(each) for each in objects if _may_be_ground(each)]
        for each in white:
            if not any(_covers(ground, object_bounds(each)) for ground in grounds):
                yield _address(each), HiddenKind.WHITE


def _texts(objects: list[_Handle], *, depth: int) -> Iterator[_Handle]:
    for handle in objects:
        if _is_text(handle):
            yield handle
        elif pdfium.FPDFPageObj_GetType(handle) == pdfium.FPDF_PAGEOBJ_FORM and depth < _MAX_DEPTH:
            inside = range(min(pdfium.FPDFFormObj_CountObjects(handle), _MAX_OBJECTS))
            children = [pdfium.FPDFFormObj_GetObject(handle, index) for index in inside]
            yield from _texts(children, depth=depth + 1)


def _is_text(handle: _Handle) -> bool:
    return bool(pdfium.FPDFPageObj_GetType(handle) == pdfium.FPDF_PAGEOBJ_TEXT)


def _is_scan(objects: list[_Handle], size: tuple[float, float]) -> bool:
    pictures = (
        object_bounds(each)
        for each in objects
        if pdfium.FPDFPageObj_GetType(each) in {pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM}
    )
    area = sum((right - left) * (top - bottom) for left, bottom, right, top in pictures)
    return area >= _SCAN_SHARE * size[0] * size[1]


def _may_be_ground(handle: _Handle) -> bool:
    """Tell whether an object may lie under white text and make it seen."""
    kind = pdfium.FPDFPageObj_GetType(handle)
    if kind == pdfium.FPDF_PAGEOBJ_TEXT:
        return False
    if kind != pdfium.FPDF_PAGEOBJ_PATH:
        return True
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(handle, ctypes.byref(fill), ctypes.byref(stroke))
    return bool(fill.value or stroke.value) and _colour(handle) != _WHITE


def _colour(handle: _Handle) -> tuple[int, int, int] | None:
    parts = [ctypes.c_uint() for _ in range(4)]
    if not pdfium.FPDFPageObj_GetFillColor(handle, *map(ctypes.byref, parts)):
        return None
    return parts[0].value, parts[1].value, parts[2].value


def _covers(ground: Box, text: Box) -> bool:
    across, along = (text[0] + text[2]) / 2, (text[1] + text[3]) / 2
    return ground[0] <= across <= ground[2] and ground[1] <= along <= ground[3]


def _address(handle: _Handle) -> int:
    return ctypes.cast(handle, ctypes.c_void_p).value or 0
