"""Renders known tables to PDF, in the ways that programs draw them."""

import io
from collections.abc import Sequence
from pathlib import Path

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table

_FONT = "WenQuanYi"
_FONT_FILE = Path(__file__).parents[2] / "data" / "samples" / "fonts" / "wqy-microhei-gb2312.ttf"
_WIDTH = 480.0

Rows = Sequence[Sequence[str]]
Command = tuple[object, ...]

STYLES: dict[str, list[Command]] = {
    "ruled": [("GRID", (0, 0), (-1, -1), 0.5, colors.gray)],
    "zebra": [("ROWBACKGROUNDS", (0, 0), (-1, -1), (colors.whitesmoke, colors.lightgrey))],
    "rules": [("LINEBELOW", (0, 0), (-1, -1), 0.5, colors.black)],
    "booktabs": [
        ("LINEABOVE", (0, 0), (-1, 0), 1, colors.black),
        ("LINEBELOW", (0, 0), (-1, 0), 0.5, colors.black),
        ("LINEBELOW", (0, -1), (-1, -1), 1, colors.black),
    ],
    "plain": [],
}


def table_pdf(
    rows: Rows,
    *,
    style: str,
    lead: str,
    end: str,
    spans: Sequence[tuple[int, int, int]] = (),
) -> bytes:
    """Return a PDF with a paragraph, a table and a paragraph.

    `spans` are cells merged over columns: row, first column, last column, from 0.
    """
    pdfmetrics.registerFont(TTFont(_FONT, _FONT_FILE))
    text = ParagraphStyle("cell", fontName=_FONT, fontSize=9, leading=13, wordWrap=_wrap(rows))
    cells = [[Paragraph(cell, text) for cell in row] for row in rows]
    merged: list[Command] = [("SPAN", (first, row), (last, row)) for row, first, last in spans]
    top: list[Command] = [("VALIGN", (0, 0), (-1, -1), "TOP")]
    grid = Table(cells, colWidths=[_WIDTH / len(rows[0])] * len(rows[0]))
    grid.setStyle([*STYLES[style], *merged, *top])
    buffer = io.BytesIO()
    document = SimpleDocTemplate(buffer, pagesize=A4, invariant=1)
    document.build(
        [Paragraph(lead, text), Spacer(1, 12), grid, Spacer(1, 12), Paragraph(end, text)]
    )
    return buffer.getvalue()


def _wrap(rows: Rows) -> str:
    return "LTR" if all(cell.isascii() for row in rows for cell in row) else "CJK"
