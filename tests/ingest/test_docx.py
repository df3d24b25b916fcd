import io
from typing import Any

import docx
import pytest
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.oxml import serialize_part_xml
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

from ingest.errors import EmptyDocument
from ingest.records import ParsedDocument
from stores.records import BlockKind
from tests.ingest.builders import headings, parsed, texts


@pytest.fixture
def document() -> Document:
    return docx.Document()


def _parsed(document: Document, filename: str = "file.docx") -> ParsedDocument:
    buffer = io.BytesIO()
    document.save(buffer)
    return parsed(filename, buffer.getvalue())


def _with(parent: Any, tag: str, **attributes: str) -> Any:
    element = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), value)
    parent.append(element)
    return element


def test_headings_give_the_path(document: Document) -> None:
    document.add_heading("员工手册", 0)
    document.add_heading("休假", 1)
    document.add_heading("年假 Annual leave", 2)
    document.add_paragraph("满一年者五天。")
    document.add_heading("差旅", 1)
    document.add_paragraph("提前申请。")
    result = _parsed(document)
    assert result.title == "员工手册"
    assert headings(result) == [
        ("员工手册",),
        ("员工手册", "休假"),
        ("员工手册", "休假", "年假 Annual leave"),
        ("员工手册", "差旅"),
    ]
    assert result.blocks[3].heading_path == ("员工手册", "休假", "年假 Annual leave")
    assert result.blocks[3].page is None


def test_localized_and_derived_styles_are_headings(document: Document) -> None:
    chinese = document.styles.add_style("标题 2", WD_STYLE_TYPE.PARAGRAPH)
    derived = document.styles.add_style("House Style", WD_STYLE_TYPE.PARAGRAPH)
    derived.base_style = document.styles["Heading 1"]
    document.add_paragraph("范围", style=derived)
    document.add_paragraph("适用", style=chinese)
    document.add_paragraph("正文。")
    assert headings(_parsed(document)) == [("范围",), ("范围", "适用")]


def test_the_outline_level_of_a_paragraph_counts(document: Document) -> None:
    document.add_paragraph("Scope")
    _with(document.paragraphs[0]._p.get_or_add_pPr(), "w:outlineLvl", val="0")
    document.add_heading("Body after all", 1)
    _with(document.paragraphs[1]._p.get_or_add_pPr(), "w:outlineLvl", val="9")
    assert headings(_parsed(document)) == [("Scope",)]


def test_chinese_numbering_makes_headings_where_no_style_does(document: Document) -> None:
    for text in ("第一章 总则", "第一条 为了规范公司的组织和行为，制定本法。", "第二条", "内容。"):
        document.add_paragraph(text)
    result = _parsed(document, "公司法.docx")
    assert headings(result) == [("第一章 总则",), ("第一章 总则", "第二条")]
    assert result.title == "公司法"


def test_numbered_text_stays_text_where_styles_are_used(document: Document) -> None:
    document.add_heading("条例", 1)
    document.add_paragraph("第一章 总则")
    assert headings(_parsed(document)) == [("条例",)]


def test_tables_are_markdown_and_merged_cells_repeat(document: Document) -> None:
    table = document.add_table(rows=4, cols=3)
    rows = (("级别", "住宿|元", "备注"), ("A", "500", "一线"), ("A", "300", ""), ("", "", ""))
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    table.cell(2, 0).text = ""
    table.cell(1, 0).merge(table.cell(2, 0))
    assert texts(_parsed(document).blocks, BlockKind.TABLE) == [
        "| 级别 | 住宿\\|元 | 备注 |\n|---|---|---|\n| A | 500 | 一线 |\n| A | 300 | |"
    ]


def test_a_row_that_is_one_cell_stands_once(document: Document) -> None:
    table = document.add_table(rows=2, cols=2)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "Prices"
    table.cell(1, 0).text, table.cell(1, 1).text = "Tea", "3"
    assert texts(_parsed(document).blocks) == ["| Prices | |\n|---|---|\n| Tea | 3 |"]


def test_a_frame_around_text_is_no_table(document: Document) -> None:
    document.add_table(rows=1, cols=1).cell(0, 0).text = "Note: read this."
    assert [(b.kind, b.text) for b in _parsed(document).blocks] == [
        (BlockKind.TEXT, "Note: read this.")
    ]


def test_list_items_are_one_block_with_their_depth(document: Document) -> None:
    document.add_paragraph("需要：")
    document.add_paragraph("发票", style="List Bullet")
    document.add_paragraph("审批单", style="List Bullet")
    _with(_with(document.paragraphs[2]._p.get_or_add_pPr(), "w:numPr"), "w:ilvl", val="1")
    document.add_paragraph("完。")
    assert texts(_parsed(document).blocks) == ["需要：", "- 发票\n  - 审批单", "完。"]


def test_what_a_reader_does_not_see_is_left_out(document: Document) -> None:
    paragraph = document.add_paragraph("Visible.")
    paragraph.add_run(" Hidden.").font.hidden = True
    deleted = _with(_with(_with(paragraph._p, "w:del"), "w:r"), "w:delText")
    deleted.text = "Deleted."
    contents = document.styles.add_style("toc 1", WD_STYLE_TYPE.PARAGRAPH)
    document.add_paragraph("Visible\t1", style=contents)
    assert texts(_parsed(document).blocks) == ["Visible."]


def test_headers_and_footers_stand_once_at_the_end_without_page_numbers(
    document: Document,
) -> None:
    document.add_heading("Rules", 1)
    document.add_paragraph("One.")
    header = document.sections[0].header.paragraphs[0]
    header.text = "QMS-014 Rev. 3\tPage "
    _with(header._p, "w:fldSimple", instr=" PAGE ").append(header.add_run("7")._r)
    footer = document.sections[0].footer.paragraphs[0]
    for kind, text in (("begin", ""), ("", " NUMPAGES "), ("separate", ""), ("end", "")):
        run = footer.add_run()._r
        if kind:
            _with(run, "w:fldChar", fldCharType=kind)
        else:
            _with(run, "w:instrText").text = text
        if kind == "separate":
            footer.add_run("99")
    document.add_section()
    document.sections[1].header.is_linked_to_previous = False
    document.sections[1].header.paragraphs[0].text = "Rules"
    document.sections[0].first_page_header.paragraphs[0].text = "never shown"
    result = _parsed(document)
    assert texts(result.blocks) == ["Rules", "One.", "QMS-014 Rev. 3"]
    assert result.blocks[-1].heading_path == ()


_NOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.{}+xml"


def _note(document: Document, kind: str, text: str, *, number: int) -> None:
    """Add a part with a separator and one note, and refer to the note in the last paragraph."""
    root = OxmlElement(f"w:{kind}s")
    _with(root, f"w:{kind}", id="0", type="separator")
    note = _with(root, f"w:{kind}", id=str(number))
    _with(_with(_with(note, "w:p"), "w:r"), "w:t").text = text
    name = PackURI(f"/word/{kind}s.xml")
    part = Part(name, _NOTES.format(f"{kind}s"), serialize_part_xml(root), document.part.package)
    document.part.relate_to(part, f"{RELATIONSHIP_TYPE.FOOTNOTES.rpartition('/')[0]}/{kind}s")
    _with(document.paragraphs[-1].add_run()._r, f"w:{kind}Reference", id=str(number))


def test_notes_follow_what_refers_to_them(document: Document) -> None:
    document.add_paragraph("Hotels up to 600 yuan", style="List Bullet")
    _note(document, "footnote", "Except in May.", number=2)
    document.add_paragraph("Trains", style="List Bullet")
    document.add_paragraph("End.")
    _note(document, "endnote", "See annex.", number=7)
    assert texts(_parsed(document).blocks) == [
        "- Hotels up to 600 yuan ¹\n- Trains",
        "¹ Except in May.",
        "End. ⁱ",
        "ⁱ See annex.",
    ]


def test_charts_and_diagrams_are_read(document: Document) -> None:
    drawing = "http://schemas.openxmlformats.org/drawingml/2006/"
    chart = (
        f'<c:chartSpace xmlns:c="{drawing}chart" xmlns:a="{drawing}main"><c:chart><c:title><c:tx>'
        "<c:rich><a:p><a:r><a:t>Growth</a:t></a:r></a:p></c:rich></c:tx></c:title><c:ser><c:tx>"
        "<c:v>2025</c:v></c:tx><c:cat><c:multiLvlStrRef><c:multiLvlStrCache><c:lvl>"
        '<c:pt idx="0"><c:v>Q1</c:v></c:pt></c:lvl><c:lvl><c:pt idx="0"><c:v>East</c:v></c:pt>'
        "</c:lvl></c:multiLvlStrCache></c:multiLvlStrRef></c:cat><c:val><c:numCache>"
        '<c:formatCode>0.0%</c:formatCode><c:pt idx="0"><c:v>0.125</c:v></c:pt>'
        "</c:numCache></c:val></c:ser></c:chart></c:chartSpace>"
    )
    diagram = (
        f'<dgm:dataModel xmlns:dgm="{drawing}diagram" xmlns:a="{drawing}main"><dgm:t><a:p><a:r>'
        "<a:t>Apply</a:t></a:r></a:p></dgm:t></dgm:dataModel>"
    )
    run = document.add_paragraph("See:").add_run()._r
    for kind, tag, key, xml in (
        ("chart", "chart", "id", chart), ("diagram", "relIds", "dm", diagram)
    ):  # fmt: skip
        package = document.part.package
        part = Part(PackURI(f"/word/{kind}.xml"), "application/xml", xml.encode(), package)
        relation = document.part.relate_to(part, f"{RELATIONSHIP_TYPE.CHART}{kind}")
        space = f"{drawing}{kind}"
        for target in (relation, "rId999"):
            run.append(parse_xml(f'<x:{tag} xmlns:x="{space}" {nsdecls("r")} r:{key}="{target}"/>'))
    assert texts(_parsed(document).blocks) == [
        "See:",
        "Growth",
        "| | 2025 |\n|---|---|\n| East Q1 | 12.5% |",
        "- Apply",
    ]


def test_text_boxes_and_content_controls_are_read(document: Document) -> None:
    run = document.add_paragraph("Before.").add_run()
    box = _with(_with(run._r, "w:pict"), "w:txbxContent")
    _with(_with(_with(box, "w:p"), "w:r"), "w:t").text = "In the box."
    body = document.element.body
    control = _with(_with(body, "w:sdt"), "w:sdtContent")
    _with(_with(_with(control, "w:p"), "w:r"), "w:t").text = "In the control."
    assert texts(_parsed(document).blocks) == ["Before.", "In the box.", "In the control."]


def test_the_title_of_the_metadata_is_taken_if_it_is_one(document: Document) -> None:
    document.add_paragraph("text")
    document.core_properties.title = "Travel Policy 2025"
    assert _parsed(document).title == "Travel Policy 2025"
    document.core_properties.title = "Document1.docx"
    assert _parsed(document, "差旅规定.docx").title == "差旅规定"


def test_a_document_without_text_is_empty(document: Document) -> None:
    with pytest.raises(EmptyDocument, match=r"file.docx: holds no text"):
        _parsed(document)
