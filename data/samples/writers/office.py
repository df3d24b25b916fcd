"""Word, PowerPoint and Excel files whose bytes depend on their contents alone."""

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import yaml
from docx import Document
from docx.oxml.ns import qn
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from pptx import Presentation
from pptx.util import Inches, Pt

from writers.source import (
    AUTHOR,
    Block,
    Heading,
    Items,
    Paragraph,
    Sample,
    Table,
    lines_of,
    parse_blocks,
)

MADE_AT = datetime(2025, 7, 31, 8, 0)
FILE_TIME = (2025, 7, 31, 8, 0, 0)


def docx_bytes(sample: Sample) -> bytes:
    """Render a Word document with heading, list and table styles."""
    document = Document()
    set_properties(document.core_properties, sample)
    fonts = document.styles["Normal"].element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), "Microsoft YaHei")
    for block in parse_blocks(sample.body):
        _add_to_docx(document, block)
    buffer = io.BytesIO()
    document.save(buffer)
    return with_fixed_times(buffer.getvalue())


def _add_to_docx(document: Any, block: Block) -> None:  # noqa: ANN401 - untyped library
    match block:
        case Heading(level, text):
            document.add_heading(text, level=level - 1)
        case Paragraph(text):
            document.add_paragraph(text)
        case Items(ordered, texts):
            for text in texts:
                document.add_paragraph(text, style="List Number" if ordered else "List Bullet")
        case Table(rows):
            table = document.add_table(len(rows), len(rows[0]), style="Table Grid")
            for cells, row in zip(table.rows, rows, strict=True):
                for cell, text in zip(cells.cells, row, strict=True):
                    cell.text = text
            document.add_paragraph()


def pptx_bytes(sample: Sample) -> bytes:
    """Render a presentation: the title slide, then one slide for each heading of level 2."""
    presentation = Presentation()
    set_properties(presentation.core_properties, sample)
    heading, *blocks = parse_blocks(sample.body)
    first = next((i for i, block in enumerate(blocks) if isinstance(block, Heading)), len(blocks))
    slide = presentation.slides.add_slide(presentation.slide_layouts[0])
    slide.shapes.title.text = heading.text
    slide.placeholders[1].text = "\n".join(lines_of(blocks[:first]))
    for title, contents in _sections(blocks[first:]):
        _add_slide(presentation, title, contents)
    buffer = io.BytesIO()
    presentation.save(buffer)
    return with_fixed_times(buffer.getvalue())


def _sections(blocks: Sequence[Block]) -> list[tuple[str, list[Block]]]:
    sections: list[tuple[str, list[Block]]] = []
    for block in blocks:
        if isinstance(block, Heading):
            sections.append((block.text, []))
        else:
            sections[-1][1].append(block)
    return sections


def _add_slide(presentation: Any, title: str, blocks: Sequence[Block]) -> None:  # noqa: ANN401
    text = "\n".join(lines_of(blocks))
    slide = presentation.slides.add_slide(presentation.slide_layouts[1 if text else 5])
    slide.shapes.title.text = title
    tables = [block for block in blocks if isinstance(block, Table)]
    if text:
        body = slide.placeholders[1]
        top, height = (5.3, 1.6) if tables else (1.6, 5.0)
        body.left, body.top, body.width, body.height = map(Inches, (0.5, top, 9, height))
        body.text = text
        for paragraph in body.text_frame.paragraphs:
            paragraph.font.size = Pt(20)
    for block in tables:
        size = (len(block.rows), len(block.rows[0]))
        place = (Inches(0.5), Inches(1.6), Inches(9), Inches(0.5 * size[0]))
        table = slide.shapes.add_table(*size, *place).table
        for row, texts in enumerate(block.rows):
            for column, cell_text in enumerate(texts):
                table.cell(row, column).text = cell_text
                table.cell(row, column).text_frame.paragraphs[0].font.size = Pt(16)


def xlsx_bytes(sample: Sample) -> bytes:
    """Render a workbook; the body of its source is YAML with `sheets`."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    set_properties(workbook.properties, sample)
    for sheet in yaml.safe_load(sample.body)["sheets"]:
        worksheet = workbook.create_sheet(sheet["name"])
        for row in [sheet["header"], *sheet["rows"]]:
            worksheet.append(row)
        worksheet.freeze_panes = "A2"
        for number, column in enumerate(worksheet.columns, start=1):
            column[0].font = Font(bold=True)
            width = max(len(str(cell.value)) for cell in column) + 6
            worksheet.column_dimensions[get_column_letter(number)].width = width
    buffer = io.BytesIO()
    workbook.save(buffer)
    return with_fixed_times(buffer.getvalue())


def set_properties(properties: Any, sample: Sample) -> None:  # noqa: ANN401 - three libraries
    """Fill in the metadata that Word, PowerPoint and Excel files share."""
    properties.title = sample.title
    properties.subject = sample.subject
    properties.language = sample.language
    properties.creator = properties.author = properties.lastModifiedBy = AUTHOR
    properties.last_modified_by = AUTHOR
    properties.created = properties.modified = MADE_AT


def with_fixed_times(package: bytes) -> bytes:
    """Rewrite an Office package so that only its contents decide its bytes."""
    stamp = f">{MADE_AT.isoformat()}Z<".encode()
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(package)) as old,
        zipfile.ZipFile(buffer, "w") as new,
    ):
        for name in old.namelist():
            data = old.read(name)
            if name == "docProps/core.xml":
                # openpyxl writes the time of saving, whatever the properties say.
                data = re.sub(rb"(<dcterms:modified[^>]*)>[^<]*<", rb"\g<1>" + stamp, data)
            new.writestr(zipfile.ZipInfo(name, FILE_TIME), data, zipfile.ZIP_DEFLATED, 9)
    return buffer.getvalue()
