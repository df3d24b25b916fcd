import io
from typing import Any

import pptx
import pytest
from lxml import etree
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.oxml.ns import qn
from pptx.presentation import Presentation
from pptx.slide import Slide
from pptx.util import Inches

from ingest.errors import EmptyDocument
from ingest.records import ParsedDocument
from stores.records import BlockKind
from tests.ingest.builders import parsed, texts

_TITLE_AND_CONTENT, _BLANK = 1, 6
_CORNER = (Inches(0), Inches(0), Inches(1), Inches(1))


@pytest.fixture
def presentation() -> Presentation:
    return pptx.Presentation()


def _slide(presentation: Presentation, layout: int, title: str = "") -> Slide:
    slide: Slide = presentation.slides.add_slide(presentation.slide_layouts[layout])
    if slide.shapes.title is not None:
        slide.shapes.title.text_frame.text = title
    return slide


def _parsed(presentation: Presentation) -> ParsedDocument:
    buffer = io.BytesIO()
    presentation.save(buffer)
    return parsed("slides.pptx", buffer.getvalue())


def test_a_slide_is_a_page_under_its_title(presentation: Presentation) -> None:
    first = _slide(presentation, _TITLE_AND_CONTENT, "年度计划")
    first.placeholders[1].text_frame.text = "收入\n成本"
    first.placeholders[1].text_frame.paragraphs[1].level = 1
    second = _slide(presentation, _BLANK)
    second.shapes.add_textbox(*_CORNER).text_frame.text = "Appendix"
    second.notes_slide.notes_text_frame.text = "Say thanks."  # type: ignore[union-attr]
    blocks = _parsed(presentation).blocks
    assert [(b.kind, b.text, b.page, b.heading_path) for b in blocks] == [
        (BlockKind.HEADING, "年度计划", 1, ()),
        (BlockKind.LIST, "- 收入\n  - 成本", 1, ("年度计划",)),
        (BlockKind.TEXT, "Appendix", 2, ()),
        (BlockKind.TEXT, "Say thanks.", 2, ()),
    ]


def test_tables_and_groups_are_read_from_top_to_bottom(presentation: Presentation) -> None:
    slide = _slide(presentation, _BLANK)
    table = slide.shapes.add_table(2, 2, Inches(0), Inches(3), Inches(4), Inches(1)).table
    for position, text in enumerate(("城市", "城市", "A|B", "500")):
        table.cell(position // 2, position % 2).text = text
    table.cell(0, 0).merge(table.cell(0, 1))
    table.cell(0, 0).text = "标准"
    group = slide.shapes.add_group_shape()
    group.shapes.add_textbox(Inches(0), Inches(1), Inches(1), Inches(1)).text_frame.text = "above"
    assert texts(_parsed(presentation).blocks) == [
        "above",
        "| 标准 | |\n|---|---|\n| A\\|B | 500 |",
    ]


def test_charts_are_tables_with_their_titles(presentation: Presentation) -> None:
    make: Any = CategoryChartData  # the library leaves its types out
    data = make(number_format="0%")
    data.categories = ["东部", "West"]
    data.add_series("2024", (0.1, 0.25))
    data.add_series("2025", (0.2, None))
    frame: Any = _slide(presentation, _BLANK).shapes.add_chart(
        XL_CHART_TYPE.COLUMN_CLUSTERED, *_CORNER, data
    )
    frame.chart.has_title = True
    frame.chart.chart_title.text_frame.text = "Growth"
    assert texts(_parsed(presentation).blocks) == [
        "Growth",
        "| | 2024 | 2025 |\n|---|---|---|\n| 东部 | 10% | 20% |\n| West | 25% | |",
    ]


def test_diagrams_are_lists(presentation: Presentation) -> None:
    slide = _slide(presentation, _BLANK)
    table = slide.shapes.add_table(1, 1, *_CORNER)
    namespace = "http://schemas.openxmlformats.org/drawingml/2006/"
    points = "".join(
        f"<dgm:pt><dgm:t><a:p><a:r><a:t>{text}</a:t></a:r></a:p></dgm:t></dgm:pt>"
        for text in ("申请", "审批")
    )
    xml = (
        f'<dgm:dataModel xmlns:dgm="{namespace}diagram" xmlns:a="{namespace}main">'
        f"<dgm:ptLst>{points}<dgm:pt><dgm:t/></dgm:pt></dgm:ptLst></dgm:dataModel>"
    )
    name = PackURI("/ppt/diagrams/data1.xml")
    part = Part(name, "application/xml", slide.part.package, xml.encode())
    relation = slide.part.relate_to(part, f"{RT.OFFICE_DOCUMENT.rpartition('/')[0]}/diagramData")
    data = table._element.graphic.graphicData
    data.remove(data[0])
    data.set("uri", f"{namespace}diagram")
    for target in (relation, "rId99"):
        etree.SubElement(data, f"{{{namespace}diagram}}relIds").set(qn("r:dm"), target)
    assert texts(_parsed(presentation).blocks) == ["- 申请\n- 审批"]


def test_numbers_are_counted_per_level(presentation: Presentation) -> None:
    frame = _slide(presentation, _BLANK).shapes.add_textbox(*_CORNER).text_frame
    frame.text = "\n".join("abcdefgh")
    schemes = (
        (0, "arabicPeriod", "3"), (0, "arabicPeriod", "3"), (1, "alphaLcParenBoth", "1"),
        (1, "alphaLcParenBoth", "1"), (0, "arabicPeriod", "3"), (0, "", ""),
        (0, "arabicPeriod", "3"), (0, "ea1ChsPeriod", "10"),
    )  # fmt: skip
    for paragraph, (level, scheme, start) in zip(frame.paragraphs, schemes, strict=True):
        paragraph.level = level
        tag = "a:buAutoNum" if scheme else "a:buNone"
        node = etree.SubElement(paragraph._p.get_or_add_pPr(), qn(tag))
        if scheme:
            node.set("type", scheme)
            node.set("startAt", start)
    assert texts(_parsed(presentation).blocks) == [
        "3. a\n4. b\n  (a) c\n  (b) d\n5. e\n- f\n3. g\n十. h"
    ]


def test_hidden_slides_are_left_out_but_counted(presentation: Presentation) -> None:
    for text in ("one", "secret", "three"):
        slide = _slide(presentation, _BLANK)
        slide.shapes.add_textbox(*_CORNER).text_frame.text = text
        if text == "secret":
            slide.element.set("show", "0")
    assert [(b.text, b.page) for b in _parsed(presentation).blocks] == [("one", 1), ("three", 3)]


def test_a_presentation_without_text_is_empty(presentation: Presentation) -> None:
    _slide(presentation, _BLANK)
    with pytest.raises(EmptyDocument):
        _parsed(presentation)
