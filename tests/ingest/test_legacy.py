"""Formats that other programs convert, or that hold hardly more than text."""

import io
import shlex
import sys
import zipfile
from pathlib import Path

import pytest
from docx import Document

from ingest.errors import UnreadableFile, UnsupportedFormat
from ingest.parse.legacy import convert_legacy
from tests.ingest.builders import parsed, texts

OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"old"
_OFFICE = """#!{python}
import pathlib, shutil, sys
options = sys.argv[1:]
profile = options[0].removeprefix("-env:UserInstallation=file://")
settings = pathlib.Path(profile, "user", "registrymodifications.xcu").read_text()
assert "DisableMacrosExecution" in settings
out = pathlib.Path(options[options.index("--outdir") + 1])
out.mkdir()
assert pathlib.Path(options[-1]).suffix == ".doc"
{work}
"""


def _soffice(folder: Path, work: str) -> str:
    program = folder / "soffice"
    program.write_text(_OFFICE.format(python=sys.executable, work=work), encoding="utf-8")
    program.chmod(0o755)
    return str(program)


def _docx(folder: Path) -> Path:
    document = Document()
    document.add_paragraph("converted text")
    document.save(str(folder / "made.docx"))
    return folder / "made.docx"


def test_what_the_converter_makes_is_parsed(tmp_path: Path) -> None:
    made = shlex.quote(str(_docx(tmp_path)))
    program = _soffice(tmp_path, f"shutil.copy({made!r}, out / 'document.docx')")
    converted = convert_legacy(OLD, "rules.doc", find=lambda name: program)
    assert converted is not None
    assert texts(parsed("rules.doc", converted.data).blocks) == ["converted text"]
    assert converted.media_type == "application/msword"


@pytest.mark.parametrize("work", ["sys.exit(1)", "pass"])
def test_a_file_that_cannot_be_converted_says_so(tmp_path: Path, work: str) -> None:
    program = _soffice(tmp_path, work)
    with pytest.raises(UnreadableFile, match=r"a.doc: LibreOffice could not convert it"):
        convert_legacy(OLD, "a.doc", find=lambda name: program)


def test_without_the_converter_the_message_names_both_ways() -> None:
    with pytest.raises(UnsupportedFormat, match=r"install it, or save the file as .xlsx"):
        convert_legacy(OLD, "a.xls", find=lambda name: None)


@pytest.mark.parametrize("name", ["a.docx", "a.txt"])
def test_other_files_are_not_converted(name: str) -> None:
    assert convert_legacy(b"text", name, find=lambda name: None) is None


def test_an_old_file_that_nobody_converted_says_what_to_do() -> None:
    with pytest.raises(
        UnsupportedFormat, match=r"a.ppt: .* save it as .pptx, or load it by itself"
    ):
        parsed("a.ppt", OLD)


def test_rich_text_gives_its_paragraphs_in_its_code_page() -> None:
    chinese = "".join(f"\\'{byte:02x}" for byte in "年休假".encode("gbk"))
    data = rf"{{\rtf1\ansi\ansicpg936 {{\b First}} paragraph.\par {chinese} \u24403?\par}}"
    result = parsed("a.rtf", data)
    assert texts(result.blocks) == ["First paragraph.", "年休假 当"]
    assert result.media_type == "application/rtf"


def test_office_files_saved_as_strict_are_read(tmp_path: Path) -> None:
    strict = io.BytesIO()
    with zipfile.ZipFile(_docx(tmp_path)) as package, zipfile.ZipFile(strict, "w") as changed:
        for name in package.namelist():
            data = package.read(name)
            for part in (b"officeDocument", b"wordprocessingml"):
                data = data.replace(
                    b"http://schemas.openxmlformats.org/" + part + b"/2006/",
                    b"http://purl.oclc.org/ooxml/" + part + b"/",
                )
            changed.writestr(name, data)
    assert texts(parsed("a.docx", strict.getvalue()).blocks) == ["converted text"]
