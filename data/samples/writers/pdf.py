"""PDF files with an outline, page numbers and an embedded font."""

import io
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    ListFlowable,
    PageTemplate,
    Spacer,
)
from reportlab.platypus import Paragraph as Text
from reportlab.platypus import Table as Grid

from writers.source import AUTHOR, Block, Heading, Items, Paragraph, Sample, Table, parse_blocks

FONT_FILE = Path(__file__).parent.parent / "fonts" / "wqy-microhei-gb2312.ttf"
FONT = "WenQuanYi"
MARGIN = 22 * mm
HEADING_SIZES = {1: 20, 2: 14, 3: 11.5}
# Room for a heading of the next level and two lines, so that none stands alone at the bottom.
HEADING_ROOM = {1: 50 * mm, 2: 50 * mm, 3: 30 * mm}


class _Numbered(BaseDocTemplate):
    """A document that enters its headings in the outline and numbers its pages."""

    def __init__(self, buffer: io.BytesIO, sample: Sample) -> None:
        super().__init__(
            buffer,
            pagesize=A4,
            invariant=1,  # no time of making, no random identifier
            title=sample.title,
            subject=sample.subject,
            author=AUTHOR,
            lang=sample.language,
        )
        self.sample = sample
        width, height = A4
        frame = Frame(MARGIN, MARGIN, width - 2 * MARGIN, height - 2 * MARGIN)
        self.addPageTemplates(PageTemplate(frames=[frame], onPage=self.draw_footer))

    def draw_footer(self, canvas: Any, document: Any) -> None:  # noqa: ANN401 - untyped library
        """Write the subject and the page number below the text."""
        page = f"第 {document.page} 页" if self.sample.language == "zh" else f"Page {document.page}"
        canvas.setFont(FONT, 8)
        canvas.drawString(MARGIN, 12 * mm, self.sample.subject)
        canvas.drawRightString(A4[0] - MARGIN, 12 * mm, page)

    def afterFlowable(self, flowable: Flowable) -> None:
        """Enter a heading in the outline."""
        level = getattr(flowable, "outline_level", None)
        if level is None:
            return
        key = f"heading-{self.page}-{flowable.getPlainText()}"
        self.canv.bookmarkPage(key)
        self.canv.addOutlineEntry(flowable.getPlainText(), key, level=level)


def pdf_bytes(sample: Sample) -> bytes:
    """Render an A4 document."""
    pdfmetrics.registerFont(TTFont(FONT, FONT_FILE))
    _require_glyphs(sample)
    buffer = io.BytesIO()
    wrap = "CJK" if sample.language == "zh" else "LTR"
    blocks = parse_blocks(sample.body)
    _Numbered(buffer, sample).build([part for block in blocks for part in _flow(block, wrap)])
    return buffer.getvalue()


def _require_glyphs(sample: Sample) -> None:
    known = pdfmetrics.getFont(FONT).face.charToGlyph
    missing = {char for char in sample.body if char != "\n" and ord(char) not in known}
    if missing:
        raise ValueError(
            f"{sample.output}: {FONT_FILE.name} has no glyph for {sorted(missing)}; "
            "use other characters or make a larger subset (data/README.md)"
        )


def _style(wrap: str, size: float, **options: Any) -> ParagraphStyle:  # noqa: ANN401
    return ParagraphStyle(
        "text", fontName=FONT, fontSize=size, leading=size * 1.5, wordWrap=wrap, **options
    )


def _flow(block: Block, wrap: str) -> list[Flowable]:
    match block:
        case Heading(level, text):
            return _heading(level, text, wrap)
        case Paragraph(text):
            return [Text(escape(text), _style(wrap, 10, spaceAfter=6))]
        case Items(ordered, texts):
            items = [Text(escape(text), _style(wrap, 10)) for text in texts]
            kind = {"bulletType": "1"} if ordered else {"bulletType": "bullet", "start": "•"}
            return [
                ListFlowable(items, bulletFontName=FONT, bulletFontSize=10, leftIndent=16, **kind),
                Spacer(1, 6),
            ]
        case Table(rows):
            return [_grid(rows, wrap), Spacer(1, 8)]


def _heading(level: int, text: str, wrap: str) -> list[Flowable]:
    size = HEADING_SIZES[level]
    style = _style(wrap, size, spaceBefore=size * 0.6, spaceAfter=6, textColor=colors.darkslategray)
    heading = Text(escape(text), style)
    heading.outline_level = level - 1
    return [CondPageBreak(HEADING_ROOM[level]), heading]


def _grid(rows: tuple[tuple[str, ...], ...], wrap: str) -> Flowable:
    style = _style(wrap, 9)
    cells = [[Text(escape(text), style) for text in row] for row in rows]
    widths = [
        max(len(row[column].encode("gbk", "replace")) for row in rows)
        for column in range(len(rows[0]))
    ]
    total = sum(min(width, 40) + 4 for width in widths)
    available = A4[0] - 2 * MARGIN - 12
    grid = Grid(cells, [available * (min(width, 40) + 4) / total for width in widths], repeatRows=1)
    grid.setStyle(
        [
            ("GRID", (0, 0), (-1, -1), 0.5, colors.gray),
            ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ]
    )
    return grid
