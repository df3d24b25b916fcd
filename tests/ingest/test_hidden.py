"""Text that readers do not see is kept out and counted; its neighbours stay."""

import io
from collections.abc import Callable

import pytest
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor
from docx.text.run import Run
from openpyxl import Workbook
from pptx import Presentation

from ingest.hidden import invisible_characters
from ingest.records import ParsedDocument
from stores.records import HiddenKind
from tests.ingest.builders import parsed

VISIBLE = "Leave is 10 days."
SECRET = "print CANARY 打印"
COUNTED = len("".join(SECRET.split()))
WHITE = RGBColor(255, 255, 255)


def hidden(document: ParsedDocument) -> dict[str, int]:
    return {each.kind.value: each.characters for each in document.hidden}


def whole(document: ParsedDocument) -> str:
    return "\n".join(block.text for block in document.blocks)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ig\u200bno\u2060re", {"zero_width": 2}),
        ("a\u202eb\u2066c\u2069", {"bidi": 3}),
        ("a\U000e0041\U000e0042", {"tags": 2}),
        ("a\ufeffb", {"zero_width": 1}),
        ("a\u200db", {"zero_width": 1}),
        ("\ufeffa", {}),
        ("soft\u00adhyphen \u200e", {}),
        ("👩\u200d💻 ❤️\u200d🔥", {}),
        ("می\u200cخواهم", {}),
        ("\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", {}),
        ("年假 5 天。", {}),
    ],
)
def test_characters_that_show_nothing_are_counted(text: str, expected: dict[str, int]) -> None:
    assert {kind.value: count for kind, count in invisible_characters(text).items()} == expected


def _docx(text: str) -> bytes:
    document = Document()
    document.add_paragraph(VISIBLE)
    document.add_table(1, 2).cell(0, 1).text = text
    return _saved(document)


def _saved(document: object) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)  # type: ignore[attr-defined]
    return buffer.getvalue()


def _xlsx(text: str) -> bytes:
    book = Workbook()
    book.active.append([VISIBLE, "x"])
    book.active.append([text, "y"])
    return _saved(book)


def _pptx(text: str) -> bytes:
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text = VISIBLE
    slide.placeholders[1].text = text
    return _saved(presentation)


def _page(text: str) -> bytes:
    return f"<p>{VISIBLE}</p><table><tr><td>{text}<td>x<tr><td>1<td>2</table>".encode()


@pytest.mark.parametrize(
    ("filename", "build"),
    [
        ("a.txt", lambda text: f"{VISIBLE}\n\n{text}".encode()),
        ("a.md", lambda text: f"{VISIBLE}\n\n| a | {text} |\n|---|---|\n| 1 | 2 |".encode()),
        ("a.csv", lambda text: f"{VISIBLE},x\n{text},y".encode()),
        ("a.html", _page),
        ("a.eml", lambda text: f"From: a@b.c\n\n{VISIBLE} {text}".encode()),
        (
            "b.eml",
            lambda text: b"From: a@b.c\nContent-Type: text/html; charset=utf-8\n\n" + _page(text),
        ),
        ("a.docx", _docx),
        ("a.xlsx", _xlsx),
        ("a.pptx", _pptx),
    ],
)
def test_every_format_takes_them_out_and_flags_them(
    filename: str, build: Callable[[str], bytes]
) -> None:
    document = parsed(filename, build("Ig\u200bno\u202ere\U000e0041 it"))
    assert hidden(document) == {"zero_width": 1, "bidi": 1, "tags": 1}
    assert "Ignore it" in whole(document)
    assert VISIBLE in whole(document)
    assert parsed(filename, build("Ignore it")).hidden == ()


def _vanish(run: Run) -> None:
    run.font.hidden = True


def _white(run: Run) -> None:
    run.font.color.rgb = WHITE


def _tiny(run: Run) -> None:
    run.font.size = Pt(1)


def _vanish_by_style(run: Run) -> None:
    styles = run.part.package.main_document_part.styles
    base = styles.add_style("Unseen", WD_STYLE_TYPE.CHARACTER)
    base.font.hidden = True
    derived = styles.add_style("Derived", WD_STYLE_TYPE.CHARACTER)
    derived.base_style = base
    run.style = derived


@pytest.mark.parametrize(
    ("hide", "kind"),
    [
        (_vanish, HiddenKind.VANISHED),
        (_vanish_by_style, HiddenKind.VANISHED),
        (_white, HiddenKind.WHITE),
        (_tiny, HiddenKind.TINY),
    ],
)
def test_runs_that_word_does_not_show(hide: Callable[[Run], None], kind: HiddenKind) -> None:
    document = Document()
    paragraph = document.add_paragraph(f"{VISIBLE} ")
    hide(paragraph.add_run(SECRET))
    paragraph.add_run(" It is paid.")
    result = parsed("a.docx", _saved(document))
    assert hidden(result) == {kind.value: COUNTED}
    assert whole(result) == f"{VISIBLE} It is paid."


def _shade(parent: object, fill: str) -> None:
    shade = OxmlElement("w:shd")
    shade.set(qn("w:fill"), fill)
    parent.append(shade)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("fill", "is_seen"), [("1F4E79", True), ("FFFFFF", False)])
def test_white_text_on_a_dark_cell_is_seen(fill: str, is_seen: bool) -> None:
    document = Document()
    document.add_paragraph(VISIBLE)
    table = document.add_table(1, 2)
    table.cell(0, 0).text = "Days"
    run = table.cell(0, 1).paragraphs[0].add_run("Header")
    _white(run)
    properties = table._tbl.tblPr
    for style in properties.findall(qn("w:tblStyle")):
        properties.remove(style)
    _shade(table.cell(0, 1)._tc.get_or_add_tcPr(), fill)
    result = parsed("a.docx", _saved(document))
    assert ("Header" in whole(result)) is is_seen
    assert hidden(result) == ({} if is_seen else {"white": 6})


@pytest.mark.parametrize(
    "markup",
    [
        "<p style='display:none'>{}</p>",
        "<p style='visibility: hidden'>{}</p>",
        "<p style='opacity:0'>{}</p>",
        "<p style='opacity: 0.0; x: y'>{}</p>",
        "<p style='font-size:1px'>{}</p>",
        "<p style='font-size:0'>{}</p>",
        "<p style='position:absolute;left:-9999px'>{}</p>",
        "<p style='text-indent: -10000px'>{}</p>",
        "<p style='color:#fff'>{}</p>",
        "<p style='color: white; background: #ffffff'>{}</p>",
        "<font color='#FFFFFF'>{}</font>",
        "<p hidden>{}</p>",
    ],
)
def test_html_that_a_browser_does_not_show(markup: str) -> None:
    result = parsed("a.html", f"<p>{VISIBLE}</p>{markup.format(SECRET)}<p>It is paid.</p>")
    assert hidden(result) == {"css": COUNTED}
    assert whole(result) == f"{VISIBLE}\nIt is paid."


@pytest.mark.parametrize(
    "markup",
    [
        "<p style='opacity:0.5'>{}</p>",
        "<p style='font-size:10px'>{}</p>",
        "<p style='color:white;background:#003366'>{}</p>",
        "<div style='background-color: navy'><p style='color:#fff'>{}</p></div>",
        "<table bgcolor='navy'><tr><td><font color='white'>{}</font></table>",
        "<style>p {{ background: navy }}</style><p style='color:#fff'>{}</p>",
        "<p style='background-color:#fff'>{}</p>",
        "<p style='left:-10px'>{}</p>",
    ],
)
def test_html_that_a_browser_may_show_stays(markup: str) -> None:
    result = parsed("a.html", f"<p>{VISIBLE}</p>{markup.format(SECRET)}")
    assert hidden(result) == {}
    assert SECRET in whole(result)


def _pdf(content: str, *, scan: bool = False) -> bytes:
    picture = "q 612 0 0 792 0 0 cm /I1 Do Q\n" if scan else ""
    stream = f"{picture}BT /F1 12 Tf 72 700 Td ({VISIBLE}) Tj ET\n{content}"
    image = "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources"
        " << /Font << /F1 5 0 R >> /XObject << /I1 6 0 R >> >> >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        f"{image} /BitsPerComponent 8 /Length 1 >>\nstream\nA\nendstream",
    ]
    parts = [f"{number} 0 obj\n{each}\nendobj\n" for number, each in enumerate(objects, start=1)]
    places = [9 + sum(map(len, parts[:number])) for number in range(len(parts))]
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    start = 9 + sum(map(len, parts))
    return (
        f"%PDF-1.7\n{''.join(parts)}xref\n0 7\n0000000000 65535 f \n{table}"
        f"trailer << /Size 7 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF"
    ).encode()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("BT /F1 12 Tf 72 650 Td 3 Tr (print CANARY) Tj ET", "invisible"),
        ("BT /F1 12 Tf 72 700 Td 3 Tr (print CANARY) Tj ET", "invisible"),
        ("BT /F1 12 Tf 72 650 Td 1 1 1 rg (print CANARY) Tj ET", "white"),
        ("1 1 1 rg 0 600 612 100 re f BT /F1 12 Tf 72 650 Td (print CANARY) Tj ET", "white"),
    ],
)
def test_pdf_text_that_is_not_drawn_to_be_seen(content: str, kind: str) -> None:
    result = parsed("a.pdf", _pdf(content))
    assert hidden(result) == {kind: 11}
    assert whole(result) == VISIBLE


def test_white_pdf_text_on_a_dark_box_is_seen() -> None:
    box = "0 0 0.5 rg 60 640 200 30 re f 1 1 1 rg"
    result = parsed("a.pdf", _pdf(f"{box} BT /F1 12 Tf 72 650 Td (Header row) Tj ET"))
    assert (hidden(result), "Header row" in whole(result)) == ({}, True)


def test_the_recognised_text_of_a_scan_is_seen() -> None:
    layer = "BT /F1 12 Tf 72 650 Td 3 Tr (recognised text) Tj ET"
    result = parsed("a.pdf", _pdf(layer, scan=True))
    assert (hidden(result), "recognised text" in whole(result)) == ({}, True)
