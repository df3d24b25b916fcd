"""The text of a PDF with positions and sizes, as PDFium reads it."""

import ctypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from ingest.parse.pdf_file import opened_pdf
from ingest.parse.pdf_geometry import Box, to_shown
from ingest.parse.pdf_hidden import hidden_text
from ingest.parse.pdf_rules import NO_RULES, Rules, read_rules
from ingest.parse.pdf_scans import needs_reading
from stores.records import HiddenKind

_CELL_GAP = 1.5
"""Gap in text sizes from which on two words are cells or columns; justified text stays below 1."""
_WORD_GAP = 0.4
"""Gap in text sizes from which on two words may stand in two cells."""
_CURRENCIES = frozenset(map(ord, "$€£¥￥"))
_BACK = 2.0
"""Step back in text sizes that begins another line; kerning and accents step back less."""
_QUARTER_TURNS = frozenset({90, 270})
_MAX_SLOPE = 0.2
_LINE_ENDS = frozenset({0x0A, 0x0D})
_SPACE = 0x20
_SURROGATES = range(0xD800, 0xE000)
_SOFT_HYPHENS = frozenset({0x02, 0xAD, 0xFFFE})
"""How PDFium reports a hyphen that only breaks a word at the end of its line."""


class Gap(NamedTuple):
    """White between two words: where the second begins in the text, and the gap's two edges."""

    place: int
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Piece:
    """Text on one line without a wide gap.

    `size` is that of its letters, in points; `is_level` is false for text that does not run from
    left to right on the page as it is shown, such as a watermark or a stamp along the edge.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    is_level: bool = True
    gaps: tuple[Gap, ...] = ()
    """The gaps between words that are wide enough to part the columns of a table."""
    rows: tuple[tuple[str, ...], ...] = ()
    """The cells of a table, where this is one; its text is that of all cells."""
    confidence: float | None = None
    """With which it was recognised in a picture, in [0, 1]; None for text of the file."""


@dataclass(frozen=True, slots=True)
class PdfPage:
    """A page as it is shown; each line is its pieces from left to right, in the file's order."""

    width: float
    height: float
    lines: tuple[tuple[Piece, ...], ...]
    rules: Rules = NO_RULES
    hidden: tuple[tuple[HiddenKind, str], ...] = ()
    """Text that is not seen, by how it is hidden; the lines do not have it."""
    needs_reading: bool = False
    """Whether it is a picture of text: its own lines, if there are any, are not what it shows."""


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """An entry of the outline (bookmarks): level from 1, page from 1, or None if it has none."""

    title: str
    level: int
    page: int | None


@dataclass(frozen=True, slots=True)
class PdfText:
    """What was read of a PDF; the properties are as the file has them."""

    title: str
    subject: str
    keywords: str
    created: str
    pages: tuple[PdfPage, ...]
    outline: tuple[OutlineEntry, ...]


def read_pdf(data: bytes, *, filename: str) -> PdfText:
    """Read all pages, the outline and the title.

    Raises
    ------
    UnreadableFile
        The file is damaged, or protected with a password.
    """
    with opened_pdf(data, filename=filename) as document:
        return PdfText(
            title=document.get_metadata_value("Title"),
            subject=document.get_metadata_value("Subject"),
            keywords=document.get_metadata_value("Keywords"),
            created=document.get_metadata_value("CreationDate"),
            pages=tuple(_read_pages(document)),
            outline=tuple(_read_outline(document)),
        )


def _read_outline(document: pypdfium2.PdfDocument) -> Iterator[OutlineEntry]:
    for entry in document.get_toc():
        destination = entry.get_dest()
        index = destination.get_index() if destination is not None else None
        page = None if index is None else index + 1
        yield OutlineEntry(title=entry.get_title(), level=entry.level + 1, page=page)


def _read_pages(document: pypdfium2.PdfDocument) -> Iterator[PdfPage]:
    for index in range(len(document)):
        page = document[index]
        textpage = page.get_textpage()
        try:
            width, height = page.get_size()
            shown = to_shown(page)
            reader = _PageReader(textpage.raw, page, shown)
            lines = tuple(reader.lines())
            rules = read_rules(page, shown) if lines else NO_RULES
            hidden = tuple((kind, _text_of(codes)) for kind, codes in reader.hidden.items())
            text = "\n".join(piece.text for line in lines for piece in line)
            yield PdfPage(
                width=width,
                height=height,
                lines=lines,
                rules=rules,
                hidden=hidden,
                needs_reading=needs_reading(page, text),
            )
        finally:
            textpage.close()
            page.close()


class _Character(NamedTuple):
    """A character by its place in the page; `begins` is true for the first of a word."""

    position: int
    code: int
    box: Box | None
    begins: bool


_Code = tuple[int, int]
"""A character's place in the page and its Unicode number."""
_Gap = tuple[int, float, float]
"""How many characters of a piece stand before a gap, and its two edges."""


class _PageReader:
    """Reads the characters of one page into lines and pieces."""

    def __init__(
        self, textpage: ctypes.c_void_p, page: pypdfium2.PdfPage, shown: Callable[[Box], Box]
    ) -> None:
        self._textpage = textpage
        self._to_shown = shown
        self._hidden_kind = hidden_text(page, textpage)
        self.hidden: dict[HiddenKind, list[int]] = {}
        self._is_turned = page.get_rotation() in _QUARTER_TURNS
        self._matrix = pdfium.FS_MATRIX(1, 0, 0, 1, 0, 0)
        self._edges = [ctypes.c_double() for _ in range(4)]
        self._references = [ctypes.byref(edge) for edge in self._edges]

    def lines(self) -> Iterator[tuple[Piece, ...]]:
        """Yield the lines that PDFium finds, each with at least one piece."""
        line: list[_Code] = []
        for index in range(pdfium.FPDFText_CountChars(self._textpage)):
            code = pdfium.FPDFText_GetUnicode(self._textpage, index)
            if code in _LINE_ENDS:
                yield from self._pieces(line)
                line = []
            elif not self._is_hidden(index, code):
                line.append((index, code))
        yield from self._pieces(line)

    def _is_hidden(self, index: int, code: int) -> bool:
        """Tell whether a character is not seen, and keep it apart."""
        kind = None if self._hidden_kind is None else self._hidden_kind(index)
        if kind is not None:
            self.hidden.setdefault(kind, []).append(code)
        return kind is not None

    def _pieces(self, codes: list[_Code]) -> Iterator[tuple[Piece, ...]]:
        """Yield a line, cut into pieces at wide gaps.

        PDFium has no line end after a word that is broken by a hyphen; going back does for it.
        """
        pieces: list[Piece] = []
        current: list[_Character] = []
        gaps: list[_Gap] = []
        edge, size = None, 0.0
        for character in self._characters(codes):
            if character.box is not None:
                gap = 0.0 if edge is None else character.box[0] - edge
                size = size if current and size else self._size(character.position)
                if not -_BACK * size <= gap <= _CELL_GAP * size and character.begins:
                    pieces.extend(self._piece(current, gaps))
                    current, gaps, size = [], [], self._size(character.position)
                elif edge is not None and _may_part(character, gap=gap, size=size):
                    gaps.append((len(current), edge, character.box[0]))
                if gap < -_BACK * size and character.begins and pieces:
                    yield tuple(pieces)
                    pieces = []
                edge = character.box[2]
            current.append(character)
        pieces.extend(self._piece(current, gaps))
        if pieces:
            yield tuple(pieces)

    def _characters(self, codes: list[_Code]) -> Iterator[_Character]:
        """Yield the characters; only the first and last of each word get their box.

        PDFium writes a space wherever there is a gap, so these tell where the words stand, and
        asking for fewer boxes takes half of the time.
        """
        is_end = [code <= _SPACE and code not in _SOFT_HYPHENS for _, code in codes]
        last = len(codes) - 1
        for place, (index, code) in enumerate(codes):
            begins = place == 0 or is_end[place - 1] or codes[place - 1][1] in _SOFT_HYPHENS
            ends = place == last or is_end[place + 1] or code in _SOFT_HYPHENS
            is_boxed = (begins or ends) and not is_end[place]
            yield _Character(index, code, self._box(index) if is_boxed else None, begins)

    def _piece(self, characters: list[_Character], gaps: list[_Gap]) -> Iterator[Piece]:
        codes = [character.code for character in characters]
        text = _text_of(codes).strip()
        boxed = [(c.position, c.box) for c in characters if c.box is not None]
        if not text or not boxed:
            return
        samples = (boxed[0][0], boxed[len(boxed) // 2][0], boxed[-1][0])
        yield Piece(
            text=text,
            left=min(box[0] for _, box in boxed),
            top=min(box[1] for _, box in boxed),
            right=max(box[2] for _, box in boxed),
            bottom=max(box[3] for _, box in boxed),
            size=sorted(self._size(index) for index in samples)[1],
            is_level=self._is_level(samples[1]),
            gaps=tuple(
                Gap(len(_text_of(codes[:count]).lstrip()), left, right)
                for count, left, right in gaps
            ),
        )

    def _box(self, index: int) -> Box | None:
        left, right, bottom, top = self._edges
        if not pdfium.FPDFText_GetCharBox(self._textpage, index, *self._references):
            return None
        return self._to_shown((left.value, bottom.value, right.value, top.value))

    def _size(self, index: int) -> float:
        """Return the height of the text: its size in the font, scaled by its matrix."""
        size = pdfium.FPDFText_GetFontSize(self._textpage, index)
        pdfium.FPDFText_GetMatrix(self._textpage, index, self._matrix)
        return float(size * (self._matrix.c**2 + self._matrix.d**2) ** 0.5)

    def _is_level(self, index: int) -> bool:
        pdfium.FPDFText_GetMatrix(self._textpage, index, self._matrix)
        along, across = abs(self._matrix.a), abs(self._matrix.b)
        if self._is_turned:
            along, across = across, along
        return bool(across <= _MAX_SLOPE * along)


def _may_part(character: _Character, *, gap: float, size: float) -> bool:
    """Tell whether a column may begin: after a gap, or with a currency that stands apart."""
    least = _WORD_GAP * size if character.code not in _CURRENCIES else 0.0
    return character.begins and gap > least


def _text_of(codes: list[int]) -> str:
    """Return the characters; those beyond the first plane come as two surrogates."""
    text = "".join("-" if code in _SOFT_HYPHENS else chr(code) for code in codes)
    if any(code in _SURROGATES for code in codes):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
