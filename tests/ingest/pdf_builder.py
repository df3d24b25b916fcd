"""Writes small PDF files: text at positions, in Latin and in Chinese, without embedded fonts."""

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.parse.pdf_rules import NO_RULES, Rules

_FONTS = (
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H"
    " /DescendantFonts [<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000"
    " /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >>"
    " /FontDescriptor << /Type /FontDescriptor /FontName /STSong-Light /Flags 6"
    " /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880"
    " /StemV 93 >> >>] >>",
)
PAGE_WIDTH, PAGE_HEIGHT = 595, 842


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text whose baseline begins at `x`, `y` points from the upper left corner."""

    text: str
    x: float
    y: float
    size: float = 11
    upright: bool = False


def paragraph(
    lines: Sequence[str], *, x: float = 72, y: float = 100, size: float = 11
) -> list[Text]:
    """Return lines below each other with the usual leading."""
    return [Text(line, x, y + 1.25 * size * number, size) for number, line in enumerate(lines)]


def build_pdf(
    pages: Sequence[Sequence[Text]],
    *,
    title: str = "",
    outline: Sequence[tuple[str, int]] = (),
    rotate: int = 0,
    rules: Rules = NO_RULES,
) -> bytes:
    """Return a PDF; `outline` gives titles with 1-based pages, `rules` are drawn on each page."""
    kids = " ".join(f"{5 + 2 * number} 0 R" for number in range(len(pages)))
    first_entry = 5 + 2 * len(pages)
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R /Outlines {first_entry} 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        *_FONTS,
    ]
    for number, page in enumerate(pages):
        content = "\n".join([*_draw(rules), *map(_show, page)])
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {PAGE_WIDTH} {PAGE_HEIGHT}]"
            f" /Rotate {rotate} /Contents {6 + 2 * number} 0 R"
            " /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>",
            f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        ]
    objects += _outline(outline, first=first_entry)
    objects.append(f"<< /Title {_hex(title)} >>")
    return _file(objects)


def _draw(rules: Rules) -> list[str]:
    lines = [(r.start, r.at, r.end, r.at) for r in rules.horizontal]
    lines += [(r.at, r.start, r.at, r.end) for r in rules.vertical]
    return [f"{x0} {PAGE_HEIGHT - y0} m {x1} {PAGE_HEIGHT - y1} l S" for x0, y0, x1, y1 in lines]


def _show(text: Text) -> str:
    is_latin = text.text.isascii()
    matrix = "0 1 -1 0" if text.upright else "1 0 0 1"
    shown = _hex(text.text, encoding="ascii" if is_latin else "utf-16-be")
    font = "/F1" if is_latin else "/F2"
    return f"BT {font} {text.size} Tf {matrix} {text.x} {PAGE_HEIGHT - text.y} Tm {shown} Tj ET"


def _hex(text: str, *, encoding: str = "utf-16") -> str:
    return f"<{text.encode(encoding).hex()}>"


def _outline(entries: Sequence[tuple[str, int]], *, first: int) -> list[str]:
    count = len(entries)
    ends = f"/First {first + 1} 0 R /Last {first + count} 0 R" if entries else ""
    items = [f"<< /Type /Outlines {ends} /Count {count} >>"]
    for number, (title, page) in enumerate(entries, start=1):
        following = f"/Next {first + number + 1} 0 R" if number < count else ""
        items.append(
            f"<< /Title {_hex(title)} /Parent {first} 0 R {following}"
            f" /Dest [{5 + 2 * (page - 1)} 0 R /Fit] >>"
        )
    return items


def _file(objects: Sequence[str]) -> bytes:
    data = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(data))
        data += f"{number} 0 obj\n{body}\nendobj\n".encode("ascii")
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    trailer = f"trailer\n<< /Size {size} /Root 1 0 R /Info {size - 1} 0 R >>"
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}\nstartxref\n{len(data)}\n%%EOF\n"
    return data + end.encode("ascii")
